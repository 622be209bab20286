#include "daemon/waiters.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/support.h"

/* In place of libmicrohttpd's: what is suspended and resumed is counted. */
static int suspended;

void MHD_suspend_connection(struct MHD_Connection *connection)
{
    (void)connection;
    suspended++;
}

void MHD_resume_connection(struct MHD_Connection *connection)
{
    (void)connection;
    suspended--;
}

static void on_resumed(void *arg)
{
    ++*(int *)arg;
}

static void join(struct waiters *waiters, struct request *request, int64_t wait_ms)
{
    struct problem problem;

    *request = (struct request){.begun = true};
    ck_assert_int_eq(waiters_join(waiters, request, wait_ms, &problem), 0);
    ck_assert_int_eq(request->wait.state, WAIT_SUSPENDED);
}

/* A loop and who waits on it; runs counts how often MHD had to run. */
struct bench {
    struct waiters waiters;
    struct ev_loop *ev;
    int runs;
};

static void bench_make(struct bench *bench)
{
    suspended = 0;
    bench->runs = 0;
    bench->ev = ev_loop_new(EVFLAG_AUTO);
    waiters_init(&bench->waiters, bench->ev, on_resumed, &bench->runs);
}

static void bench_remove(struct bench *bench)
{
    waiters_end(&bench->waiters);
    ck_assert_int_eq(suspended, 0);
    ck_assert_uint_eq(bench->waiters.count, 0);
    /* Nothing keeps the loop. */
    ev_run(bench->ev, 0);
    ev_loop_destroy(bench->ev);
}

START_TEST(a_tick_resumes_all)
{
    struct request requests[3];
    struct bench bench;

    bench_make(&bench);
    waiters_resume(&bench.waiters);
    for (int i = 0; i < 3; i++)
        join(&bench.waiters, &requests[i], 1000 - i);
    ck_assert_int_eq(suspended, 3);
    waiters_resume(&bench.waiters);
    ck_assert_int_eq(suspended, 0);
    ck_assert_uint_eq(bench.waiters.count, 0);
    ck_assert_ptr_null(bench.waiters.first);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(requests[i].wait.state, WAIT_OVER);
    bench_remove(&bench);
}
END_TEST

START_TEST(those_whose_time_is_over_are_resumed)
{
    struct request requests[4];
    struct bench bench;

    bench_make(&bench);
    for (int i = 0; i < 4; i++)
        join(&bench.waiters, &requests[i], i % 2 ? 60000 : 20 + i);
    ev_run(bench.ev, EVRUN_ONCE);
    while (suspended > 2)
        ev_run(bench.ev, EVRUN_ONCE);
    ck_assert_int_ge(bench.runs, 1);
    ck_assert_uint_eq(bench.waiters.count, 2);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(requests[i].wait.state, i % 2 ? WAIT_SUSPENDED : WAIT_OVER);
    bench_remove(&bench);
}
END_TEST

/* The timer of one that left before its time finds the others early, and goes on. */
START_TEST(an_early_timer_resumes_nobody)
{
    struct request requests[2];
    struct bench bench;

    bench_make(&bench);
    join(&bench.waiters, &requests[0], 5);
    join(&bench.waiters, &requests[1], 60000);
    waiters_leave(&bench.waiters, &requests[0]);
    suspended--; /* its connection is gone */
    ev_run(bench.ev, EVRUN_ONCE);
    ck_assert_int_eq(suspended, 1);
    ck_assert_int_eq(requests[1].wait.state, WAIT_SUSPENDED);
    ck_assert(ev_is_active(&bench.waiters.timer));
    bench_remove(&bench);
}
END_TEST

/* First, last and in the middle; twice does no harm. */
START_TEST(who_leaves_is_not_resumed)
{
    struct request requests[3];

    for (int gone = 0; gone < 3; gone++) {
        struct bench bench;

        bench_make(&bench);
        for (int i = 0; i < 3; i++)
            join(&bench.waiters, &requests[i], 1000);
        waiters_leave(&bench.waiters, &requests[gone]);
        waiters_leave(&bench.waiters, &requests[gone]);
        ck_assert_uint_eq(bench.waiters.count, 2);
        waiters_resume(&bench.waiters);
        ck_assert_int_eq(suspended, 1);
        suspended--;
        bench_remove(&bench);
    }
}
END_TEST

START_TEST(so_many_wait_and_no_more)
{
    static struct request requests[WAITERS_MAX + 1];
    struct problem problem;
    struct bench bench;

    bench_make(&bench);
    for (int i = 0; i < WAITERS_MAX; i++)
        join(&bench.waiters, &requests[i], 1000 + i);
    ck_assert_int_eq(waiters_join(&bench.waiters, &requests[WAITERS_MAX], 1, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, 503);
    ck_assert_int_eq(requests[WAITERS_MAX].wait.state, WAIT_NONE);
    waiters_leave(&bench.waiters, &requests[WAITERS_MAX]);
    ck_assert_uint_eq(bench.waiters.count, WAITERS_MAX);
    waiters_end(&bench.waiters);
    ck_assert(bench.waiters.ended);
    bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("waiters", a_tick_resumes_all, those_whose_time_is_over_are_resumed,
                     an_early_timer_resumes_nobody, who_leaves_is_not_resumed,
                     so_many_wait_and_no_more);
}

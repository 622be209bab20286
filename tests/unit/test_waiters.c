#include "daemon/waiters.h"

#include <errno.h>
#include <string.h>

#include "daemon/clock.h"
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

/* A loop and who waits on it; runs counts how often MHD had to run. */
struct bench {
    struct waiters waiters;
    struct ev_loop *ev;
    int runs, resumed, most_resumed;
    int64_t run_ns; /* what a run takes */
};

static void on_resumed(void *arg)
{
    struct bench *bench = arg;
    int64_t end_ns = clock_mono_ns() + bench->run_ns;

    bench->runs++;
    while (clock_mono_ns() < end_ns)
        ;
}

/* A turn of the loop; notes how many were resumed in it. */
static void turn(struct bench *bench)
{
    int before = suspended;

    ev_run(bench->ev, EVRUN_ONCE);
    bench->resumed = before - suspended;
    if (bench->resumed > bench->most_resumed)
        bench->most_resumed = bench->resumed;
}

static void join(struct waiters *waiters, struct request *request, int64_t wait_ms)
{
    struct problem problem;

    *request = (struct request){.begun = true};
    ck_assert_int_eq(waiters_join(waiters, request, wait_ms, &problem), 0);
    ck_assert_int_eq(request->wait.state, WAIT_SUSPENDED);
}

static void bench_make(struct bench *bench)
{
    suspended = 0;
    *bench = (struct bench){.ev = ev_loop_new(EVFLAG_AUTO)};
    waiters_init(&bench->waiters, bench->ev, on_resumed, bench);
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
    ck_assert_int_eq(suspended, 3);
    turn(&bench);
    ck_assert_int_eq(suspended, 0);
    ck_assert_uint_eq(bench.waiters.count, 0);
    ck_assert_ptr_null(bench.waiters.waiting.first);
    ck_assert_ptr_null(bench.waiters.due.first);
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
        if (gone == 0)
            waiters_leave(&bench.waiters, &requests[1]);
        turn(&bench);
        ck_assert_int_eq(suspended, gone == 0 ? 2 : 1);
        suspended = 0;
        bench_remove(&bench);
    }
}
END_TEST

/* However many are due, and whatever their answers cost: a turn ends, and they keep their order. */
START_TEST(a_turn_resumes_a_few_in_their_order)
{
    static struct request requests[WAITERS_MAX];
    struct bench bench;
    int turns = 0;

    bench_make(&bench);
    bench.run_ns = 3 * NS_PER_MS;
    for (int i = 0; i < 200; i++)
        join(&bench.waiters, &requests[i], 60000 - i);
    waiters_resume(&bench.waiters);
    for (int resumed = 0; suspended > 0; turns++) {
        turn(&bench);
        resumed += bench.resumed;
        for (int i = 0; i < 200; i++)
            ck_assert_int_eq(requests[i].wait.state, i < resumed ? WAIT_OVER : WAIT_SUSPENDED);
    }
    ck_assert_int_le(bench.most_resumed, 8);
    ck_assert_int_eq(bench.runs, 25);
    /* What is cheap does not take so many turns. */
    bench.run_ns = 0;
    for (int i = 0; i < WAITERS_MAX; i++)
        join(&bench.waiters, &requests[i], 60000);
    waiters_resume(&bench.waiters);
    for (turns = 0; suspended > 0; turns++)
        turn(&bench);
    ck_assert_int_lt(turns, 50);
    bench_remove(&bench);
}
END_TEST

/* Who asks again while others are still due waits for the next tick. */
START_TEST(later_ones_are_not_swept_in)
{
    struct request requests[40];
    struct bench bench;

    bench_make(&bench);
    bench.run_ns = 3 * NS_PER_MS;
    for (int i = 0; i < 30; i++)
        join(&bench.waiters, &requests[i], 60000);
    waiters_resume(&bench.waiters);
    turn(&bench);
    for (int i = 30; i < 40; i++)
        join(&bench.waiters, &requests[i], 60000);
    while (bench.waiters.due.first)
        turn(&bench);
    ck_assert_int_eq(suspended, 10);
    for (int i = 30; i < 40; i++)
        ck_assert_int_eq(requests[i].wait.state, WAIT_SUSPENDED);
    /* All end, also in the midst of the turns. */
    waiters_resume(&bench.waiters);
    turn(&bench);
    ck_assert_int_eq(suspended, 2);
    bench_remove(&bench);
}
END_TEST

/* Only an earlier end moves the timer. */
START_TEST(a_join_rearms_only_for_an_earlier_end)
{
    struct request requests[3];
    struct bench bench;
    int64_t armed_ns;

    bench_make(&bench);
    join(&bench.waiters, &requests[0], 60000);
    armed_ns = bench.waiters.armed_ns;
    ck_assert_int_eq(armed_ns, requests[0].wait.until_ns);
    join(&bench.waiters, &requests[1], 60001);
    ck_assert_int_eq(bench.waiters.armed_ns, armed_ns);
    join(&bench.waiters, &requests[2], 5);
    ck_assert_int_eq(bench.waiters.armed_ns, requests[2].wait.until_ns);
    while (suspended > 2)
        turn(&bench);
    ck_assert_int_eq(bench.waiters.armed_ns, armed_ns);
    bench_remove(&bench);
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
                     a_turn_resumes_a_few_in_their_order, later_ones_are_not_swept_in,
                     a_join_rearms_only_for_an_earlier_end, so_many_wait_and_no_more);
}

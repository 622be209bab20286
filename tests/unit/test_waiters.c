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

static void join(struct waiters *waiters, struct request *request, int64_t until_ns)
{
    struct problem problem;

    *request = (struct request){.begun = true};
    ck_assert_int_eq(waiters_join(waiters, request, until_ns, &problem), 0);
    ck_assert_int_eq(request->wait.state, WAIT_SUSPENDED);
}

START_TEST(a_tick_resumes_all)
{
    struct waiters waiters = {.count = 0};
    struct request requests[3];

    suspended = 0;
    ck_assert_int_eq(waiters_next_ns(&waiters), INT64_MAX);
    waiters_resume(&waiters);
    for (int i = 0; i < 3; i++)
        join(&waiters, &requests[i], 100 - i);
    ck_assert_int_eq(suspended, 3);
    waiters_resume(&waiters);
    ck_assert_int_eq(suspended, 0);
    ck_assert_uint_eq(waiters.count, 0);
    ck_assert_ptr_null(waiters.first);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(requests[i].wait.state, WAIT_OVER);
    ck_assert_int_eq(waiters_next_ns(&waiters), INT64_MAX);
}
END_TEST

START_TEST(those_whose_time_is_over_are_resumed)
{
    struct waiters waiters = {.count = 0};
    struct request requests[4];

    suspended = 0;
    for (int i = 0; i < 4; i++)
        join(&waiters, &requests[i], 10 * (i ^ 1));
    ck_assert_int_eq(waiters_next_ns(&waiters), 0);
    waiters_resume_due(&waiters, 15);
    ck_assert_int_eq(suspended, 2);
    ck_assert_int_eq(requests[0].wait.state, WAIT_OVER);
    ck_assert_int_eq(requests[1].wait.state, WAIT_OVER);
    ck_assert_int_eq(requests[2].wait.state, WAIT_SUSPENDED);
    ck_assert_int_eq(waiters_next_ns(&waiters), 20);
    waiters_resume_due(&waiters, 20);
    ck_assert_int_eq(requests[3].wait.state, WAIT_OVER);
    ck_assert_int_eq(waiters_next_ns(&waiters), 30);
    waiters_resume_due(&waiters, 1000);
    ck_assert_int_eq(suspended, 0);
    ck_assert_uint_eq(waiters.count, 0);
}
END_TEST

/* First, last and in the middle; twice does no harm. */
START_TEST(who_leaves_is_not_resumed)
{
    struct waiters waiters = {.count = 0};
    struct request requests[3];

    for (int gone = 0; gone < 3; gone++) {
        suspended = 0;
        for (int i = 0; i < 3; i++)
            join(&waiters, &requests[i], 10);
        waiters_leave(&waiters, &requests[gone]);
        waiters_leave(&waiters, &requests[gone]);
        ck_assert_uint_eq(waiters.count, 2);
        waiters_resume(&waiters);
        ck_assert_int_eq(suspended, 1);
        ck_assert_uint_eq(waiters.count, 0);
    }
}
END_TEST

START_TEST(so_many_wait_and_no_more)
{
    static struct request requests[WAITERS_MAX + 1];
    struct waiters waiters = {.count = 0};
    struct problem problem;

    for (int i = 0; i < WAITERS_MAX; i++)
        join(&waiters, &requests[i], i);
    ck_assert_int_eq(waiters_join(&waiters, &requests[WAITERS_MAX], 1, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, 503);
    ck_assert_int_eq(requests[WAITERS_MAX].wait.state, WAIT_NONE);
    waiters_leave(&waiters, &requests[WAITERS_MAX]);
    ck_assert_uint_eq(waiters.count, WAITERS_MAX);
    waiters_end(&waiters);
    ck_assert(waiters.ended);
    ck_assert_uint_eq(waiters.count, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("waiters", a_tick_resumes_all, those_whose_time_is_over_are_resumed,
                     who_leaves_is_not_resumed, so_many_wait_and_no_more);
}

#include "collectors/system/process_fds.h"

#include <unistd.h>

#include "tests/unit/fake_runner.h"
#include "tests/unit/support.h"

#define MORE 5

static uint64_t ask(struct process_fds *fds, struct fake_runner *runner)
{
    uint64_t count = 0;

    process_fds_ask(fds, &runner->runner);
    ck_assert(process_fds_take(fds, &count));
    ck_assert(!process_fds_take(fds, &count));
    return count;
}

/* What more descriptors do to the number, counted one way or the other. */
static uint64_t expect_more(bool listed)
{
    struct fake_runner runner;
    struct process_fds fds;
    uint64_t before;
    int more[MORE];

    fake_runner_init(&runner);
    ck_assert_int_eq(process_fds_init(&fds, listed), 0);
    before = ask(&fds, &runner);
    for (unsigned index = 0; index < MORE; index++) {
        more[index] = dup(STDERR_FILENO);
        ck_assert_int_ge(more[index], 0);
    }
    ck_assert_uint_eq(ask(&fds, &runner), before + MORE);
    for (unsigned index = 0; index < MORE; index++)
        close(more[index]);
    ck_assert_uint_eq(ask(&fds, &runner), before);
    process_fds_finish(&fds);
    fake_runner_finish(&runner);
    return before;
}

START_TEST(listing_and_asking_say_the_same)
{
    uint64_t listed = expect_more(true);

    ck_assert_uint_ge(listed, 3);
    if (process_fds_are_counted())
        ck_assert_uint_eq(expect_more(false), listed);
}
END_TEST

START_TEST(a_listing_that_takes_its_time_is_waited_for)
{
    struct fake_runner runner;
    struct process_fds fds;
    uint64_t count;

    fake_runner_init(&runner);
    runner.held = true;
    ck_assert_int_eq(process_fds_init(&fds, true), 0);
    ck_assert(!process_fds_take(&fds, &count));
    process_fds_ask(&fds, &runner.runner);
    process_fds_ask(&fds, &runner.runner);
    ck_assert_uint_eq(runner.submitted, 1);
    ck_assert(!process_fds_take(&fds, &count));
    fake_runner_let_go(&runner);
    ck_assert(process_fds_take(&fds, &count));
    ck_assert_uint_ge(count, 3);
    process_fds_finish(&fds);
    fake_runner_finish(&runner);
}
END_TEST

START_TEST(it_may_end_while_the_listing_goes_on)
{
    struct fake_runner runner;
    struct process_fds fds;

    fake_runner_init(&runner);
    runner.held = true;
    ck_assert_int_eq(process_fds_init(&fds, true), 0);
    process_fds_ask(&fds, &runner.runner);
    process_fds_finish(&fds);
    fake_runner_let_go(&runner);
    fake_runner_finish(&runner);
    process_fds_finish(&(struct process_fds){0});
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_fds", listing_and_asking_say_the_same,
                     a_listing_that_takes_its_time_is_waited_for,
                     it_may_end_while_the_listing_goes_on);
}

#include "daemon/descriptors.h"

#include <sys/resource.h>

#include "tests/unit/support.h"

static void set_limit(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = {soft, hard};

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft_limit(void)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

/* Beside 256, a quarter of all but at most 1,024 is for the files of processes. */
static void expect_room_for_connections(void)
{
    set_limit(200, 3000);
    ck_assert_uint_eq(descriptors_for_connections(500, 16384), 500);
    ck_assert_uint_eq(soft_limit(), 500 + 256 + 1024);
    ck_assert_uint_eq(descriptors_for_connections(0, 16384), 3000 - 256 - 750);
    set_limit(200, 1000);
    ck_assert_uint_eq(descriptors_for_connections(600, 16384), 1000 - 256 - 250);
    set_limit(200, 600);
    ck_assert_uint_eq(descriptors_for_connections(0, 16384), 256);
}

/* In one test, as a hard limit is lowered for good. */
START_TEST(the_soft_limit_is_raised_to_what_is_wanted)
{
    expect_room_for_connections();
    set_limit(200, 400);
    ck_assert_uint_eq(descriptors_raise(300), 300);
    ck_assert_uint_eq(soft_limit(), 300);
    /* Never lowered. */
    ck_assert_uint_eq(descriptors_raise(100), 100);
    ck_assert_uint_eq(soft_limit(), 300);
    /* No further than the hard limit. */
    ck_assert_uint_eq(descriptors_raise(1000), 400);
    ck_assert_uint_eq(soft_limit(), 400);
    ck_assert_uint_eq(descriptors_raise(1000), 400);
}
END_TEST

int main(void)
{
    return RUN_TESTS("descriptors", the_soft_limit_is_raised_to_what_is_wanted);
}

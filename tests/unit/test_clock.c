#include "daemon/clock.h"

#include <time.h>

#include "tests/unit/support.h"

static struct clock_reading count_up(void *arg)
{
    int64_t *count = arg;

    ++*count;
    return (struct clock_reading){*count, *count * 10, *count * 100};
}

START_TEST(the_kernels_clocks_go_on)
{
    struct clock_reading first = clock_now(), second;
    struct timespec real;

    nanosleep(&(struct timespec){.tv_nsec = 2 * NS_PER_MS}, NULL);
    second = clock_now();
    ck_assert_int_ge(second.mono_ns - first.mono_ns, 2 * NS_PER_MS);
    ck_assert_int_ge(second.boot_ns - first.boot_ns, 2 * NS_PER_MS);
    ck_assert_int_ge(second.boot_ns, second.mono_ns - NS_PER_SECOND);
    ck_assert_int_ge(clock_mono_ns(), second.mono_ns);
    clock_gettime(CLOCK_REALTIME, &real);
    ck_assert_int_le(second.real_ns / NS_PER_SECOND, real.tv_sec);
    ck_assert_int_ge(second.real_ns / NS_PER_SECOND, real.tv_sec - 10);
}
END_TEST

START_TEST(a_test_may_replace_them)
{
    int64_t count = 0;
    struct clock_reading now;

    clock_replace(count_up, &count);
    now = clock_now();
    ck_assert_int_eq(now.real_ns, 1);
    ck_assert_int_eq(now.mono_ns, 10);
    ck_assert_int_eq(now.boot_ns, 100);
    ck_assert_int_eq(clock_mono_ns(), 20);
    clock_replace(NULL, NULL);
    ck_assert_int_gt(clock_now().real_ns, NS_PER_SECOND);
    ck_assert_int_eq(count, 2);
}
END_TEST

int main(void)
{
    return RUN_TESTS("clock", the_kernels_clocks_go_on, a_test_may_replace_them);
}

#include "daemon/statsd_buffer.h"

#include "tests/unit/support.h"

#define SERIES 4000

static struct statsd_buffer buffer;

/* Tells of so many buckets of a series; gives how many of them there was room for. */
static int add(uint32_t series, int count)
{
    int taken = 0;

    statsd_buffer_touch(&buffer, series);
    for (int i = 0; i < count; i++)
        taken += statsd_buffer_add(&buffer, series, (int16_t)i, 1);
    return taken;
}

/* Whatever others take first, and each time anew. */
START_TEST(no_histogram_goes_without_buckets)
{
    ck_assert_int_eq(statsd_buffer_init(&buffer, SERIES, 1), 0);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_gt(add(0, 1000), 800);
        for (uint32_t series = 1; series < 50; series++)
            ck_assert_int_gt(add(series, 1000), 10);
        for (uint32_t series = 50; series < 150; series++)
            ck_assert_int_eq(add(series, 4), 4);
        for (uint32_t series = 150; series < 400; series++)
            ck_assert_int_ge(add(series, 2), 1);
        /* What is there grows on. */
        ck_assert_int_gt(add(0, 1000), 800);
        statsd_buffer_clear(&buffer);
    }
    statsd_buffer_finish(&buffer);
}
END_TEST

START_TEST(buckets_are_limited_in_all)
{
    struct histogram_pair pairs[STATSD_BUCKETS_MAX];
    size_t sum = 0;

    ck_assert_int_eq(statsd_buffer_init(&buffer, SERIES, 1), 0);
    for (uint32_t series = 0; series < SERIES; series++) {
        const int taken = add(series, 30);

        ck_assert_uint_eq(statsd_buffer_pairs(&buffer, series, pairs), (size_t)taken);
        sum += (size_t)taken;
    }
    ck_assert_uint_eq(sum, STATSD_BUCKETS_MAX);
    ck_assert_int_eq(add(SERIES - 1, 1), 0);
    statsd_buffer_finish(&buffer);
}
END_TEST

int main(void)
{
    return RUN_TESTS("statsd_buffer", no_histogram_goes_without_buckets,
                     buckets_are_limited_in_all);
}

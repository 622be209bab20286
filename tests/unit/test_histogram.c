#include "daemon/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

#define VALUES 5000

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static void add(struct histogram *histogram, double value, uint32_t increment)
{
    const struct histogram_pair pair = {histogram_bucket(value), increment};

    ck_assert_int_eq(histogram_add(histogram, &pair, 1), 0);
}

static void expect_close(double found, double wanted)
{
    ck_assert_double_le(fabs(found - wanted), 0.0100001 * wanted);
}

/* Each quantile of these values, which are sorted here, is the one that a full list has. */
static void expect_quantiles(double *values)
{
    static const double quantiles[] = {0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1};
    struct histogram histogram = {0};

    for (size_t i = 0; i < VALUES; i++)
        add(&histogram, values[i], 1);
    qsort(values, VALUES, sizeof *values, compare);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        double rank = ceil(quantiles[i] * VALUES);
        size_t at = rank < 1 ? 0 : (size_t)rank - 1;

        expect_close(histogram_quantile(&histogram, quantiles[i]), values[at]);
    }
    histogram_finish(&histogram);
}

START_TEST(a_bucket_stands_for_its_values_to_one_in_a_hundred)
{
    for (double value = 1e-280; value < 1e280; value *= 1.137) {
        int16_t bucket = histogram_bucket(value);

        expect_close(histogram_value(bucket), value);
        /* In its bounds, but for what the logarithm rounds. */
        ck_assert_double_le(value, pow(1.01 / 0.99, bucket) * (1 + 1e-9));
        ck_assert_double_gt(value, pow(1.01 / 0.99, bucket - 1) * (1 - 1e-9));
    }
    ck_assert_int_eq(histogram_bucket(1.0), 0);
    ck_assert_int_eq(histogram_bucket(1.01), 1);
    ck_assert_int_eq(histogram_bucket(0.99), 0);
}
END_TEST

START_TEST(what_has_no_logarithm_has_a_bucket_too)
{
    ck_assert_int_eq(histogram_bucket(0.0), HISTOGRAM_ZERO);
    ck_assert_int_eq(histogram_bucket(-1.0), HISTOGRAM_ZERO);
    ck_assert_int_eq(histogram_bucket(NAN), HISTOGRAM_ZERO);
    ck_assert_int_eq(histogram_bucket(-INFINITY), HISTOGRAM_ZERO);
    ck_assert_int_eq(histogram_bucket(INFINITY), INT16_MAX);
    ck_assert_int_eq(histogram_bucket(1e308), INT16_MAX);
    ck_assert_int_eq(histogram_bucket(5e-324), INT16_MIN + 1);
    ck_assert_double_eq(histogram_value(HISTOGRAM_ZERO), 0.0);
    ck_assert(isfinite(histogram_value(INT16_MAX)));
    ck_assert_double_gt(histogram_value(INT16_MIN + 1), 0.0);
}
END_TEST

/* Evenly spread, exponential, and two humps with nothing between them. */
START_TEST(quantiles_of_known_distributions)
{
    static double values[VALUES];

    for (size_t i = 0; i < VALUES; i++)
        values[i] = 0.001 * (double)(i + 1);
    expect_quantiles(values);
    for (size_t i = 0; i < VALUES; i++)
        values[i] = -0.05 * log(((double)i + 0.5) / VALUES);
    expect_quantiles(values);
    for (size_t i = 0; i < VALUES; i++)
        values[i] = i % 10 == 0 ? 3.0 + 1e-4 * (double)i : 1e-3 + 1e-9 * (double)i;
    expect_quantiles(values);
}
END_TEST

static void expect_pair(const struct histogram_pair *pair, int bucket, uint32_t increment)
{
    ck_assert_int_eq(pair->bucket, bucket);
    ck_assert_uint_eq(pair->increment, increment);
}

START_TEST(parts_add_up_in_any_order)
{
    static const struct histogram_pair first[] = {{7, 1}, {-3, 2}, {7, 4}, {1, 0}};
    static const struct histogram_pair second[] = {{-3, UINT32_MAX}, {INT16_MIN, 1}};
    struct histogram histogram = {0};
    struct histogram_pair pairs[16];

    ck_assert(isnan(histogram_quantile(&histogram, 0.5)));
    ck_assert_int_eq(histogram_add(&histogram, NULL, 0), 0);
    ck_assert_int_eq(histogram_add(&histogram, first, 4), 0);
    ck_assert_double_eq(histogram_quantile(&histogram, 0), histogram_value(-3));
    ck_assert_double_eq(histogram_quantile(&histogram, 0.28), histogram_value(-3));
    ck_assert_double_eq(histogram_quantile(&histogram, 0.29), histogram_value(7));
    ck_assert_int_eq(histogram_add(&histogram, second, 2), 0);
    ck_assert_int_eq(histogram_add(&histogram, second, 2), 0);
    ck_assert_double_eq(histogram_quantile(&histogram, 0), 0.0);
    ck_assert_double_eq(histogram_quantile(&histogram, 0.5), histogram_value(-3));
    ck_assert_double_eq(histogram_quantile(&histogram, 1), histogram_value(7));
    ck_assert_uint_eq(histogram.total, 9 + 2 * (uint64_t)UINT32_MAX);
    ck_assert_uint_ge(histogram_pair_limit(&histogram), 3);
    ck_assert_uint_eq(histogram_pairs(&histogram, pairs), 3);
    expect_pair(&pairs[0], INT16_MIN, 2);
    expect_pair(&pairs[1], -3, UINT32_MAX); /* and more */
    expect_pair(&pairs[2], 7, 5);
    histogram_clear(&histogram);
    ck_assert(isnan(histogram_quantile(&histogram, 1)));
    ck_assert_uint_eq(histogram_pairs(&histogram, pairs), 0);
    /* Nothing of what was is left. */
    add(&histogram, 1, 2);
    ck_assert_uint_eq(histogram_pairs(&histogram, pairs), 1);
    expect_pair(&pairs[0], 0, 2);
    histogram_finish(&histogram);
}
END_TEST

/* Whatever is added, memory is for the buckets between the ends. */
START_TEST(memory_is_that_of_the_spread)
{
    struct histogram histogram = {0};

    for (int i = 0; i < 20000; i++)
        add(&histogram, 1 + i % 100, 1);
    ck_assert_uint_le(histogram.width, 512);
    expect_close(histogram_quantile(&histogram, 0.5), 50);
    add(&histogram, 0, UINT32_MAX);
    ck_assert_uint_le(histogram.width, 512);
    ck_assert_double_eq(histogram_quantile(&histogram, 0.5), 0);
    /* All buckets there are. */
    add(&histogram, INFINITY, 1);
    add(&histogram, 5e-324, 1);
    ck_assert_uint_le(histogram.width, UINT16_MAX + 100);
    ck_assert_double_eq(histogram_quantile(&histogram, 1), histogram_value(INT16_MAX));
    ck_assert_uint_eq(histogram.total, 20002 + (uint64_t)UINT32_MAX);
    histogram_finish(&histogram);
}
END_TEST

/* The same as a list of pairs, whatever is added in whatever order. */
START_TEST(random_pairs_are_all_counted)
{
    static uint64_t counts[UINT16_MAX + 1];
    static struct histogram_pair pairs[UINT16_MAX + 1];
    struct histogram histogram = {0};
    uint64_t random = 88172645463325252;

    for (size_t round = 0; round < 40; round++) {
        const int spread = 1 << (round % 17);
        size_t count, at = 0;

        memset(counts, 0, sizeof counts);
        for (size_t i = 0; i < 200; i++) {
            struct histogram_pair pair;

            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            pair.bucket = (int16_t)((int)(random >> 20) % spread);
            pair.increment = (uint32_t)(random >> 60);
            counts[pair.bucket - INT16_MIN] += pair.increment;
            ck_assert_int_eq(histogram_add(&histogram, &pair, 1), 0);
        }
        count = histogram_pairs(&histogram, pairs);
        ck_assert_uint_le(count, histogram_pair_limit(&histogram));
        for (int bucket = INT16_MIN; bucket <= INT16_MAX; bucket++) {
            if (counts[bucket - INT16_MIN] > 0)
                expect_pair(&pairs[at++], bucket, (uint32_t)counts[bucket - INT16_MIN]);
        }
        ck_assert_uint_eq(count, at);
        histogram_clear(&histogram);
    }
    histogram_finish(&histogram);
}
END_TEST

START_TEST(quantiles_of_pairs_are_those_of_their_histogram)
{
    static const double q[] = {0, 0.07, 0.25, 0.5, 0.95, 0.99, 1};
    enum { COUNT = sizeof q / sizeof *q };
    uint64_t random = 88172645463325252;
    struct histogram_pair nothing[1];
    double found[COUNT];

    histogram_pair_quantiles(nothing, 0, q, COUNT, found);
    ck_assert(isnan(found[0]) && isnan(found[COUNT - 1]));
    for (int round = 0; round < 2000; round++) {
        const size_t count = (size_t)round % 40 + 1;
        struct histogram_pair pairs[40];
        struct histogram histogram = {0};

        for (size_t i = 0; i < count; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            /* Each bucket once: of as many parts of all there are, the last has the least. */
            pairs[i].bucket = (int16_t)(INT16_MAX - (int)(i * 1600 + random % 1600));
            pairs[i].increment =
                random % 7 == 0 ? 0 : (uint32_t)(random >> 32) >> (random >> 8 & 31);
        }
        if (round % 3 == 0)
            pairs[count - 1].bucket = HISTOGRAM_ZERO;
        ck_assert_int_eq(histogram_add(&histogram, pairs, count), 0);
        histogram_pair_quantiles(pairs, count, q, COUNT, found);
        for (size_t i = 0; i < COUNT; i++) {
            const double wanted = histogram_quantile(&histogram, q[i]);

            ck_assert(found[i] == wanted || (isnan(found[i]) && isnan(wanted)));
            ck_assert(i == 0 || !(found[i] < found[i - 1]));
        }
        for (size_t i = 1; i < count; i++)
            ck_assert_int_lt(pairs[i - 1].bucket, pairs[i].bucket);
        histogram_finish(&histogram);
    }
}
END_TEST

START_TEST(a_scale_has_the_same_values)
{
    static struct histogram_scale scale;

    histogram_scale_init(&scale);
    for (int bucket = INT16_MIN; bucket <= INT16_MAX; bucket++) {
        double value = histogram_value((int16_t)bucket);

        ck_assert_double_le(fabs(histogram_scale_value(&scale, (int16_t)bucket) - value),
                            1e-12 * value);
    }
}
END_TEST

/* What is a share of exactly so many is the last of these. */
START_TEST(a_quantile_is_no_rank_too_far)
{
    for (int i = 1; i < 100; i++) {
        const struct histogram_pair pairs[] = {{0, (uint32_t)i}, {9, (uint32_t)(100 - i)}};
        struct histogram histogram = {0};

        ck_assert_int_eq(histogram_add(&histogram, pairs, 2), 0);
        ck_assert_double_eq(histogram_quantile(&histogram, i / 100.0), histogram_value(0));
        ck_assert_double_eq(histogram_quantile(&histogram, (i + 0.01) / 100), histogram_value(9));
        histogram_finish(&histogram);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("histogram", a_bucket_stands_for_its_values_to_one_in_a_hundred,
                     what_has_no_logarithm_has_a_bucket_too, quantiles_of_known_distributions,
                     parts_add_up_in_any_order, memory_is_that_of_the_spread,
                     random_pairs_are_all_counted, quantiles_of_pairs_are_those_of_their_histogram,
                     a_scale_has_the_same_values, a_quantile_is_no_rank_too_far);
}

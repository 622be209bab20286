#include "daemon/histogram.h"

#include <math.h>
#include <stdlib.h>

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
    double sum = 0;

    for (size_t i = 0; i < VALUES; i++) {
        add(&histogram, values[i], 1);
        sum += values[i];
    }
    qsort(values, VALUES, sizeof *values, compare);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        double rank = ceil(quantiles[i] * VALUES);
        size_t at = rank < 1 ? 0 : (size_t)rank - 1;

        expect_close(histogram_quantile(&histogram, quantiles[i]), values[at]);
    }
    expect_close(histogram_mean(&histogram), sum / VALUES);
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

START_TEST(parts_add_up_in_any_order)
{
    static const struct histogram_pair first[] = {{7, 1}, {-3, 2}, {7, 4}, {1, 0}};
    static const struct histogram_pair second[] = {{-3, UINT32_MAX}, {INT16_MIN, 1}};
    struct histogram histogram = {0};

    ck_assert(isnan(histogram_quantile(&histogram, 0.5)));
    ck_assert(isnan(histogram_mean(&histogram)));
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
    ck_assert_uint_eq(histogram.count, 3);
    ck_assert_uint_eq(histogram.counts[1].count, 2 + 2 * (uint64_t)UINT32_MAX);
    histogram_clear(&histogram);
    ck_assert(isnan(histogram_quantile(&histogram, 1)));
    histogram_finish(&histogram);
}
END_TEST

/* Whatever is added, memory is for the buckets that there are. */
START_TEST(memory_is_that_of_the_buckets)
{
    struct histogram histogram = {0};

    for (int i = 0; i < 20000; i++)
        add(&histogram, 1 + i % 100, 1);
    ck_assert_uint_le(histogram.capacity, 1024);
    expect_close(histogram_quantile(&histogram, 0.5), 50);
    histogram_finish(&histogram);
}
END_TEST

int main(void)
{
    return RUN_TESTS("histogram", a_bucket_stands_for_its_values_to_one_in_a_hundred,
                     what_has_no_logarithm_has_a_bucket_too, quantiles_of_known_distributions,
                     parts_add_up_in_any_order, memory_is_that_of_the_buckets);
}

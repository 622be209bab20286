#include "daemon/summary.h"

#include "tests/unit/model.h"

static uint64_t word(const struct summary *summary, bool rates, enum aggregate aggregate)
{
    return summary_word(summary, rates, aggregate);
}

static void add_increase(struct summary *summary, double delta, int64_t covered_ms)
{
    summary_add_increase(
        summary, &(struct rate_increase){.delta = delta, .covered_ns = covered_ms * NS_PER_MS});
}

START_TEST(values_have_a_plain_mean)
{
    struct summary summary = SUMMARY_EMPTY;

    for (unsigned i = 0; i < AGGREGATE_COUNT; i++)
        expect_absent(word(&summary, false, (enum aggregate)i));
    summary_add_value(&summary, sample_word(4));
    summary_add_value(&summary, SAMPLE_ABSENT);
    summary_add_value(&summary, sample_word(-2));
    summary_add_value(&summary, SAMPLE_GONE);
    summary_add_value(&summary, sample_word(1));
    summary_add_value(&summary, SAMPLE_NAN);
    expect_number(word(&summary, false, AGGREGATE_AVG), 1.0);
    expect_number(word(&summary, false, AGGREGATE_MIN), -2.0);
    expect_number(word(&summary, false, AGGREGATE_MAX), 4.0);
    expect_number(word(&summary, false, AGGREGATE_LAST), 1.0);
}
END_TEST

START_TEST(infinities_are_values)
{
    struct summary summary = SUMMARY_EMPTY;

    summary_add_value(&summary, sample_word(INFINITY));
    expect_number(word(&summary, false, AGGREGATE_MIN), INFINITY);
    expect_number(word(&summary, false, AGGREGATE_MAX), INFINITY);
    summary_add_value(&summary, sample_word(-INFINITY));
    expect_number(word(&summary, false, AGGREGATE_MIN), -INFINITY);
    ck_assert_uint_eq(word(&summary, false, AGGREGATE_AVG), SAMPLE_NAN);
}
END_TEST

START_TEST(rates_are_weighted_by_their_time)
{
    struct summary summary = SUMMARY_EMPTY;

    add_increase(&summary, 10, 1000);
    add_increase(&summary, 6, 3000);
    add_increase(&summary, 0, 0); /* nothing is known */
    expect_number(word(&summary, true, AGGREGATE_AVG), 4.0);
    expect_number(word(&summary, true, AGGREGATE_MIN), 2.0);
    expect_number(word(&summary, true, AGGREGATE_MAX), 10.0);
    expect_number(word(&summary, true, AGGREGATE_LAST), 2.0);
    ck_assert_double_eq(summary.sum, 16);
}
END_TEST

/* Wherever a span is cut, its parts joined are the whole. */
START_TEST(parts_join_to_the_whole)
{
    static const double values[] = {3, 7, -5, 11, 2, 2, 64, -1};
    const size_t count = sizeof values / sizeof *values;

    for (size_t cut = 0; cut <= count; cut++) {
        struct summary whole = SUMMARY_EMPTY, former = SUMMARY_EMPTY, later = SUMMARY_EMPTY;

        for (size_t i = 0; i < count; i++) {
            summary_add_value(&whole, sample_word(values[i]));
            summary_add_value(i < cut ? &former : &later, sample_word(values[i]));
        }
        summary_merge(&former, &later);
        for (unsigned i = 0; i < AGGREGATE_COUNT; i++)
            ck_assert_uint_eq(word(&former, false, (enum aggregate)i),
                              word(&whole, false, (enum aggregate)i));
    }
}
END_TEST

START_TEST(a_last_word_alone_is_kept)
{
    struct summary summary = SUMMARY_EMPTY, later = SUMMARY_EMPTY;

    add_increase(&summary, 10, 1000);
    later.last = sample_word(77);
    summary_merge(&summary, &later);
    expect_number(word(&summary, true, AGGREGATE_LAST), 77.0);
    expect_number(word(&summary, true, AGGREGATE_AVG), 10.0);
    later = SUMMARY_EMPTY;
    summary_merge(&summary, &later);
    expect_number(word(&summary, true, AGGREGATE_LAST), 77.0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("summary", values_have_a_plain_mean, infinities_are_values,
                     rates_are_weighted_by_their_time, parts_join_to_the_whole,
                     a_last_word_alone_is_kept);
}

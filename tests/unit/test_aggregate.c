#include "daemon/aggregate.h"

#include <stdlib.h>

#include "tests/unit/model.h"

#define TICKS_MAX 64
/* A multiple of every step that is used here. */
#define START INT64_C(1700000040000)

/* Ticks at these milliseconds after START, on both clocks. */
struct ticks {
    struct tick items[TICKS_MAX];
    size_t count;
};

static void add_tick(struct ticks *ticks, int64_t after_ms)
{
    ticks->items[ticks->count] = (struct tick){.seq = ticks->count + 1,
                                               .time_ms = START + after_ms,
                                               .mono_ns = (after_ms + 100000) * NS_PER_MS};
    ticks->count++;
}

static struct ticks make_ticks(const int64_t *after_ms, size_t count)
{
    struct ticks ticks = {.count = 0};

    for (size_t i = 0; i < count; i++)
        add_tick(&ticks, after_ms[i]);
    return ticks;
}

#define TICKS(...)                                                                                 \
    make_ticks((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8)

static struct buckets make_buckets(const struct ticks *ticks, size_t skip, int64_t step_ms,
                                   size_t limit)
{
    struct buckets buckets;

    ck_assert_int_eq(buckets_init(&buckets, ticks->items, ticks->count, skip, step_ms, limit), 0);
    return buckets;
}

static void expect_times(const struct buckets *buckets, const int64_t *after_ms, size_t count)
{
    ck_assert_uint_eq(buckets->count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(buckets->time_ms[i] - START, after_ms[i]);
}

#define EXPECT_TIMES(buckets, ...)                                                                 \
    expect_times((buckets), (const int64_t[]){__VA_ARGS__},                                        \
                 sizeof((const int64_t[]){__VA_ARGS__}) / 8)

/* The aggregates of up to TICKS_MAX buckets. */
struct result {
    uint64_t words[AGGREGATE_COUNT][TICKS_MAX];
};

static struct result aggregate(const struct buckets *buckets, const uint64_t *words, bool rates,
                               bool every_tick)
{
    const struct rate_rule rule = {.every_tick = every_tick};
    struct result result;
    uint64_t *out[AGGREGATE_COUNT];

    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        out[i] = result.words[i];
    memset(&result, 0x5a, sizeof result);
    buckets_aggregate(buckets, words, rates ? &rule : NULL, out);
    return result;
}

static void expect_bucket(const struct result *result, size_t bucket, double avg, double min,
                          double max, double last)
{
    const double wanted[AGGREGATE_COUNT] = {avg, min, max, last};

    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (isnan(wanted[i]))
            expect_absent(result->words[i][bucket]);
        else
            expect_number(result->words[i][bucket], wanted[i]);
    }
}

#define ABSENT_BUCKET NAN, NAN, NAN, NAN

START_TEST(buckets_are_aligned)
{
    struct ticks ticks = TICKS(1500, 2500, 4999, 5000, 9000, 10001);
    struct buckets buckets = make_buckets(&ticks, 0, 5000, 100);

    EXPECT_TIMES(&buckets, 0, 5000, 10000);
    ck_assert_uint_eq(buckets.of_tick[0], 0);
    ck_assert_uint_eq(buckets.of_tick[2], 0);
    ck_assert_uint_eq(buckets.of_tick[3], 1);
    ck_assert_uint_eq(buckets.of_tick[4], 1);
    ck_assert_uint_eq(buckets.of_tick[5], 2);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(gaps_are_empty_buckets)
{
    struct ticks ticks = TICKS(0, 1000, 5000);
    struct buckets buckets = make_buckets(&ticks, 0, 1000, 100);
    const uint64_t words[] = {sample_word(1), sample_word(2), sample_word(3)};
    struct result result = aggregate(&buckets, words, false, true);

    EXPECT_TIMES(&buckets, 0, 1000, 2000, 3000, 4000, 5000);
    expect_bucket(&result, 0, 1, 1, 1, 1);
    expect_bucket(&result, 1, 2, 2, 2, 2);
    for (size_t i = 2; i < 5; i++)
        expect_bucket(&result, i, ABSENT_BUCKET);
    expect_bucket(&result, 5, 3, 3, 3, 3);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(a_long_gap_is_cut_at_the_limit)
{
    struct ticks ticks = TICKS(0, 1000, 365LL * 86400 * 1000, 365LL * 86400 * 1000 + 1000);
    struct buckets buckets = make_buckets(&ticks, 0, 1000, 5);

    /* Three empty ones, and then those of the ticks all the same. */
    EXPECT_TIMES(&buckets, 0, 1000, 2000, 3000, 4000, 365LL * 86400 * 1000,
                 365LL * 86400 * 1000 + 1000);
    ck_assert_uint_eq(buckets.of_tick[2], 5);
    ck_assert_uint_eq(buckets.of_tick[3], 6);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(a_clock_set_back_begins_a_new_run)
{
    struct ticks ticks = TICKS(10000, 11000, 12000, 3000, 4000, 10500, 10400);
    struct buckets buckets = make_buckets(&ticks, 0, 5000, 100);
    const uint64_t words[] = {sample_word(1), sample_word(2), sample_word(3), sample_word(4),
                              sample_word(5), sample_word(6), sample_word(7)};
    struct result result = aggregate(&buckets, words, false, true);

    EXPECT_TIMES(&buckets, 10000, 0, 5000, 10000, 10000);
    expect_bucket(&result, 0, 2, 1, 3, 3);
    expect_bucket(&result, 1, 4.5, 4, 5, 5);
    expect_bucket(&result, 2, ABSENT_BUCKET);
    expect_bucket(&result, 3, 6, 6, 6, 6);
    /* Set back inside one bucket: they are two runs all the same. */
    expect_bucket(&result, 4, 7, 7, 7, 7);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(values_of_a_bucket)
{
    struct ticks ticks = TICKS(0, 1000, 2000, 3000, 5000, 6000, 10000);
    struct buckets buckets = make_buckets(&ticks, 0, 5000, 100);
    const uint64_t words[] = {sample_word(4),  SAMPLE_ABSENT,   sample_word(-2), sample_word(1),
                              sample_word(-5), sample_word(-7), SAMPLE_ABSENT};
    struct result result = aggregate(&buckets, words, false, true);

    expect_bucket(&result, 0, 1, -2, 4, 1); /* (4 - 2 + 1) / 3 */
    expect_bucket(&result, 1, -6, -7, -5, -7);
    expect_bucket(&result, 2, ABSENT_BUCKET);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(rates_are_weighted_by_their_time)
{
    struct ticks ticks = TICKS(0, 1000, 4000, 5000, 6000);
    struct buckets buckets = make_buckets(&ticks, 0, 5000, 100);
    const uint64_t words[] = {sample_word(100), sample_word(110), sample_word(116),
                              sample_word(120), sample_word(120)};
    struct result result = aggregate(&buckets, words, true, true);

    /* 10 a second for one second, then 2 for three: 16 in 4 s. */
    expect_bucket(&result, 0, 4, 2, 10, 2);
    expect_bucket(&result, 1, 2, 0, 4, 0);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(the_tick_before_the_span_is_a_baseline_alone)
{
    struct ticks ticks = TICKS(-1000, 0, 1000);
    struct buckets buckets = make_buckets(&ticks, 1, 1000, 100);
    const uint64_t words[] = {sample_word(100), sample_word(107), sample_word(109)};
    struct result result = aggregate(&buckets, words, true, true);

    EXPECT_TIMES(&buckets, 0, 1000);
    expect_bucket(&result, 0, 7, 7, 7, 7);
    expect_bucket(&result, 1, 2, 2, 2, 2);
    result = aggregate(&buckets, words, false, true);
    expect_bucket(&result, 0, 107, 107, 107, 107);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(rates_have_no_value_where_there_is_none)
{
    struct ticks ticks = TICKS(0, 1000, 2000, 3000, 4000);
    struct buckets buckets = make_buckets(&ticks, 0, 1000, 100);
    const uint64_t words[] = {sample_word(10), sample_word(5), SAMPLE_ABSENT, sample_word(9),
                              sample_word(10)};
    struct result result = aggregate(&buckets, words, true, true);

    expect_bucket(&result, 0, ABSENT_BUCKET); /* the first */
    expect_bucket(&result, 1, ABSENT_BUCKET); /* a reset */
    expect_bucket(&result, 2, ABSENT_BUCKET);
    expect_bucket(&result, 3, ABSENT_BUCKET); /* back after an absence */
    expect_bucket(&result, 4, 1, 1, 1, 1);
    /* Of a longer interval the absence means nothing: (9 - 5) / 2 s. */
    result = aggregate(&buckets, words, true, false);
    expect_bucket(&result, 2, ABSENT_BUCKET);
    expect_bucket(&result, 3, 2, 2, 2, 2);
    buckets_finish(&buckets);
}
END_TEST

START_TEST(without_ticks_there_are_no_buckets)
{
    struct ticks none = {.count = 0}, baseline = TICKS(0);
    struct buckets buckets = make_buckets(&none, 0, 1000, 100);

    ck_assert_uint_eq(buckets.count, 0);
    aggregate(&buckets, NULL, true, true);
    buckets_finish(&buckets);
    buckets = make_buckets(&baseline, 1, 1000, 100);
    ck_assert_uint_eq(buckets.count, 0);
    aggregate(&buckets, (uint64_t[]){sample_word(1)}, true, true);
    buckets_finish(&buckets);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aggregate", buckets_are_aligned, gaps_are_empty_buckets,
                     a_long_gap_is_cut_at_the_limit, a_clock_set_back_begins_a_new_run,
                     values_of_a_bucket, rates_are_weighted_by_their_time,
                     the_tick_before_the_span_is_a_baseline_alone,
                     rates_have_no_value_where_there_is_none, without_ticks_there_are_no_buckets);
}

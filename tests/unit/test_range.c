#include "daemon/range.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/model.h"

/* A tick a second: the gauge is at its number, the counter grows by that. */
static void tick(struct model *model, double number, double total, unsigned flags)
{
    model_begin(model, MODEL_INTERVAL_MS, flags);
    model_put(model, "gauge", "", number);
    model_put(model, "grown_total", "", total);
    model_end(model);
}

static void count_to(struct model *model, int last)
{
    for (int i = 1; i <= last; i++)
        tick(model, i, i * (i + 1) / 2.0, 0);
}

/* The one average of the range. */
static uint64_t mean(struct model *model, struct range *range, const char *name)
{
    const struct series *series = model_find(model, name, "");
    uint64_t words[AGGREGATE_COUNT];

    range_aggregate(range, series, series->cumulative, MODEL_INTERVAL_MS, words);
    return words[AGGREGATE_AVG];
}

static void read_last(struct model *model, int64_t span_ms, struct range *range)
{
    ck_assert_int_eq(range_read_last(model->history, span_ms, model->tick.seq, range), 0);
}

START_TEST(a_mean_is_of_the_last_ticks)
{
    struct model model;
    struct range range;

    model_make(&model, 4);
    count_to(&model, 10);
    read_last(&model, 1000, &range);
    ck_assert_uint_eq(range.count - range.skip, 1);
    expect_near(mean(&model, &range, "gauge"), 10.0);
    expect_near(mean(&model, &range, "grown_total"), 10.0);
    range_finish(&range);
    read_last(&model, 4000, &range);
    ck_assert_uint_eq(range.count - range.skip, 4);
    ck_assert_uint_eq(range.skip, 1);
    expect_near(mean(&model, &range, "gauge"), 8.5);
    expect_near(mean(&model, &range, "grown_total"), 8.5);
    range_finish(&range);
    /* More than there is: what there is. The first tick has no rate. */
    read_last(&model, 400000, &range);
    ck_assert_uint_eq(range.skip, 0);
    expect_near(mean(&model, &range, "gauge"), 5.5);
    expect_near(mean(&model, &range, "grown_total"), 6.0);
    range_finish(&range);
    model_remove(&model);
}
END_TEST

/* The rate of a tick after a suspend is none, and the others are weighted without it. */
START_TEST(the_span_is_of_time_that_passed)
{
    struct model model;
    struct range range;

    model_make(&model, 4);
    count_to(&model, 8);
    tick(&model, 9, 45, TICK_RESUMED);
    tick(&model, 10, 55, 0);
    read_last(&model, 3000, &range);
    expect_near(mean(&model, &range, "gauge"), 9.0);
    expect_near(mean(&model, &range, "grown_total"), 9.0); /* of 8 and 10 */
    range_finish(&range);
    model_remove(&model);
}
END_TEST

START_TEST(before_the_first_tick_there_is_nothing)
{
    struct model model;
    struct range range;

    model_make(&model, 4);
    ck_assert_int_eq(range_read_last(model.history, 1000, 0, &range), 0);
    ck_assert_uint_eq(range.count, 0);
    range_finish(&range);
    model_remove(&model);
}
END_TEST

START_TEST(the_whole_head_is_read)
{
    struct model model;
    struct range range;

    model_make(&model, 4);
    for (int i = 0; i < HISTORY_HEAD_TICKS + 100; i++)
        tick(&model, 2, 2.0 * i, 0);
    read_last(&model, (int64_t)HISTORY_HEAD_TICKS * MODEL_INTERVAL_MS, &range);
    ck_assert_uint_ge(range.count, HISTORY_HEAD_TICKS - 1);
    ck_assert_uint_eq(range.ticks[range.count - 1].seq, model.tick.seq);
    expect_near(mean(&model, &range, "grown_total"), 2.0);
    range_finish(&range);
    model_remove(&model);
}
END_TEST

/* All four words of the last ticks. */
static void expect_words(struct model *model, int64_t span_ms, const char *name, double avg,
                         double min, double max, double last)
{
    const struct series *series = model_find(model, name, "");
    const double wanted[AGGREGATE_COUNT] = {avg, min, max, last};
    uint64_t words[AGGREGATE_COUNT];
    struct range range;

    read_last(model, span_ms, &range);
    range_aggregate(&range, series, series->cumulative, MODEL_INTERVAL_MS, words);
    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (isnan(wanted[i]))
            expect_absent(words[i]);
        else
            expect_number(words[i], wanted[i]);
    }
    range_finish(&range);
}

START_TEST(values_and_rates_have_all_aggregates)
{
    struct model model;

    model_make(&model, 4);
    tick(&model, 100, 100, 0);
    tick(&model, 4, 110, 0);
    tick(&model, NAN, 112, 0);
    tick(&model, -2, 118, 0);
    tick(&model, 1, 118, 0);
    expect_words(&model, 4000, "gauge", 1, -2, 4, 1);         /* (4 - 2 + 1) / 3 */
    expect_words(&model, 4000, "grown_total", 4.5, 0, 10, 0); /* 18 in 4 s */
    tick(&model, NAN, 3, 0);                                  /* a reset */
    expect_words(&model, 1000, "gauge", NAN, NAN, NAN, NAN);
    expect_words(&model, 1000, "grown_total", NAN, NAN, NAN, NAN);
    expect_words(&model, 2000, "grown_total", 0, 0, 0, 0);
    model_remove(&model);
}
END_TEST

START_TEST(what_one_request_reads_is_bounded)
{
    struct range range = {.count = 100};
    struct problem problem;

    ck_assert_int_eq(range_check(&range, 1000, &problem), 0);
    ck_assert_int_eq(range_check(&range, 1001, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, 400);
    ck_assert_ptr_nonnull(strstr(problem.detail, "1001 series at 100 times are more"));
}
END_TEST

int main(void)
{
    return RUN_TESTS("range", a_mean_is_of_the_last_ticks, the_span_is_of_time_that_passed,
                     before_the_first_tick_there_is_nothing, the_whole_head_is_read,
                     values_and_rates_have_all_aggregates, what_one_request_reads_is_bounded);
}

/*
 * Values of known distributions, over a history that was written, killed and started again: what
 * is said of a second, a minute and an hour is what the values themselves say, to one in a hundred,
 * whether it is read from the head, from sealed ticks or from minutes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/points.h"
#include "daemon/sealer.h"
#include "daemon/walk.h"
#include "tests/unit/fake_runner.h"
#include "tests/unit/recover_bench.h"

/* From a second after midnight to two hours and a little more. */
#define TICKS  7300
#define EVENTS 25 /* of each tick */

enum { UNIFORM, EXPONENTIAL, LOG_NORMAL, BIMODAL, DISTRIBUTIONS };

static const char *const names[DISTRIBUTIONS] = {"uniform", "exponential", "log_normal", "bimodal"};
static const double quantiles[] = {0.5, 0.99, 0.999};
enum { QUANTILES = sizeof quantiles / sizeof *quantiles };

static double values[DISTRIBUTIONS][TICKS][EVENTS];
static int64_t times_ms[TICKS];

struct bench {
    struct data_bench data;
    struct run run;
    struct fake_runner runner;
    struct sealer *sealer;
    uint32_t slots[DISTRIBUTIONS];
    const struct series *series[DISTRIBUTIONS];
};

static struct bench bench;

/* Above 0 and below 1. */
static double draw(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 12) + 0.5) / 0x1p52;
}

static double draw_normal(void)
{
    return sqrt(-2 * log(draw())) * cos(6.283185307179586 * draw());
}

static double draw_value(int distribution)
{
    switch (distribution) {
    case UNIFORM:
        return draw();
    case EXPONENTIAL:
        return -0.05 * log(draw());
    case LOG_NORMAL:
        return exp(-4 + 1.5 * draw_normal());
    default: /* what is cached, and what is not */
        return draw() < 0.985 ? 2e-6 * (1 + draw()) : 0.3 + 0.02 * draw_normal();
    }
}

static void start(void)
{
    run_start(&bench.run, &bench.data);
    fake_runner_init(&bench.runner);
    ck_assert_int_eq(sealer_new(&(struct sealer_options){.history = bench.run.model.history,
                                                         .table = bench.run.model.table,
                                                         .archive = bench.run.archive,
                                                         .tasks = &bench.runner.runner,
                                                         .max_series = bench.run.model.max_series,
                                                         .interval_ms = MODEL_INTERVAL_MS},
                                &bench.sealer),
                     0);
    for (size_t i = 0; i < DISTRIBUTIONS; i++)
        bench.slots[i] = model_declare_histogram(&bench.run.model, names[i], "");
    ck_assert_int_ge(series_table_publish(bench.run.model.table), 0);
    for (size_t i = 0; i < DISTRIBUTIONS; i++)
        bench.series[i] = model_find(&bench.run.model, names[i], "");
}

/* As by kill -9. */
static void stop(void)
{
    sealer_free(bench.sealer);
    fake_runner_finish(&bench.runner);
    run_end(&bench.run);
}

static void put(int distribution, size_t tick)
{
    static struct histogram histogram;
    static struct histogram_pair pairs[UINT16_MAX + 1];

    histogram_clear(&histogram);
    for (size_t i = 0; i < EVENTS; i++) {
        const double value = draw_value(distribution);

        values[distribution][tick][i] = value;
        ck_assert_int_eq(
            histogram_add(&histogram, &(struct histogram_pair){histogram_bucket(value), 1}, 1), 0);
    }
    sink_set_histogram(&bench.run.model.sink, bench.slots[distribution], pairs,
                       histogram_pairs(&histogram, pairs));
    if (tick + 1 == TICKS)
        histogram_finish(&histogram);
}

static void go_on_to(uint64_t last_seq)
{
    struct run *run = &bench.run;
    struct model *model = &run->model;

    while (history_last(model->history) < last_seq) {
        const uint64_t sealed = archive_last_seq(run->archive, ARCHIVE_SECONDS);

        model_begin(model, MODEL_INTERVAL_MS, 0);
        history_extend(model->history, 2 + DISTRIBUTIONS);
        times_ms[model->tick.seq - 1] = model->tick.time_ms;
        for (int i = 0; i < DISTRIBUTIONS; i++)
            put(i, model->tick.seq - 1);
        model_end(model);
        recorder_store(run->recorder, model->tick.seq);
        sealer_tick(bench.sealer, model->tick.seq);
        if (archive_last_seq(run->archive, ARCHIVE_SECONDS) == sealed)
            continue;
        ck_assert_int_eq(archive_write(run->archive), 0);
        recorder_remove(run->recorder);
    }
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

/* The values of a bucket of time, sorted, and how many they are. */
static size_t gather(int distribution, int64_t begin_ms, int64_t step_ms, double *out)
{
    size_t count = 0;

    for (size_t i = 0; i < TICKS; i++) {
        if (times_ms[i] < begin_ms || times_ms[i] >= begin_ms + step_ms)
            continue;
        memcpy(out + count, values[distribution][i], sizeof values[distribution][i]);
        count += EVENTS;
    }
    qsort(out, count, sizeof *out, compare);
    return count;
}

static void expect_within(uint64_t word, double wanted, const char *what, int distribution,
                          int64_t step_ms)
{
    const double value = sample_value(word);

    ck_assert_msg(fabs(value - wanted) <= 0.0100001 * wanted, "%s of %s, step %lld ms: %g, not %g",
                  what, names[distribution], (long long)step_ms, value, wanted);
}

static void check_bucket(const struct walk *walk, int distribution, size_t bucket, int64_t step_ms)
{
    static double sorted[TICKS * EVENTS];
    const size_t place = (size_t)distribution;
    const size_t count = gather(distribution, walk->time_ms[bucket], step_ms, sorted);
    double sum = 0;

    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++)
        sum += sorted[i];
    ck_assert_double_eq(walk->summaries[bucket * DISTRIBUTIONS + place].weight, (double)count);
    for (size_t q = 0; q < QUANTILES; q++) {
        const size_t rank = (size_t)ceil(quantiles[q] * (double)count - 1e-6);

        expect_within(walk_quantile(walk, place, bucket, q), sorted[rank - 1], "quantile",
                      distribution, step_ms);
    }
    expect_within(walk_word(walk, place, bucket, AGGREGATE_AVG), sum / (double)count, "average",
                  distribution, step_ms);
    expect_within(walk_word(walk, place, bucket, AGGREGATE_MIN), sorted[0], "minimum", distribution,
                  step_ms);
    expect_within(walk_word(walk, place, bucket, AGGREGATE_MAX), sorted[count - 1], "maximum",
                  distribution, step_ms);
}

/* All buckets of this step from a time on, or one in so many of them; how many there are. */
static size_t check_step(int64_t from_ms, int64_t step_ms, size_t one_in)
{
    const struct walk_query query = {.from_ms = from_ms,
                                     .to_ms = INT64_MAX,
                                     .step_ms = step_ms,
                                     .last_seq = TICKS,
                                     .interval_ms = MODEL_INTERVAL_MS,
                                     .series = bench.series,
                                     .series_count = DISTRIBUTIONS,
                                     .wanted = {true, true, true, false},
                                     .bucket_max = 10000,
                                     .value_max = 1000000,
                                     .quantiles = quantiles,
                                     .quantile_count = QUANTILES,
                                     .width_max = 100000};
    struct walk walk;
    size_t count;

    ck_assert_int_eq(walk_read(bench.run.archive, bench.run.model.history, &query, &walk), 0);
    ck_assert_uint_eq(walk.last_seq, TICKS);
    for (size_t bucket = 0; bucket < walk.bucket_count; bucket += one_in) {
        for (int i = 0; i < DISTRIBUTIONS; i++)
            check_bucket(&walk, i, bucket, step_ms);
    }
    count = walk.bucket_count;
    walk_finish(&walk);
    return count;
}

static void make_history(void)
{
    static const uint64_t ends[] = {300, 1000, 3333, TICKS};

    data_bench_make(&bench.data);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        start();
        go_on_to(ends[i]);
        if (ends[i] != TICKS)
            stop();
    }
}

/* Steps of whole minutes are read from minutes, others from ticks. */
static void check_all(void)
{
    ck_assert_uint_eq(check_step(0, 1000, 97), TICKS);
    check_step(0, 61000, 7);
    ck_assert_uint_eq(check_step(0, 3601000, 1), 3);
    check_step(0, MINUTE_MS, 7);
    ck_assert_uint_eq(check_step(0, 60 * MINUTE_MS, 1), 3);
}

/* One history for all, since it takes its time. */
START_TEST(quantiles_are_those_of_the_values)
{
    make_history();
    check_all();

    /* What was in the head, too, is in segments then. */
    stop();
    start();
    ck_assert_uint_eq(archive_last_seq(bench.run.archive, ARCHIVE_SECONDS), TICKS);
    check_all();

    /* Minutes alone. */
    archive_limit(bench.run.archive, ARCHIVE_SECONDS, 100000);
    ck_assert_int_eq(walk_finest_step(bench.run.archive, bench.run.model.history, 0), MINUTE_MS);
    check_step(0, MINUTE_MS, 7);
    ck_assert_uint_eq(check_step(0, 60 * MINUTE_MS, 1), 3);
    stop();
    data_bench_remove(&bench.data);
}
END_TEST

int main(void)
{
    return RUN_TESTS("quantiles", quantiles_are_those_of_the_values);
}

/* What an application's timer writes at a tick, up to where the history has it. */
#include <errno.h>

#include "daemon/points.h"
#include "daemon/sealer.h"
#include "daemon/walk.h"
#include "tests/unit/sampler_bench.h"

#define TIMER "took_seconds"

/* As many sizes at each tick, 0 for a tick without events; or it ends. */
struct timer {
    struct sink_series series;
    size_t sizes;
    bool ends;
};

static void sample(void *arg, struct sink *sink)
{
    static const struct metric metric = {.name = TIMER,
                                         .unit = "seconds",
                                         .help = "Help.",
                                         .kind = METRIC_HISTOGRAM,
                                         .sparse = true};
    static struct histogram_pair pairs[HISTORY_TAIL_PAIRS + 100];
    struct timer *timer = arg;

    if (timer->ends) {
        sink_release(sink, timer->series.slot);
        return;
    }
    sink_want(sink, &timer->series, &metric, NULL, 0, SERIES_APPLICATION);
    for (size_t i = 0; i < timer->sizes; i++)
        pairs[i] = (struct histogram_pair){(int16_t)i, 2};
    sink_set_histogram(sink, timer->series.slot, pairs, timer->sizes);
}

static void make(struct sampler_bench *bench, struct timer *timer)
{
    *timer = (struct timer){.sizes = 3};
    sampler_bench_make_with(bench, 1000, NULL, 0);
    sampler_add_source(bench->sampler, &(struct sampler_source){.sample = sample, .arg = timer});
}

static const struct series *find_timer(const struct sampler_bench *bench)
{
    const struct series *series = find_series(bench->follower.catalog, TIMER, "");

    ck_assert_ptr_nonnull(series);
    return series;
}

START_TEST(a_row_has_its_pairs)
{
    struct sampler_bench bench;
    struct timer timer;
    struct histogram_pair pairs[8];
    const struct series *series;

    make(&bench, &timer);
    sampler_bench_tick(&bench, 0);
    series = find_timer(&bench);
    ck_assert_int_eq(series->type, SAMPLE_HISTOGRAM);
    ck_assert_int_eq(history_read_histogram(bench.history, series, bench.seq, pairs, 8), 3);
    ck_assert_int_eq(pairs[2].bucket, 2);
    ck_assert_uint_eq(pairs[0].increment, 2);
    /* Nothing happened, which is not nothing known. */
    timer.sizes = 0;
    sampler_bench_tick(&bench, 1000);
    ck_assert_int_eq(history_read_histogram(bench.history, series, bench.seq, pairs, 8), 0);
    /* Its word is no value of the present. */
    expect_absent(present_shown(&bench.follower.present, series));
    timer.ends = true;
    sampler_bench_tick(&bench, 1000);
    ck_assert_int_eq(history_read_histogram(bench.history, series, bench.seq, pairs, 8), -ENODATA);
    ck_assert_int_eq(history_read_histogram(bench.history, series, bench.seq - 2, pairs, 8), 3);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(what_a_row_has_no_room_for_is_counted)
{
    struct sampler_bench bench;
    struct timer timer;
    static struct histogram_pair pairs[HISTORY_TAIL_PAIRS];

    make(&bench, &timer);
    timer.sizes = HISTORY_TAIL_PAIRS + 100;
    sampler_bench_tick(&bench, 0);
    ck_assert_int_eq(history_read_histogram(bench.history, find_timer(&bench), bench.seq, pairs,
                                            HISTORY_TAIL_PAIRS),
                     (int)HISTORY_TAIL_PAIRS);
    timer.sizes = 1;
    sampler_bench_tick(&bench, 1000);
    expect_number(sampler_bench_raw(&bench, "tacho_buckets_dropped_total", ""), 100);
    ck_assert_int_eq(history_read_histogram(bench.history, find_timer(&bench), bench.seq, pairs, 1),
                     1);
    sampler_bench_remove(&bench);
}
END_TEST

/* Its weight is the events that each bucket of time has. */
static void expect_walk(const struct sampler_bench *bench, struct archive *archive,
                        const struct series *series, int64_t step_ms, double events)
{
    static const double median = 0.5;
    const struct walk_query query = {.to_ms = INT64_MAX,
                                     .step_ms = step_ms,
                                     .last_seq = bench->seq,
                                     .interval_ms = 1000,
                                     .series = &series,
                                     .series_count = 1,
                                     .bucket_max = 10000,
                                     .value_max = 10000,
                                     .quantiles = &median,
                                     .quantile_count = 1,
                                     .width_max = 1000};
    struct walk walk;

    ck_assert_int_eq(walk_read(archive, bench->history, &query, &walk), 0);
    ck_assert_uint_ge(walk.bucket_count, 3);
    for (size_t i = 1; i + 1 < walk.bucket_count; i++) {
        ck_assert_double_eq(walk.summaries[i].weight, events);
        ck_assert_double_eq(sample_value(walk_quantile(&walk, 0, i, 0)), histogram_value(1));
    }
    walk_finish(&walk);
}

/* The oldest segment: three pairs a tick, by bucket. */
static void expect_segment(struct archive *archive, const struct series *series)
{
    uint32_t counts[SEGMENT_POINTS_MAX];
    struct histogram_pair *pairs;
    struct archive_list list;
    struct archived archived;
    int index;

    ck_assert_int_eq(archive_list(archive, ARCHIVE_SECONDS, &list), 0);
    ck_assert_int_eq(archive_open(archive, list.entries[0], &archived), 0);
    index = segment_find(&archived.segment, series->stored_id);
    ck_assert_int_ge(index, 0);
    ck_assert_int_eq(segment_read_histogram(&archived.segment, (size_t)index, counts, &pairs), 0);
    for (size_t i = 0; i < 3 * (size_t)archived.segment.point_count; i++) {
        ck_assert_uint_eq(counts[i / 3], 3);
        ck_assert_int_eq(pairs[i].bucket, (int)(i % 3));
        ck_assert_uint_eq(pairs[i].increment, 2);
    }
    free(pairs);
    archived_finish(&archived);
    archive_list_finish(&list);
}

START_TEST(a_sealed_segment_has_them_too)
{
    static const uint64_t budgets[ARCHIVE_PARTS] = {1000000, 1000000};
    struct sealer_options options = {.max_series = 1000, .interval_ms = 1000};
    struct sampler_bench bench;
    struct timer timer;
    struct sealer *sealer;

    make(&bench, &timer);
    ck_assert_int_eq(archive_new(NULL, budgets, &options.archive), 0);
    options.history = bench.history;
    options.table = bench.table;
    options.tasks = &bench.runner.runner;
    ck_assert_int_eq(sealer_new(&options, &sealer), 0);
    for (int i = 0; i < 1200; i++) {
        sampler_bench_tick(&bench, 1000);
        sealer_tick(sealer, bench.seq);
    }
    ck_assert_uint_ge(archive_last_seq(options.archive, ARCHIVE_SECONDS), 1000);
    ck_assert_uint_gt(history_first(bench.history), 600);
    expect_segment(options.archive, find_timer(&bench));
    expect_walk(&bench, options.archive, find_timer(&bench), 1000, 6);
    expect_walk(&bench, options.archive, find_timer(&bench), 7000, 42);
    expect_walk(&bench, options.archive, find_timer(&bench), MINUTE_MS, 360);
    sealer_free(sealer);
    archive_free(options.archive);
    sampler_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sampler_histogram", a_row_has_its_pairs,
                     what_a_row_has_no_room_for_is_counted, a_sealed_segment_has_them_too);
}

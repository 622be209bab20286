/*
 * What a day of one busy timer takes: bytes in the seconds and in the minutes, CPU to seal them,
 * and time to ask for quantiles of 24 h and of an hour. Its latencies are log-normal, 1,000 a tick.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/sealer.h"
#include "daemon/walk.h"

#define TICKS       86400
#define INTERVAL_MS 1000
#define EVENTS      1000
#define MAX_SERIES  4
#define ROUNDS      9
/* Different ticks, which come again and again. */
#define SHAPES    997
#define PAIRS_MAX 1000

struct shape {
    struct histogram_pair pairs[PAIRS_MAX];
    size_t count;
};

static struct shape shapes[SHAPES];

struct bench {
    struct task_runner runner; /* first */
    struct history *history;
    struct series_table *table;
    struct archive *archive;
    struct sealer *sealer;
    const struct series *timer;
    struct tick tick;
    uint32_t slot;
    int64_t sealing_ns;
};

static void must(const char *what, int result)
{
    if (result < 0)
        errx(1, "%s: %d", what, result);
}

/* Above 0 and below 1. */
static double draw(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 12) + 0.5) / 0x1p52;
}

static double draw_latency(void)
{
    return 0.02 * exp(sqrt(-2 * log(draw())) * cos(6.283185307179586 * draw()));
}

static size_t make_shapes(void)
{
    struct histogram histogram = {0};
    size_t pairs = 0;

    for (size_t i = 0; i < SHAPES; i++) {
        for (size_t k = 0; k < EVENTS; k++) {
            const struct histogram_pair pair = {histogram_bucket(draw_latency()), 1};

            must("a histogram", histogram_add(&histogram, &pair, 1));
        }
        if (histogram_pair_limit(&histogram) > PAIRS_MAX)
            errx(1, "latencies are spread too far");
        shapes[i].count = histogram_pairs(&histogram, shapes[i].pairs);
        pairs += shapes[i].count;
        histogram_clear(&histogram);
    }
    histogram_finish(&histogram);
    return pairs / SHAPES;
}

/* At once. */
static void submit(struct task_runner *runner, struct task *task)
{
    struct bench *bench = (struct bench *)(void *)runner;
    int64_t start_ns = clock_thread_ns();

    task_begin(task, clock_mono_ns());
    task_run(task);
    bench->sealing_ns += clock_thread_ns() - start_ns;
}

static void begin(struct bench *bench)
{
    static const uint64_t budgets[ARCHIVE_PARTS] = {UINT64_MAX, UINT64_MAX};
    static const struct metric metric = {.name = "took_seconds",
                                         .unit = "seconds",
                                         .help = "How long it took.",
                                         .kind = METRIC_HISTOGRAM,
                                         .sparse = true};
    struct catalog *catalog;

    *bench = (struct bench){.runner = {.submit = submit},
                            .tick = {.time_ms = INT64_C(1700006400000), .mono_ns = 1}};
    must("the history", history_new(MAX_SERIES, &bench->history));
    must("the table", series_table_new(MAX_SERIES, &bench->table));
    must("the archive", archive_new(NULL, budgets, &bench->archive));
    must("the sealer", sealer_new(&(struct sealer_options){.history = bench->history,
                                                           .table = bench->table,
                                                           .archive = bench->archive,
                                                           .tasks = &bench->runner,
                                                           .max_series = MAX_SERIES,
                                                           .interval_ms = INTERVAL_MS},
                                  &bench->sealer));
    must("the series", series_table_declare(bench->table, &metric, NULL, 0, 0, INTERVAL_MS,
                                            SAMPLE_HISTOGRAM, &bench->slot));
    must("the catalog", series_table_publish(bench->table));
    catalog = catalog_get(bench->table);
    bench->tick.catalog_version = catalog->version;
    bench->timer = catalog->series[0]; /* the table holds it, too */
    catalog_put(catalog);
}

static void replay(struct bench *bench)
{
    for (size_t i = 0; i < TICKS; i++) {
        const struct shape *shape = &shapes[i % SHAPES];

        bench->tick.seq = history_begin(bench->history);
        bench->tick.time_ms += INTERVAL_MS;
        bench->tick.mono_ns += INTERVAL_MS * NS_PER_MS;
        history_extend(bench->history, bench->slot + 1);
        if (history_set_histogram(bench->history, bench->slot, shape->pairs, shape->count) > 0)
            errx(1, "a row has no room");
        history_commit(bench->history, &bench->tick);
        history_publish(bench->history, bench->tick.seq);
        sealer_tick(bench->sealer, bench->tick.seq);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void measure(const struct bench *bench, const char *what, int64_t span_ms, int64_t step_ms)
{
    static const double quantiles[] = {0.5, 0.95, 0.99};
    const struct walk_query query = {.from_ms = bench->tick.time_ms - span_ms,
                                     .to_ms = bench->tick.time_ms + 1,
                                     .step_ms = step_ms,
                                     .last_seq = bench->tick.seq,
                                     .interval_ms = INTERVAL_MS,
                                     .series = &bench->timer,
                                     .series_count = 1,
                                     .bucket_max = 10000,
                                     .value_max = 100000,
                                     .quantiles = quantiles,
                                     .quantile_count = 3,
                                     .width_max = 100000};
    int64_t wall_ns[ROUNDS], cpu_ns[ROUNDS];
    size_t buckets = 0;

    for (size_t i = 0; i < ROUNDS; i++) {
        struct walk walk;
        int64_t start_ns = clock_mono_ns(), start_cpu_ns = clock_thread_ns();

        must("the walk", walk_read(bench->archive, bench->history, &query, &walk));
        wall_ns[i] = clock_mono_ns() - start_ns;
        cpu_ns[i] = clock_thread_ns() - start_cpu_ns;
        buckets = walk.bucket_count;
        walk_finish(&walk);
    }
    qsort(wall_ns, ROUNDS, sizeof *wall_ns, compare);
    qsort(cpu_ns, ROUNDS, sizeof *cpu_ns, compare);
    printf("  %s, step %3lld s, %zu points: %.2f ms (CPU %.2f)\n", what, (long long)step_ms / 1000,
           buckets, (double)wall_ns[ROUNDS / 2] / 1e6, (double)cpu_ns[ROUNDS / 2] / 1e6);
}

int main(void)
{
    const size_t pairs = make_shapes();
    struct archive_counts seconds, minutes;
    struct bench bench;

    begin(&bench);
    replay(&bench);
    seconds = archive_count(bench.archive, ARCHIVE_SECONDS);
    minutes = archive_count(bench.archive, ARCHIVE_MINUTES);
    printf("a day of one timer, %d events a tick in %zu buckets:\n", EVENTS, pairs);
    printf("  seconds %.1f bytes a tick (%.2f a bucket), minutes %.1f a tick (%.0f a minute); "
           "sealing and minutes take %.1f us of CPU a tick\n",
           (double)seconds.used_bytes / TICKS, (double)seconds.used_bytes / TICKS / (double)pairs,
           (double)minutes.used_bytes / TICKS, (double)minutes.used_bytes * 60 / TICKS,
           (double)bench.sealing_ns / 1e3 / TICKS);
    measure(&bench, "24 h by minutes", INT64_C(86400000), 120000);
    measure(&bench, "24 h by minutes", INT64_C(86400000), 60000);
    measure(&bench, "1 h by ticks", 3600000, 1000);
    measure(&bench, "1 h by ticks", 3600000, 5000);
    measure(&bench, "24 h by ticks", INT64_C(86400000), 90000);
    sealer_free(bench.sealer);
    archive_free(bench.archive);
    series_table_free(bench.table);
    history_free(bench.history);
    return 0;
}

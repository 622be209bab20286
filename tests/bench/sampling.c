/*
 * What a tick costs beside its floor, which is reading the same files with kept descriptors and
 * throwing the bytes away. Everything is measured in one run, in turns, so that the ratios hold on
 * a noisy machine; medians are printed. "cold" sleeps before each turn, as a 1 Hz daemon does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "collectors/registry.h"
#include "daemon/clock.h"
#include "daemon/sampler.h"
#include "daemon/worker.h"

#define HOT_ROUNDS   4000
#define COLD_ROUNDS  150
#define COLD_REST_NS (40 * 1000 * 1000)
#define MAX_SERIES   10000

/*
 * Those that this machine has not are left out, as the collectors leave them out; and those of
 * collectors that are off by default.
 */
static const char *const paths[] = {
    "/proc/stat",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/vmstat",
    "/proc/net/netstat",
    "/proc/net/snmp",
    "/proc/net/snmp6",
    "/proc/net/sockstat",
    "/proc/net/sockstat6",
    "/proc/pressure/cpu",
    "/proc/pressure/io",
    "/proc/pressure/irq",
    "/proc/pressure/memory",
    "/proc/sys/fs/file-nr",
    "/proc/net/dev",
    "/proc/self/statm",
    "/proc/net/softnet_stat",
    "/proc/schedstat",
    "/proc/sys/net/netfilter/nf_conntrack_count",
    "/proc/sys/net/netfilter/nf_conntrack_max",
    "/proc/net/stat/nf_conntrack",
};
#define PATHS (sizeof paths / sizeof *paths)

static const struct collector_roots roots = {.procfs = "/proc", .sysfs = "/sys", .rootfs = "/"};

/* A sink that only counts its series. */
struct counting_sink {
    struct sink sink;
    uint32_t count;
};

static int on_declare(struct sink *sink, const struct metric *metric, const struct label *labels,
                      size_t label_count, unsigned flags, uint32_t *slot)
{
    (void)metric;
    (void)labels;
    (void)label_count;
    (void)flags;
    *slot = ((struct counting_sink *)sink)->count++;
    return 0;
}

static void on_release(struct sink *sink, uint32_t slot)
{
    (void)sink;
    (void)slot;
}

static void on_set_histogram(struct sink *sink, uint32_t slot, const struct histogram_pair *pairs,
                             size_t count)
{
    (void)sink;
    (void)slot;
    (void)pairs;
    (void)count;
}

struct bench {
    int fds[PATHS];
    void **states; /* of the registry's collectors; NULL: not on this machine */
    struct counting_sink sink;
    struct history *history;
    struct series_table *table;
    struct workers *workers;
    struct sampler *sampler;
};

static void floor_turn(struct bench *bench)
{
    static char bytes[256 * 1024];

    for (size_t i = 0; i < PATHS; i++) {
        if (bench->fds[i] >= 0 && pread(bench->fds[i], bytes, sizeof bytes, 0) < 0 &&
            errno != EOPNOTSUPP)
            abort();
    }
}

static void collector_turn(struct bench *bench)
{
    const struct clock_reading now = clock_now();

    bench->sink.sink.real_ns = now.real_ns;
    bench->sink.sink.mono_ns = now.mono_ns;
    for (size_t i = 0; i < collector_registry_count; i++) {
        const struct collector *collector = collector_registry[i];

        /* Those of longer intervals are in the tick's turn, as rarely as they come. */
        if (bench->states[i] == NULL || collector->interval_ms > 0)
            continue;
        if (collector->sample(bench->states[i], &bench->sink.sink) < 0)
            abort();
    }
}

static void tick_turn(struct bench *bench)
{
    history_publish(bench->history, sampler_tick(bench->sampler));
}

static void (*const turns[])(struct bench *bench) = {floor_turn, collector_turn, tick_turn};
static const char *const turn_names[] = {"floor: pread, bytes thrown away",
                                         "collectors: read, parse, write the row",
                                         "tick: collectors, own metrics, derived, commit"};
#define TURNS (sizeof turns / sizeof *turns)

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void measure(struct bench *bench, const char *name, size_t rounds, long rest_ns)
{
    const struct timespec rest = {.tv_nsec = rest_ns};
    int64_t *times[TURNS];
    double floor_us = 0;

    for (size_t turn = 0; turn < TURNS; turn++)
        times[turn] = calloc(rounds, sizeof **times);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t turn = 0; turn < TURNS; turn++) {
            int64_t start;

            if (rest_ns > 0)
                nanosleep(&rest, NULL);
            start = clock_mono_ns();
            turns[turn](bench);
            times[turn][round] = clock_mono_ns() - start;
        }
    }
    for (size_t turn = 0; turn < TURNS; turn++) {
        double us;

        qsort(times[turn], rounds, sizeof **times, compare);
        us = (double)times[turn][rounds / 2] / 1000;
        floor_us = turn == 0 ? us : floor_us;
        printf("%-5s %-48s %8.1f us  %5.2f x floor\n", name, turn_names[turn], us, us / floor_us);
        free(times[turn]);
    }
    printf("%-5s %u samples of the collectors\n\n", name, bench->sink.count);
}

static void start(struct bench *bench)
{
    static const struct sink_ops ops = {
        .declare = on_declare, .release = on_release, .set_histogram = on_set_histogram};
    struct sampler_options options = {.collectors = collector_registry,
                                      .collector_count = collector_registry_count,
                                      .roots = roots,
                                      .interval_ns = NS_PER_SECOND,
                                      .max_series = MAX_SERIES};

    for (size_t i = 0; i < PATHS; i++)
        bench->fds[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
    bench->sink = (struct counting_sink){.sink = {.ops = &ops,
                                                  .words = calloc(MAX_SERIES, 8),
                                                  .capacity = MAX_SERIES,
                                                  .interval_ms = 1000}};
    bench->states = calloc(collector_registry_count, sizeof *bench->states);
    for (size_t i = 0; i < collector_registry_count; i++) {
        int result = 0;

        if (!collector_registry[i]->off_by_default)
            result = collector_registry[i]->open(&roots, &bench->states[i]);
        if (result < 0 && result != -ENOENT && result != -EOPNOTSUPP)
            abort();
    }
    if (history_new(MAX_SERIES, &bench->history) < 0 ||
        series_table_new(MAX_SERIES, &bench->table) < 0 || workers_new(&bench->workers) < 0)
        abort();
    options.tasks = workers_runner(bench->workers);
    bench->sink.sink.tasks = options.tasks;
    options.history = bench->history;
    options.table = bench->table;
    if (sampler_new(&options, &bench->sampler) < 0)
        abort();
    for (size_t i = 0; i < collector_registry_count; i++) {
        if (collector_registry[i]->off_by_default)
            sampler_switch(bench->sampler, i, false);
    }
}

int main(void)
{
    static struct bench bench;

    start(&bench);
    measure(&bench, "hot", HOT_ROUNDS, 0);
    measure(&bench, "cold", COLD_ROUNDS, COLD_REST_NS);
    return 0;
}

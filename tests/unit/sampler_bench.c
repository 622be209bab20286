#include "tests/unit/sampler_bench.h"

#include <stdio.h>

#include "collectors/registry.h"

#define MAX_SERIES 1000

static struct clock_reading read_clock(void *arg)
{
    return *(const struct clock_reading *)arg;
}

static void write_files(const struct sampler_bench *bench)
{
    folder_write(&bench->folder, "proc/stat",
                 "cpu  200 0 200 1600 0 0 0 0 0 0\n"
                 "cpu0 100 0 100 800 0 0 0 0 0 0\n"
                 "cpu1 100 0 100 800 0 0 0 0 0 0\n");
    folder_write(&bench->folder, "proc/loadavg", "0.50 0.25 0.10 1/100 1000\n");
    folder_write(&bench->folder, "proc/meminfo",
                 "MemTotal:        1000 kB\nMemFree:          100 kB\n"
                 "MemAvailable:     250 kB\nSwapTotal:          0 kB\nSwapFree:           0 kB\n");
    folder_write(&bench->folder, "sys/block/sda/device/type", "0\n");
    sampler_bench_set_reads(bench, 100);
}

void sampler_bench_make(struct sampler_bench *bench, uint32_t interval_ms)
{
    sampler_bench_make_with(bench, interval_ms, collector_registry, collector_registry_count);
}

void sampler_bench_make_with(struct sampler_bench *bench, uint32_t interval_ms,
                             const struct collector *const *collectors, size_t count)
{
    struct sampler_options options = {.collectors = collectors,
                                      .collector_count = count,
                                      .interval_ns = interval_ms * NS_PER_MS,
                                      .max_series = MAX_SERIES};

    *bench = (struct sampler_bench){
        .clock = {INT64_C(1699999980) * NS_PER_SECOND, 500 * NS_PER_SECOND, 900 * NS_PER_SECOND}};
    folder_make(&bench->folder);
    snprintf(bench->procfs, sizeof bench->procfs, "%s/proc", bench->folder.path);
    snprintf(bench->sysfs, sizeof bench->sysfs, "%s/sys", bench->folder.path);
    write_files(bench);
    clock_replace(read_clock, &bench->clock);
    ck_assert_int_eq(history_new(MAX_SERIES, &bench->history), 0);
    ck_assert_int_eq(series_table_new(MAX_SERIES, &bench->table), 0);
    options.roots = (struct collector_roots){
        .procfs = bench->procfs, .sysfs = bench->sysfs, .rootfs = bench->folder.path};
    fake_runner_init(&bench->runner);
    options.tasks = &bench->runner.runner;
    options.history = bench->history;
    options.table = bench->table;
    ck_assert_int_eq(sampler_new(&options, &bench->sampler), 0);
    ck_assert_int_eq(
        follower_init(&bench->follower, bench->history, bench->table, MAX_SERIES, interval_ms), 0);
}

void sampler_bench_remove(struct sampler_bench *bench)
{
    follower_finish(&bench->follower);
    sampler_free(bench->sampler);
    fake_runner_finish(&bench->runner);
    series_table_free(bench->table);
    history_free(bench->history);
    clock_replace(NULL, NULL);
    folder_remove(&bench->folder);
}

void sampler_bench_tick(struct sampler_bench *bench, int64_t after_ms)
{
    bench->clock.real_ns += after_ms * NS_PER_MS;
    bench->clock.mono_ns += after_ms * NS_PER_MS;
    bench->clock.boot_ns += after_ms * NS_PER_MS;
    bench->seq = sampler_tick(bench->sampler);
    ck_assert(history_publish(bench->history, bench->seq));
    ck_assert(follower_advance(&bench->follower));
    ck_assert_uint_eq(bench->follower.present.tick.seq, bench->seq);
}

void sampler_bench_set_reads(const struct sampler_bench *bench, unsigned long reads)
{
    char text[128];

    snprintf(text, sizeof text, "   8       0 sda %lu 0 %lu 0 0 0 0 0 0 0 0\n", reads, reads * 8);
    folder_write(&bench->folder, "proc/diskstats", text);
}

static const struct series *find(const struct sampler_bench *bench, const char *name,
                                 const char *labels)
{
    const struct series *series = find_series(bench->follower.catalog, name, labels);

    ck_assert_msg(series != NULL, "no series %s{%s}", name, labels);
    return series;
}

uint64_t sampler_bench_raw(const struct sampler_bench *bench, const char *name, const char *labels)
{
    uint64_t word;

    history_read_column(bench->history, find(bench, name, labels), bench->seq, 1, &word);
    return word;
}

uint64_t sampler_bench_rate(const struct sampler_bench *bench, const char *name, const char *labels)
{
    const struct series *series = find(bench, name, labels);

    ck_assert(series->cumulative);
    return present_shown(&bench->follower.present, series);
}

uint32_t sampler_bench_flags(const struct sampler_bench *bench)
{
    return bench->follower.present.tick.flags;
}

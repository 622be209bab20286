/*
 * The sampler on a machine of text files and on clocks that the test sets: two CPUs, memory, load
 * averages and a disk.
 */
#ifndef TACHO_TESTS_UNIT_SAMPLER_BENCH_H
#define TACHO_TESTS_UNIT_SAMPLER_BENCH_H

#include "daemon/follower.h"
#include "daemon/sampler.h"
#include "tests/unit/fake_runner.h"
#include "tests/unit/model.h"

struct sampler_bench {
    struct folder folder; /* proc/ and sys/ */
    char procfs[80], sysfs[80];
    struct history *history;
    struct series_table *table;
    struct fake_runner runner;
    struct sampler *sampler;
    struct follower follower;
    struct clock_reading clock;
    uint64_t seq; /* of the last tick */
};

/* With all files there, at a slot of the grid; no tick has been made. */
void sampler_bench_make(struct sampler_bench *bench, uint32_t interval_ms);
/* With other collectors than those of the registry. */
void sampler_bench_make_with(struct sampler_bench *bench, uint32_t interval_ms,
                             const struct collector *const *collectors, size_t count);
void sampler_bench_remove(struct sampler_bench *bench);

/* So much passes on all three clocks; then a tick is made and followed. */
void sampler_bench_tick(struct sampler_bench *bench, int64_t after_ms);

/* proc/diskstats with the disk sda, having completed so many reads. */
void sampler_bench_set_reads(const struct sampler_bench *bench, unsigned long reads);
#define SAMPLER_BENCH_READS "node_disk_reads_completed_total"

/* What the last tick's row holds of a series, and its rate as it is shown. */
uint64_t sampler_bench_raw(const struct sampler_bench *bench, const char *name, const char *labels);
uint64_t sampler_bench_rate(const struct sampler_bench *bench, const char *name,
                            const char *labels);

/* The flags of the last tick. */
uint32_t sampler_bench_flags(const struct sampler_bench *bench);

#endif

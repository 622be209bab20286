/*
 * What a day of 1,000 series takes: on disk, in memory, at each tick, and to be read. It is the
 * recording of the fixtures over and over (counters go on), put into FOLDER, which stays.
 * history RECORDING FOLDER
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/walk.h"
#include "tests/bench/day.h"

#define ROUNDS        9
#define SERIES_ASKED  50
#define BUCKETS_ASKED 3000

/* DESIGN.md, section 8. */
#define SAMPLE_BYTES_MAX 0.35
#define DAY_MB_MAX       25.0
#define ONE_MS_MAX       1.0
#define MANY_MS_MAX      30.0

static const char *verdict(double value, double most)
{
    return value <= most ? "ok" : "OVER";
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

/* --- what /proc says of this process --- */

static uint64_t read_proc(const char *path, const char *key)
{
    char line[256];
    unsigned long long value = 0;
    FILE *file = fopen(path, "r");

    if (!file)
        err(1, "%s", path);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtoull(line + strlen(key), NULL, 10);
    }
    fclose(file);
    return value;
}

static uint64_t private_kib(void)
{
    return read_proc("/proc/self/smaps_rollup", "Private_Dirty:");
}

static uint64_t written_bytes(void)
{
    return read_proc("/proc/self/io", "wchar:");
}

/* --- the disk --- */

struct sizes {
    const struct day *day;
    uint64_t seconds, minutes, rows, others;
    size_t seconds_files, minutes_files;
};

static int on_name(void *arg, const char *name)
{
    struct sizes *sizes = arg;
    struct stat status;
    uint64_t size;

    if (fstatat(sizes->day->folder.fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        err(1, "%s", name);
    size = (uint64_t)status.st_size;
    if (strncmp(name, "seconds-", 8) == 0) {
        sizes->seconds += size;
        sizes->seconds_files++;
    } else if (strncmp(name, "minutes-", 8) == 0 || strncmp(name, "merged-", 7) == 0) {
        sizes->minutes += size;
        sizes->minutes_files++;
    } else if (strncmp(name, "rows-", 5) == 0) {
        sizes->rows += size;
    } else {
        sizes->others += size;
    }
    return 0;
}

static void report_disk(const struct day *day)
{
    const double samples = (double)DAY_TICKS * DAY_SERIES;
    const double sealed = (double)archive_last_seq(day->archive, ARCHIVE_SECONDS) * DAY_SERIES;
    struct sizes sizes = {.day = day};
    double whole;

    if (data_folder_list(&day->folder, on_name, &sizes) < 0)
        errx(1, "%s: cannot be listed", day->folder.path);
    whole = (double)sizes.seconds / sealed * samples;
    printf("  on disk: seconds %.2f MB in %zu files, minutes %.2f MB in %zu, rows not yet sealed "
           "%.2f MB, other %.3f MB\n",
           (double)sizes.seconds / 1e6, sizes.seconds_files, (double)sizes.minutes / 1e6,
           sizes.minutes_files, (double)sizes.rows / 1e6, (double)sizes.others / 1e6);
    printf("  bytes a sample: seconds %.4f (budget %.2f: %s), minutes %.4f, both %.4f; a day's "
           "seconds %.1f MB (budget %.0f: %s)\n",
           (double)sizes.seconds / sealed, SAMPLE_BYTES_MAX,
           verdict((double)sizes.seconds / sealed, SAMPLE_BYTES_MAX),
           (double)sizes.minutes / sealed, (double)(sizes.seconds + sizes.minutes) / sealed,
           whole / 1e6, DAY_MB_MAX, verdict(whole / 1e6, DAY_MB_MAX));
}

/* --- costs --- */

static double quantile_us(struct durations *durations, double share)
{
    if (durations->count == 0)
        return 0;
    return (double)durations->ns[(size_t)(share * (double)(durations->count - 1))] / 1e3;
}

static double sum_us(const struct durations *durations)
{
    int64_t sum = 0;

    for (size_t i = 0; i < durations->count; i++)
        sum += durations->ns[i];
    return (double)sum / 1e3;
}

static void report_costs(struct day *day, uint64_t written)
{
    static const char *const names[DAY_COSTS] = {
        [DAY_STORE_CPU] = "storing a tick, CPU",
        [DAY_STORE_WALL] = "storing a tick, wall",
        [DAY_FLOOR_CPU] = "floor: a bare pwrite, CPU",
        [DAY_FLOOR_WALL] = "floor: a bare pwrite, wall",
        [DAY_SEAL_CPU] = "sealing a block and its minutes, CPU",
        [DAY_JOIN_CPU] = "the same where minutes are joined, CPU",
        [DAY_FILE_CPU] = "writing a block's files, CPU",
        [DAY_FILE_WALL] = "writing a block's files, wall",
    };
    double a_tick = (sum_us(&day->costs[DAY_SEAL_CPU]) + sum_us(&day->costs[DAY_JOIN_CPU]) +
                     sum_us(&day->costs[DAY_FILE_CPU])) /
                    DAY_TICKS;

    for (size_t i = 0; i < DAY_COSTS; i++) {
        struct durations *durations = &day->costs[i];

        qsort(durations->ns, durations->count, sizeof *durations->ns, compare);
        printf("  %-40s p50 %.1f, p99 %.1f, max %.1f us of %zu\n", names[i],
               quantile_us(durations, 0.5), quantile_us(durations, 0.99), quantile_us(durations, 1),
               durations->count);
    }
    printf("  storing is %.2f of its floor (CPU, p50); sealing, joining and files take %.1f us of "
           "CPU a tick; %.0f bytes are written a tick\n",
           quantile_us(&day->costs[DAY_STORE_CPU], 0.5) /
               quantile_us(&day->costs[DAY_FLOOR_CPU], 0.5),
           a_tick, (double)(written - day->floor_bytes) / DAY_TICKS);
}

/* --- queries --- */

static void measure_query(const struct day *day, const struct catalog *catalog, size_t count,
                          int64_t step_ms, double most_ms)
{
    const struct series *series[SERIES_ASKED];
    struct walk_query query = {.from_ms = day->tick.time_ms - INT64_C(86400000),
                               .to_ms = day->tick.time_ms,
                               .step_ms = step_ms,
                               .last_seq = history_last(day->history),
                               .interval_ms = DAY_INTERVAL_MS,
                               .series = series,
                               .series_count = count,
                               .wanted = {[AGGREGATE_AVG] = true},
                               .bucket_max = BUCKETS_ASKED,
                               .value_max = BUCKETS_ASKED * SERIES_ASKED};
    int64_t wall_ns[ROUNDS], cpu_ns[ROUNDS];
    size_t buckets = 0;
    double ms;

    /* Alike over all there are; one alone is from the middle. */
    for (size_t i = 0; i < count; i++)
        series[i] = catalog->series[(2 * i + 1) * catalog->count / (2 * count)];
    for (size_t round = 0; round < ROUNDS; round++) {
        struct walk walk;
        int64_t start_ns = clock_mono_ns(), start_cpu_ns = clock_thread_ns();

        if (walk_read(day->archive, day->history, &query, &walk) < 0)
            errx(1, "the walk failed");
        wall_ns[round] = clock_mono_ns() - start_ns;
        cpu_ns[round] = clock_thread_ns() - start_cpu_ns;
        buckets = walk.bucket_count;
        walk_finish(&walk);
    }
    qsort(wall_ns, ROUNDS, sizeof *wall_ns, compare);
    qsort(cpu_ns, ROUNDS, sizeof *cpu_ns, compare);
    ms = (double)wall_ns[ROUNDS / 2] / 1e6;
    printf("  24 h of %2zu series, step %3lld s, %zu points: %.2f ms (CPU %.2f), budget %.0f: %s\n",
           count, (long long)step_ms / 1000, buckets, ms, (double)cpu_ns[ROUNDS / 2] / 1e6, most_ms,
           verdict(ms, most_ms));
}

static void measure_queries(const struct day *day)
{
    struct catalog *catalog = catalog_get(day->table);

    measure_query(day, catalog, 1, 120000, ONE_MS_MAX);
    measure_query(day, catalog, SERIES_ASKED, 120000, MANY_MS_MAX);
    measure_query(day, catalog, 1, 30000, ONE_MS_MAX);
    measure_query(day, catalog, SERIES_ASKED, 30000, MANY_MS_MAX);
    catalog_put(catalog);
}

int main(int argc, char **argv)
{
    struct recording recording;
    struct day day;
    uint64_t kib, written;
    int64_t start_ns;
    int result;

    if (argc != 3)
        errx(2, "usage: history RECORDING FOLDER");
    result = recording_read(argv[1], &recording);
    if (result < 0 || recording.series_count < DAY_SERIES) {
        printf("skipped: %s: %s\n", argv[1],
               result < 0 ? strerror(-result) : "it has not enough series");
        return 0;
    }
    day_begin(&day, &recording, argv[2]);
    kib = private_kib();
    written = written_bytes();
    start_ns = clock_mono_ns();
    day_replay(&day);
    printf("%d series, %d ticks, in %.1f s:\n", DAY_SERIES, DAY_TICKS,
           (double)(clock_mono_ns() - start_ns) / 1e9);
    report_costs(&day, written_bytes() - written);
    report_disk(&day);
    printf("  memory: Private_Dirty %.0f KiB beside the head's rows (%zu KiB)\n",
           (double)private_kib() - (double)kib - (double)history_used_bytes(day.history) / 1024,
           history_used_bytes(day.history) / 1024);
    measure_queries(&day);
    day_end(&day);
    return 0;
}

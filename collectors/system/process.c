#include "collectors/system/process.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collectors/procfs.h"
#include "collectors/system/pid_files.h"
#include "collectors/system/process_fds.h"
#include "collectors/system/stat.h"

#define PROCFS        "/proc"
#define US_PER_SECOND 1000000

static const struct metric cpu_seconds = {
    .name = "process_cpu_seconds_total",
    .unit = "seconds",
    .help = "Total user and system CPU time spent in seconds.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric resident_bytes = {
    .name = "process_resident_memory_bytes",
    .unit = "bytes",
    .help = "Resident memory size in bytes.",
    .kind = METRIC_GAUGE,
};
static const struct metric virtual_bytes = {
    .name = "process_virtual_memory_bytes",
    .unit = "bytes",
    .help = "Virtual memory size in bytes.",
    .kind = METRIC_GAUGE,
};
static const struct metric start_time = {
    .name = "process_start_time_seconds",
    .unit = "seconds",
    .help = "Start time of the process since unix epoch in seconds.",
    .kind = METRIC_GAUGE,
};
static const struct metric open_fds = {
    .name = "process_open_fds",
    .unit = "",
    .help = "Number of open file descriptors.",
    .kind = METRIC_GAUGE,
};
static const struct metric max_fds = {
    .name = "process_max_fds",
    .unit = "",
    .help = "Maximum number of open file descriptors.",
    .kind = METRIC_GAUGE,
};
static const struct metric virtual_max_bytes = {
    .name = "process_virtual_memory_max_bytes",
    .unit = "bytes",
    .help = "Maximum amount of virtual memory available in bytes.",
    .kind = METRIC_GAUGE,
};

struct process_state {
    struct procfs_file statm;
    double page_bytes;
    double start_seconds; /* Unix time */
    bool start_known;
    struct process_fds fds;
    int64_t rare_slot; /* of the grid of PROCESS_RARELY_MS, in which they were last asked for */
    struct sink_series cpu, resident, virtual, start;
    struct sink_series open_fds, max_fds, virtual_max;
};

/* A short file of procfs, as procfs_read(); closed by the caller whatever comes. */
static int read_file(struct procfs_file *file, const char *path, const char **text, size_t *length)
{
    int result = procfs_open(file, PROCFS, path);

    return result < 0 ? result : procfs_read(file, text, length);
}

static int read_start(uint64_t *ticks)
{
    struct procfs_file file = {0};
    struct pid_stat stat;
    const char *text;
    size_t length;
    int result = read_file(&file, "self/stat", &text, &length);

    if (result == 0)
        result = pid_stat_parse(text, length, &stat);
    procfs_close(&file);
    if (result == 0)
        *ticks = stat.start_ticks;
    return result;
}

static int read_boot_time(uint64_t *seconds)
{
    struct procfs_file file = {0};
    struct stat_lines lines = {0};
    const char *text;
    size_t length;
    int result = read_file(&file, "stat", &text, &length);

    /* What is wrong with the other lines is no matter here. */
    if (result == 0)
        (void)!stat_parse(text, length, &lines);
    procfs_close(&file);
    if (result < 0)
        return result;
    if (!(lines.present & 1U << STAT_BOOT_TIME))
        return -ENOENT;
    *seconds = lines.values[STAT_BOOT_TIME];
    return 0;
}

/* Where /proc/stat is hidden (ProcSubset=pid), the start stays unknown until it is shown. */
static void find_start(struct process_state *state)
{
    uint64_t boot_seconds, ticks;

    if (read_boot_time(&boot_seconds) != 0 || read_start(&ticks) != 0)
        return;
    state->start_seconds = (double)boot_seconds + (double)ticks / (double)sysconf(_SC_CLK_TCK);
    state->start_known = true;
}

static void close_process(void *opaque)
{
    struct process_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->statm);
    process_fds_finish(&state->fds);
    free(state);
}

static int open_process(const struct collector_roots *roots, void **out)
{
    struct process_state *state = calloc(1, sizeof *state);
    int result;

    (void)roots;
    if (state == NULL)
        return -ENOMEM;
    state->page_bytes = (double)sysconf(_SC_PAGESIZE);
    result = procfs_open(&state->statm, PROCFS, "self/statm");
    if (result == 0)
        result = process_fds_init(&state->fds, !process_fds_are_counted());
    if (result < 0) {
        close_process(state);
        return result;
    }
    *out = state;
    return 0;
}

static double cpu_time(const struct rusage *usage)
{
    int64_t us = (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * US_PER_SECOND +
                 usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;

    return (double)us / US_PER_SECOND;
}

/* RLIM_INFINITY is all ones, which is what other client libraries show too. */
static void write_limits(struct process_state *state, struct sink *sink)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        sink_put(sink, &state->max_fds, &max_fds, NULL, 0, 0, (double)limit.rlim_cur);
    if (getrlimit(RLIMIT_AS, &limit) == 0)
        sink_put(sink, &state->virtual_max, &virtual_max_bytes, NULL, 0, 0, (double)limit.rlim_cur);
}

/* What is asked for less often than the rest, and says so where it is declared. */
static void write_rarely(struct process_state *state, struct sink *sink)
{
    int64_t slot = sink->real_ns / (PROCESS_RARELY_MS * INT64_C(1000000));
    uint32_t interval_ms = sink->interval_ms;
    uint64_t count;

    if (interval_ms < PROCESS_RARELY_MS)
        sink->interval_ms = PROCESS_RARELY_MS;
    if (slot != state->rare_slot) {
        state->rare_slot = slot;
        process_fds_ask(&state->fds, sink->tasks);
        write_limits(state, sink);
        if (!state->start_known)
            find_start(state);
    }
    if (process_fds_take(&state->fds, &count))
        sink_put(sink, &state->open_fds, &open_fds, NULL, 0, 0, (double)count);
    sink->interval_ms = interval_ms;
}

static int sample_process(void *opaque, struct sink *sink)
{
    struct process_state *state = opaque;
    struct pid_statm memory;
    struct rusage usage;
    const char *text;
    size_t length;
    int result = procfs_read(&state->statm, &text, &length);

    if (result < 0)
        return result;
    result = pid_statm_parse(text, length, &memory);
    if (result < 0)
        return result;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return -errno;
    sink_put(sink, &state->cpu, &cpu_seconds, NULL, 0, 0, cpu_time(&usage));
    sink_put(sink, &state->resident, &resident_bytes, NULL, 0, 0,
             (double)memory.resident_pages * state->page_bytes);
    sink_put(sink, &state->virtual, &virtual_bytes, NULL, 0, 0,
             (double)memory.virtual_pages * state->page_bytes);
    write_rarely(state, sink);
    if (state->start_known)
        sink_put(sink, &state->start, &start_time, NULL, 0, 0, state->start_seconds);
    return 0;
}

const struct collector process_collector = {
    .name = "process",
    .open = open_process,
    .sample = sample_process,
    .close = close_process,
};

#include "daemon/formula.h"

#include <math.h>

#include "daemon/sample.h"

const struct input_key formula_inputs[INPUT_COUNT] = {
    [CPU_USER] = {"node_cpu_seconds_total", "user"},
    [CPU_NICE] = {"node_cpu_seconds_total", "nice"},
    [CPU_SYSTEM] = {"node_cpu_seconds_total", "system"},
    [CPU_IDLE] = {"node_cpu_seconds_total", "idle"},
    [CPU_IOWAIT] = {"node_cpu_seconds_total", "iowait"},
    [CPU_IRQ] = {"node_cpu_seconds_total", "irq"},
    [CPU_SOFTIRQ] = {"node_cpu_seconds_total", "softirq"},
    [CPU_STEAL] = {"node_cpu_seconds_total", "steal"},
    [GUEST_USER] = {"node_cpu_guest_seconds_total", "user"},
    [GUEST_NICE] = {"node_cpu_guest_seconds_total", "nice"},
    [MEM_TOTAL] = {"node_memory_MemTotal_bytes", NULL},
    [MEM_FREE] = {"node_memory_MemFree_bytes", NULL},
    [MEM_AVAILABLE] = {"node_memory_MemAvailable_bytes", NULL},
    [MEM_BUFFERS] = {"node_memory_Buffers_bytes", NULL},
    [MEM_CACHED] = {"node_memory_Cached_bytes", NULL},
    [MEM_SHMEM] = {"node_memory_Shmem_bytes", NULL},
    [MEM_RECLAIMABLE] = {"node_memory_SReclaimable_bytes", NULL},
    [SWAP_TOTAL] = {"node_memory_SwapTotal_bytes", NULL},
    [SWAP_FREE] = {"node_memory_SwapFree_bytes", NULL},
    [ARC_SIZE] = {"node_zfs_arc_size", NULL},
    [ARC_MIN] = {"node_zfs_arc_c_min", NULL},
    [LOAD1] = {"node_load1", NULL},
    [DISK_READ_BYTES] = {"node_disk_read_bytes_total", NULL},
    [DISK_WRITTEN_BYTES] = {"node_disk_written_bytes_total", NULL},
    [DISK_IO_TIME] = {"node_disk_io_time_seconds_total", NULL},
    [DISK_READ_TIME] = {"node_disk_read_time_seconds_total", NULL},
    [DISK_READS] = {"node_disk_reads_completed_total", NULL},
    [DISK_WRITE_TIME] = {"node_disk_write_time_seconds_total", NULL},
    [DISK_WRITES] = {"node_disk_writes_completed_total", NULL},
};

const char *const formula_cpu_modes[FORMULA_CPU_MODES] = {
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"};

#define CPU_MODE_GUEST (FORMULA_CPU_MODES - 1)

static double known(uint64_t word)
{
    return sample_is_absent(word) ? NAN : sample_value(word);
}

/*
 * What was read of a series in this very tick; NULL if nothing was. The present shows a former
 * value for a while, and nothing is to be derived from what is no longer there. A series of a
 * longer interval has its last value until the next is due.
 */
static const struct present_value *read_now(const struct present *present,
                                            const struct series *series)
{
    const struct present_value *value = present_of(present, series);
    bool is_kept = value->mono_ns != present->tick.mono_ns;

    return is_kept && series->interval_ms <= present->interval_ms ? NULL : value;
}

static double value_of(const struct inputs *inputs, const struct present *present, enum input input)
{
    const struct series_list *list = &inputs->lists[input];
    const struct present_value *value =
        list->count == 0 ? NULL : read_now(present, list->series[0]);

    return value ? known(value->word) : NAN;
}

static double rate_of(const struct present *present, const struct series *series)
{
    const struct present_value *value = series ? read_now(present, series) : NULL;

    return value ? known(value->rate) : NAN;
}

/* Sum of the rates that are known; NaN when none is. */
static double sum_rates(const struct inputs *inputs, const struct present *present,
                        enum input input, unsigned flags)
{
    const struct series_list *list = &inputs->lists[input];
    double sum = NAN;

    for (size_t i = 0; i < list->count; i++) {
        double rate = rate_of(present, list->series[i]);

        if ((list->series[i]->flags & flags) == flags && !isnan(rate))
            sum = isnan(sum) ? rate : sum + rate;
    }
    return sum;
}

static double or_zero(double value)
{
    return isnan(value) ? 0 : value;
}

void formula_prepare(struct inputs *inputs, const struct present *present)
{
    double seconds[FORMULA_CPU_MODES], total = 0;
    double guest = or_zero(sum_rates(inputs, present, GUEST_USER, 0));
    double guest_nice = or_zero(sum_rates(inputs, present, GUEST_NICE, 0));

    for (size_t mode = 0; mode < CPU_MODE_GUEST; mode++)
        seconds[mode] = or_zero(sum_rates(inputs, present, CPU_USER + (enum input)mode, 0));
    /* proc_stat(5): guest time is counted in user, guest_nice in nice. */
    seconds[CPU_USER] = fmax(0, seconds[CPU_USER] - guest);
    seconds[CPU_NICE] = fmax(0, seconds[CPU_NICE] - guest_nice);
    seconds[CPU_MODE_GUEST] = guest + guest_nice;
    for (size_t mode = 0; mode < FORMULA_CPU_MODES; mode++)
        total += seconds[mode];
    for (size_t mode = 0; mode < FORMULA_CPU_MODES; mode++)
        inputs->cpu_share[mode] = total > 0 ? seconds[mode] / total : NAN;
}

static double cpu_busy(const struct inputs *inputs, const struct present *present,
                       const struct formula_arguments *arguments)
{
    double busy = 1 - inputs->cpu_share[CPU_IDLE] - inputs->cpu_share[CPU_IOWAIT];

    (void)present;
    (void)arguments;
    return busy < 0 ? 0 : busy; /* not fmax(), which turns NaN into 0 */
}

static double cpu_mode(const struct inputs *inputs, const struct present *present,
                       const struct formula_arguments *arguments)
{
    (void)present;
    return inputs->cpu_share[arguments->mode];
}

/* MemAvailable is missing before Linux 3.14: what can be freed without swapping, roughly. */
static double estimate_available(const struct inputs *inputs, const struct present *present)
{
    return value_of(inputs, present, MEM_FREE) + or_zero(value_of(inputs, present, MEM_BUFFERS)) +
           or_zero(value_of(inputs, present, MEM_CACHED)) -
           or_zero(value_of(inputs, present, MEM_SHMEM)) +
           or_zero(value_of(inputs, present, MEM_RECLAIMABLE));
}

static double memory_used(const struct inputs *inputs, const struct present *present,
                          const struct formula_arguments *arguments)
{
    double available = value_of(inputs, present, MEM_AVAILABLE);
    double reclaimable_arc =
        value_of(inputs, present, ARC_SIZE) - value_of(inputs, present, ARC_MIN);
    double used;

    (void)arguments;
    if (isnan(available))
        available = estimate_available(inputs, present);
    used = value_of(inputs, present, MEM_TOTAL) - available - fmax(0, or_zero(reclaimable_arc));
    return used < 0 ? 0 : used;
}

static double memory_used_ratio(const struct inputs *inputs, const struct present *present,
                                const struct formula_arguments *arguments)
{
    double total = value_of(inputs, present, MEM_TOTAL);

    return total > 0 ? memory_used(inputs, present, arguments) / total : NAN;
}

static double swap_used_ratio(const struct inputs *inputs, const struct present *present,
                              const struct formula_arguments *arguments)
{
    double total = value_of(inputs, present, SWAP_TOTAL);

    (void)arguments;
    return total > 0 ? (total - value_of(inputs, present, SWAP_FREE)) / total : NAN;
}

static double load_per_cpu(const struct inputs *inputs, const struct present *present,
                           const struct formula_arguments *arguments)
{
    const struct series_list *list = &inputs->lists[CPU_IDLE];
    size_t online = 0;

    (void)arguments;
    for (size_t i = 0; i < list->count; i++)
        online += read_now(present, list->series[i]) != NULL;
    return online > 0 ? value_of(inputs, present, LOAD1) / (double)online : NAN;
}

static double disk_read(const struct inputs *inputs, const struct present *present,
                        const struct formula_arguments *arguments)
{
    (void)arguments;
    return sum_rates(inputs, present, DISK_READ_BYTES, SERIES_IN_TOTAL);
}

static double disk_written(const struct inputs *inputs, const struct present *present,
                           const struct formula_arguments *arguments)
{
    (void)arguments;
    return sum_rates(inputs, present, DISK_WRITTEN_BYTES, SERIES_IN_TOTAL);
}

/* iostats.rst: the counter and the clock are not read together, so it can exceed 1 a little. */
static double disk_busy(const struct inputs *inputs, const struct present *present,
                        const struct formula_arguments *arguments)
{
    double busy = rate_of(present, arguments->series[0]);

    (void)inputs;
    return busy > 1 ? 1 : busy;
}

static double disk_await(const struct inputs *inputs, const struct present *present,
                         const struct formula_arguments *arguments)
{
    double requests = rate_of(present, arguments->series[1]);

    (void)inputs;
    return requests > 0 ? rate_of(present, arguments->series[0]) / requests : NAN;
}

#define DERIVED(name_, unit_, help_)                                                               \
    .metric = {.name = (name_), .unit = (unit_), .help = (help_), .kind = METRIC_GAUGE}

/* Read and write differ in their inputs alone. */
#define DISK_AWAIT(op_, time_, requests_)                                                          \
    {                                                                                              \
        DERIVED("tacho_disk_await_seconds", "seconds",                                             \
                "Seconds per completed request, waiting included: rate of the time / rate of the " \
                "requests; none without requests."),                                               \
            .compute = disk_await, .per = PER_DEVICE, .first = (requests_),                        \
            .arguments = {(time_), (requests_)}, .op = (op_)                                       \
    }

const struct formula formulas[] = {
    {DERIVED("tacho_cpu_busy_ratio", "ratio", "1 - idle - iowait, as shares of all CPUs' time."),
     .compute = cpu_busy, .per = PER_MACHINE, .first = CPU_IDLE},
    {DERIVED("tacho_cpu_mode_ratio", "ratio",
             "Share of all CPUs' time in this mode; guest is taken out of user and nice; sums to "
             "1."),
     .compute = cpu_mode, .per = PER_CPU_MODE, .first = CPU_IDLE},
    {DERIVED("tacho_memory_used_bytes", "bytes",
             "MemTotal - MemAvailable - max(0, ZFS ARC size - c_min); before Linux 3.14 "
             "MemAvailable is estimated as MemFree + Buffers + Cached - Shmem + SReclaimable."),
     .compute = memory_used, .per = PER_MACHINE, .first = MEM_TOTAL},
    {DERIVED("tacho_memory_used_ratio", "ratio", "tacho_memory_used_bytes / MemTotal."),
     .compute = memory_used_ratio, .per = PER_MACHINE, .first = MEM_TOTAL},
    {DERIVED("tacho_swap_used_ratio", "ratio",
             "(SwapTotal - SwapFree) / SwapTotal; none without swap."),
     .compute = swap_used_ratio, .per = PER_MACHINE, .first = SWAP_TOTAL},
    {DERIVED("tacho_load_per_cpu", "", "node_load1 / CPUs online."), .compute = load_per_cpu,
     .per = PER_MACHINE, .first = LOAD1},
    {DERIVED("tacho_disk_read_bytes_per_second", "bytes_per_second",
             "Rate of node_disk_read_bytes_total, summed over whole physical disks."),
     .compute = disk_read, .per = PER_MACHINE, .first = DISK_READ_BYTES},
    {DERIVED("tacho_disk_written_bytes_per_second", "bytes_per_second",
             "Rate of node_disk_written_bytes_total, summed over whole physical disks."),
     .compute = disk_written, .per = PER_MACHINE, .first = DISK_WRITTEN_BYTES},
    {DERIVED("tacho_disk_busy_ratio", "ratio",
             "Rate of node_disk_io_time_seconds_total, at most 1: share of time with a request in "
             "flight."),
     .compute = disk_busy, .per = PER_DEVICE, .first = DISK_IO_TIME,
     .arguments = {DISK_IO_TIME, INPUT_COUNT}},
    DISK_AWAIT("read", DISK_READ_TIME, DISK_READS),
    DISK_AWAIT("write", DISK_WRITE_TIME, DISK_WRITES),
};

const size_t formula_count = sizeof formulas / sizeof *formulas;

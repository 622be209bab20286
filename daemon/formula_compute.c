#include "daemon/formula_compute.h"

#include <math.h>

#include "daemon/sample.h"

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

/* The value of one of the output's own series; NaN if there is none. */
static double argument(const struct present *present, const struct formula_arguments *arguments,
                       size_t index)
{
    const struct series *series = arguments->series[index];
    const struct present_value *value = series ? read_now(present, series) : NULL;

    return value ? known(value->word) : NAN;
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

double formula_cpu_busy(const struct inputs *inputs, const struct present *present,
                        const struct formula_arguments *arguments)
{
    double busy = 1 - inputs->cpu_share[CPU_IDLE] - inputs->cpu_share[CPU_IOWAIT];

    (void)present;
    (void)arguments;
    return busy < 0 ? 0 : busy; /* not fmax(), which turns NaN into 0 */
}

double formula_cpu_mode(const struct inputs *inputs, const struct present *present,
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

double formula_memory_is_estimated(const struct inputs *inputs, const struct present *present,
                                   const struct formula_arguments *arguments)
{
    (void)arguments;
    if (isnan(value_of(inputs, present, MEM_TOTAL)))
        return NAN; /* nothing was read */
    return isnan(value_of(inputs, present, MEM_AVAILABLE)) ? 1 : 0;
}

double formula_memory_used(const struct inputs *inputs, const struct present *present,
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

double formula_memory_used_ratio(const struct inputs *inputs, const struct present *present,
                                 const struct formula_arguments *arguments)
{
    double total = value_of(inputs, present, MEM_TOTAL);

    return total > 0 ? formula_memory_used(inputs, present, arguments) / total : NAN;
}

double formula_swap_used_ratio(const struct inputs *inputs, const struct present *present,
                               const struct formula_arguments *arguments)
{
    double total = value_of(inputs, present, SWAP_TOTAL);

    (void)arguments;
    return total > 0 ? (total - value_of(inputs, present, SWAP_FREE)) / total : NAN;
}

double formula_load_per_cpu(const struct inputs *inputs, const struct present *present,
                            const struct formula_arguments *arguments)
{
    const struct series_list *list = &inputs->lists[CPU_IDLE];
    size_t online = 0;

    (void)arguments;
    for (size_t i = 0; i < list->count; i++)
        online += read_now(present, list->series[i]) != NULL;
    return online > 0 ? value_of(inputs, present, LOAD1) / (double)online : NAN;
}

double formula_disk_read(const struct inputs *inputs, const struct present *present,
                         const struct formula_arguments *arguments)
{
    (void)arguments;
    return sum_rates(inputs, present, DISK_READ_BYTES, SERIES_IN_TOTAL);
}

double formula_disk_written(const struct inputs *inputs, const struct present *present,
                            const struct formula_arguments *arguments)
{
    (void)arguments;
    return sum_rates(inputs, present, DISK_WRITTEN_BYTES, SERIES_IN_TOTAL);
}

/* iostats.rst: the counter and the clock are not read together, so it can exceed 1 a little. */
double formula_disk_busy(const struct inputs *inputs, const struct present *present,
                         const struct formula_arguments *arguments)
{
    double busy = rate_of(present, arguments->series[0]);

    (void)inputs;
    return busy > 1 ? 1 : busy;
}

double formula_disk_await(const struct inputs *inputs, const struct present *present,
                          const struct formula_arguments *arguments)
{
    double requests = rate_of(present, arguments->series[1]);

    (void)inputs;
    return requests > 0 ? rate_of(present, arguments->series[0]) / requests : NAN;
}

double formula_network_receive(const struct inputs *inputs, const struct present *present,
                               const struct formula_arguments *arguments)
{
    (void)arguments;
    return sum_rates(inputs, present, NET_RECEIVE_BYTES, SERIES_IN_TOTAL);
}

double formula_network_transmit(const struct inputs *inputs, const struct present *present,
                                const struct formula_arguments *arguments)
{
    (void)arguments;
    return sum_rates(inputs, present, NET_TRANSMIT_BYTES, SERIES_IN_TOTAL);
}

/* As df(1) has it: what is reserved for root is neither used nor available. */
double formula_filesystem_used(const struct inputs *inputs, const struct present *present,
                               const struct formula_arguments *arguments)
{
    double used = argument(present, arguments, 0) - argument(present, arguments, 1);
    double available = argument(present, arguments, 2);

    (void)inputs;
    return used + available > 0 ? used / (used + available) : NAN;
}

double formula_filesystem_inodes_used(const struct inputs *inputs, const struct present *present,
                                      const struct formula_arguments *arguments)
{
    double inodes = argument(present, arguments, 0);

    (void)inputs;
    return inodes > 0 ? (inodes - argument(present, arguments, 1)) / inodes : NAN;
}

double formula_pressure(const struct inputs *inputs, const struct present *present,
                        const struct formula_arguments *arguments)
{
    double waiting = rate_of(present, arguments->series[0]);

    (void)inputs;
    return waiting > 1 ? 1 : waiting;
}

/*
 * Files with a heading of CPUs, and a line of as many counts for each kind of event:
 * /proc/interrupts and /proc/softirqs.
 *
 *                CPU0       CPU1
 *       0:         18          0   IR-IO-APIC-edge      timer
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_COUNTS_H
#define TACHO_COLLECTORS_SYSTEM_CPU_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/parse.h"

/* More CPUs than any kernel is built for (NR_CPUS) are not CPUs. */
#define CPU_COUNTS_CPUS_MAX 8192
/* Of all lines: 128 kinds on 512 CPUs. */
#define CPU_COUNTS_MAX      65536
#define CPU_COUNTS_REST_MAX 1024

struct cpu_counts_row {
    struct span kind;
    struct span rest; /* what stands behind the counts, without blanks around it */
    size_t first;     /* its counts' place in .counts */
};

/* Zero-initialised by the caller, kept over calls, freed by cpu_counts_finish(). */
struct cpu_counts {
    uint32_t *cpus; /* their numbers, ascending: cpu_count of them */
    size_t cpu_count;
    size_t cpu_capacity;
    struct cpu_counts_row *rows;
    size_t row_count;
    size_t row_capacity;
    uint64_t *counts;
    size_t count;
    size_t capacity;
};

/*
 * The lines that have a count for each CPU, with spans into the text; those with fewer that end
 * behind them (ERR, MIS) are of no CPU, and passed over. 0; -EBADMSG, without the lines that it
 * does not understand (or with no CPU at all, of a bad heading), -E2BIG with those that fit within
 * CPU_COUNTS_MAX, or -ENOMEM with no row.
 */
__attribute__((warn_unused_result)) int cpu_counts_parse(const char *text, size_t length,
                                                         struct cpu_counts *out);

void cpu_counts_finish(struct cpu_counts *counts);

#endif

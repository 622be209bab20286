/*
 * The time of each CPU by mode: the cpuN lines of /proc/stat, proc_stat(5). What else that file
 * has goes to stat.h.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_H
#define TACHO_COLLECTORS_SYSTEM_CPU_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/* In the file's order. */
enum cpu_field {
    CPU_USER, /* includes guest */
    CPU_NICE, /* includes guest_nice */
    CPU_SYSTEM,
    CPU_IDLE,
    CPU_IOWAIT,
    CPU_IRQ,
    CPU_SOFTIRQ,
    CPU_STEAL,
    CPU_GUEST,
    CPU_GUEST_NICE,
    CPU_FIELDS,
};

struct cpu_row {
    struct span number; /* the digits of cpuN */
    unsigned field_count;
    uint64_t ticks[CPU_FIELDS]; /* of USER_HZ, since boot; field_count of them */
};

/* More CPUs than any kernel is built for (NR_CPUS) are not CPUs. */
#define CPU_ROWS_MAX 8192

/* Zero-initialised by the caller, kept over calls, freed by cpu_table_finish(). */
struct cpu_table {
    struct cpu_row *rows;
    size_t count;
    size_t capacity;
    struct span rest; /* of the text, behind the cpu lines */
};

/*
 * The online CPUs, with spans into the text. Kernels before 2.6.33 have fewer fields, four at
 * least. 0; -EBADMSG, without the lines that it does not understand (or of no CPU at all), -E2BIG
 * with the first CPU_ROWS_MAX, or -ENOMEM with none. The rest of the text is set whatever comes.
 */
__attribute__((warn_unused_result)) int cpu_parse(const char *text, size_t length,
                                                  struct cpu_table *table);

void cpu_table_finish(struct cpu_table *table);

extern const struct collector cpu_collector;

#endif

/*
 * How long tasks ran on each CPU and waited for it: the cpuN lines of /proc/schedstat,
 * Documentation/scheduler/sched-stats.rst.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_SCHEDSTAT_H
#define TACHO_COLLECTORS_SYSTEM_SCHEDSTAT_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

enum schedstat_field {
    SCHEDSTAT_RUNNING, /* ns */
    SCHEDSTAT_WAITING, /* ns */
    SCHEDSTAT_TIMESLICES,
    SCHEDSTAT_FIELDS,
};

struct schedstat_row {
    struct span number; /* the digits of cpuN */
    uint64_t fields[SCHEDSTAT_FIELDS];
};

#define SCHEDSTAT_ROWS_MAX 8192

/* Zero-initialised by the caller, kept over calls, freed by schedstat_table_finish(). */
struct schedstat_table {
    struct schedstat_row *rows;
    size_t count;
    size_t capacity;
};

/*
 * The online CPUs, with spans into the text; versions 12 and up. 0; -EBADMSG, without the lines
 * that it does not understand (or with none: of no CPU at all, of another version), -E2BIG with the
 * first SCHEDSTAT_ROWS_MAX, or -ENOMEM with none.
 */
__attribute__((warn_unused_result)) int schedstat_parse(const char *text, size_t length,
                                                        struct schedstat_table *table);

void schedstat_table_finish(struct schedstat_table *table);

extern const struct collector schedstat_collector;

#endif

/*
 * What each CPU did with packets that came in: /proc/net/softnet_stat, softnet_seq_show() in
 * net/core/net-procfs.c.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_SOFTNET_H
#define TACHO_COLLECTORS_SYSTEM_SOFTNET_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

enum softnet_field {
    SOFTNET_PROCESSED,
    SOFTNET_DROPPED,
    SOFTNET_TIMES_SQUEEZED,
    SOFTNET_CPU_COLLISION,
    SOFTNET_RECEIVED_RPS,     /* Linux 2.6.35 */
    SOFTNET_FLOW_LIMIT_COUNT, /* Linux 3.11 */
    SOFTNET_BACKLOG_LENGTH,   /* Linux 5.10 */
    SOFTNET_FIELDS,
};

struct softnet_row {
    uint32_t cpu;
    uint32_t fields[SOFTNET_FIELDS]; /* 0, as node_exporter has it, where the kernel lacks one */
};

#define SOFTNET_ROWS_MAX 8192

/* Zero-initialised by the caller, kept over calls, freed by softnet_table_finish(). */
struct softnet_table {
    struct softnet_row *rows;
    size_t count;
    size_t capacity;
};

/*
 * The online CPUs. A line has 9 columns at least; only from 13 on does it say whose it is, so that
 * of older kernels the lines are counted. 0; -EBADMSG, without the lines that it does not
 * understand (or of no CPU at all), -E2BIG with the first SOFTNET_ROWS_MAX, or -ENOMEM with none.
 */
__attribute__((warn_unused_result)) int softnet_parse(const char *text, size_t length,
                                                      struct softnet_table *table);

void softnet_table_finish(struct softnet_table *table);

extern const struct collector softnet_collector;

#endif

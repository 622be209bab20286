/*
 * Sockets by protocol and what memory they use: /proc/net/sockstat and, where there is IPv6,
 * /proc/net/sockstat6 (net/ipv4/proc.c, net/ipv6/proc.c).
 */
#ifndef TACHO_COLLECTORS_SYSTEM_SOCKSTAT_H
#define TACHO_COLLECTORS_SYSTEM_SOCKSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/fields.h"

struct sockstat_row {
    struct field_key key; /* TCP_inuse; sockets_used is of all protocols */
    int64_t value;
    bool in_pages;
};

/* Kernels have about 20 in both files. */
#define SOCKSTAT_ROWS_MAX 64

/* Caller's memory. */
struct sockstat_table {
    struct sockstat_row rows[SOCKSTAT_ROWS_MAX];
    size_t count;
};

/*
 * Of the file what node_exporter shows. 0; -EBADMSG, without the lines that it does not understand,
 * or -E2BIG with the first SOCKSTAT_ROWS_MAX.
 */
__attribute__((warn_unused_result)) int sockstat_parse(const char *text, size_t length,
                                                       struct sockstat_table *table);

extern const struct collector sockstat_collector;

#endif

/* What network interfaces did: /proc/net/dev, proc_pid_net(5). */
#ifndef TACHO_COLLECTORS_SYSTEM_NETDEV_H
#define TACHO_COLLECTORS_SYSTEM_NETDEV_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/* In the file's order. */
enum netdev_column {
    NETDEV_RECEIVE_BYTES,
    NETDEV_RECEIVE_PACKETS,
    NETDEV_RECEIVE_ERRORS,
    NETDEV_RECEIVE_DROPPED,
    NETDEV_RECEIVE_FIFO,
    NETDEV_RECEIVE_FRAME,
    NETDEV_RECEIVE_COMPRESSED,
    NETDEV_RECEIVE_MULTICAST,
    NETDEV_TRANSMIT_BYTES,
    NETDEV_TRANSMIT_PACKETS,
    NETDEV_TRANSMIT_ERRORS,
    NETDEV_TRANSMIT_DROPPED,
    NETDEV_TRANSMIT_FIFO,
    NETDEV_TRANSMIT_COLLISIONS,
    NETDEV_TRANSMIT_CARRIER,
    NETDEV_TRANSMIT_COMPRESSED,
    NETDEV_COLUMNS,
};

struct netdev_row {
    struct span name;
    uint64_t columns[NETDEV_COLUMNS];
};

#define NETDEV_ROWS_MAX 8192

/* Zero-initialised by the caller, kept over calls, freed by netdev_table_finish(). */
struct netdev_table {
    struct netdev_row *rows;
    size_t count;
    size_t capacity;
    int trouble; /* 0, or why rows were left out: -EBADMSG, or -E2BIG above NETDEV_ROWS_MAX */
};

/*
 * The interfaces, with spans into the text; none below the heading is a valid answer. 0; -EBADMSG
 * without that heading or -ENOMEM, the table then being empty.
 */
__attribute__((warn_unused_result)) int netdev_parse(const char *text, size_t length,
                                                     struct netdev_table *table);

void netdev_table_finish(struct netdev_table *table);

extern const struct collector netdev_collector;

#endif

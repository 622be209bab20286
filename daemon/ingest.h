/*
 * The ingest thread: reads the datagrams that applications send, on a loop of its own, so that a
 * flood costs it and never a tick.
 */
#ifndef TACHO_DAEMON_INGEST_H
#define TACHO_DAEMON_INGEST_H

#include "daemon/datagrams.h"
#include "daemon/loop.h"
#include "daemon/sender_board.h"
#include "daemon/statsd_table.h"

/* All outlive it. */
struct ingest_options {
    struct datagrams *sockets; /* the thread's from start to stop */
    size_t socket_count;
    struct statsd_table *table;
    struct drops *drops;
    struct sender_board *board; /* who sends, each time that senders were looked for */
    uint32_t interval_ms;       /* of ticks: senders are looked for twice in that */
};

struct ingest;

/* 0 or -errno. */
int ingest_start(const struct ingest_options *options, struct ingest **out) MUST_CHECK;
void ingest_stop(struct ingest *ingest); /* NULL is a no-op */

/* Its loop, for self_add_loop(). */
struct loop *ingest_loop(struct ingest *ingest);

#endif

/*
 * Who sends StatsD, for whoever shows it. The ingest thread writes and never waits: what it cannot
 * write because somebody reads is written when it looks at its senders again.
 */
#ifndef TACHO_DAEMON_SENDER_BOARD_H
#define TACHO_DAEMON_SENDER_BOARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/statsd_table.h"

struct sender_status {
    const char *key;  /* a constant: "unit" or "command"; NULL: neither is known */
    char origin[256]; /* which one; a unit's name has up to 255 bytes */
    pid_t pid;        /* of a process, or 0: */
    uint16_t port;    /* of a UDP socket on loopback */
    int64_t since_ms; /* Unix milliseconds: since when it is known, and when something came last */
    int64_t last_ms;
};

struct sender_board {
    pthread_mutex_t lock;
    size_t count;
    struct sender_status senders[STATSD_SENDERS_MAX];
};

void sender_board_init(struct sender_board *board);
void sender_board_finish(struct sender_board *board);

/* The ingest thread; count is at most STATSD_SENDERS_MAX. False if somebody reads just now. */
bool sender_board_write(struct sender_board *board, const struct sender_status *const *senders,
                        size_t count);

/* A copy, to be freed, of so many; NULL with none if there is no memory. Any thread. */
struct sender_status *sender_board_read(struct sender_board *board, size_t *count);

#endif

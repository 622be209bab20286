/*
 * Another client beside many subscribers: on a connection of its own it asks now for /healthz, now
 * for a series, every 41 ms, which is at all distances from a tick, and for /healthz when a tick
 * begins to arrive. One request at a time; its delay counts from when it was due, or from the
 * tick's first receipt. Errors end the program.
 */
#ifndef TACHO_BENCH_PROBE_H
#define TACHO_BENCH_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe_kind { PROBE_HEALTH, PROBE_NOW, PROBE_AT_TICK, PROBE_KINDS };

struct probe {
    int fd; /* borrowed; -1: nothing is asked */
    bool is_asked;
    enum probe_kind kind; /* of the request that is not answered yet */
    enum probe_kind next; /* that falls due */
    bool tick_began;      /* and nothing was asked about it yet */
    int64_t due_ns, start_ns;
    int64_t *delays_ns[PROBE_KINDS];
    size_t counts[PROBE_KINDS], room;
};

/* A probe on a connected socket, for so many seconds at most. */
void probe_init(struct probe *probe, int fd, size_t seconds);
void probe_finish(struct probe *probe);

/* Asks what is due, or takes an answer that has come. Call it often. */
void probe_turn(struct probe *probe);

#endif

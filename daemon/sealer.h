/*
 * Seals the history: each block of the head that is complete becomes a segment, of which then
 * minutes are made; minutes of many segments become one. A worker does it, one step at a time; the
 * head keeps a block for as long again as it took to fill.
 */
#ifndef TACHO_DAEMON_SEALER_H
#define TACHO_DAEMON_SEALER_H

#include "collectors/task.h"
#include "daemon/archivist.h"
#include "daemon/block.h"

struct sealer_options {
    struct history *history; /* as all pointers here it outlives the sealer and its task */
    struct series_table *table;
    struct archive *archive;
    struct archivist *archivist; /* NULL: there is no directory */
    struct task_runner *tasks;
    uint32_t max_series;
    uint32_t interval_ms;
};

struct sealer;

/* Begins behind the last tick that the history has. 0 or -ENOMEM. */
int sealer_new(const struct sealer_options *options, struct sealer **out) MUST_CHECK;
void sealer_free(
    struct sealer *sealer); /* what is at work is left to the worker; NULL is a no-op */

/* A tick was committed. Main loop. */
void sealer_tick(struct sealer *sealer, uint64_t seq);

/* Ticks that left the head before they were sealed. Any thread. */
uint64_t sealer_lost_ticks(const struct sealer *sealer);

#endif

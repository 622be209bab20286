/*
 * The ring thread stores each committed tick and then publishes it. Storing may take as long as a
 * disk does: a tick that is not stored in time is published from memory by the main loop
 * (ring_publish_unwritten) and stored later. Without a store it publishes at once.
 */
#ifndef TACHO_DAEMON_RING_H
#define TACHO_DAEMON_RING_H

#include "daemon/history.h"

struct ring_options {
    struct history *history;
    /* Optional. Writes the tick to where it lasts, and tells of its own errors. May block. */
    void (*store)(void *arg, uint64_t seq);
    void *store_arg;
    /* Mandatory. New ticks are visible. Ring thread or main loop, so it only wakes others. */
    void (*on_published)(void *arg);
    void *published_arg;
};

struct ring;

int ring_start(const struct ring_options *options, struct ring **out) MUST_CHECK;

/*
 * Stores and publishes what was committed, then ends the thread. False if a store does not return:
 * the thread and what it uses are left behind, and it wakes nobody any more. NULL is a no-op.
 */
bool ring_stop(struct ring *ring);

/* Hands over the tick just committed. Main loop; never blocks. */
void ring_submit(struct ring *ring, uint64_t seq);

/* Publishes the tick from memory if it still waits for its store. Main loop. */
void ring_publish_unwritten(struct ring *ring, uint64_t seq);

/* How many ticks were published before they were stored. Any thread. */
uint64_t ring_unwritten_ticks(const struct ring *ring);

#endif

/*
 * One event of the stream as it goes over the wire: immutable bytes, shared by all subscribers of
 * a subscription, counted references. A frame belongs to one HTTP loop; its count is not atomic.
 */
#ifndef TACHO_DAEMON_FRAME_H
#define TACHO_DAEMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/buffer.h"
#include "daemon/series.h"
#include "daemon/tick.h"

struct frame {
    uint32_t references;
    uint64_t tick_seq; /* of a tick's frame; 0 for all other kinds */
    size_t size;
    char data[];
};

/* A frame with one reference, or NULL without memory. */
struct frame *frame_new(uint64_t tick_seq, const char *data, size_t size);
struct frame *frame_hold(struct frame *frame);
void frame_put(struct frame *frame); /* NULL is a no-op */

/* What a hello says of the ring. */
struct frame_context {
    const char *epoch;
    uint32_t interval_ms;
};

struct frame *frame_hello(const struct frame_context *context, uint64_t seq,
                          const struct series *const *series, size_t count);

/* changed[i] tells which of the words are sent; NULL: all of them. */
struct frame *frame_tick(const struct frame_context *context, const struct tick *tick,
                         const struct series *const *series, const uint64_t *words,
                         const bool *changed, size_t count);

struct frame *frame_series(const struct series *const *added, size_t added_count,
                           const uint32_t *gone, size_t gone_count);

/* The ticks from..to, inclusive, are not sent to this reader. why: a constant. */
struct frame *frame_gap(uint64_t from, uint64_t to, const char *why);

struct frame *frame_ping(uint64_t seq, int64_t time_ms);

#endif

/*
 * One event of the stream as it goes over the wire: immutable bytes, shared by all subscribers of
 * a subscription, counted references. A frame belongs to one HTTP loop; its count is not atomic.
 */
#ifndef TACHO_DAEMON_FRAME_H
#define TACHO_DAEMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/process_list.h"
#include "daemon/buffer.h"
#include "daemon/gzip.h"
#include "daemon/series.h"
#include "daemon/tick.h"

struct frame {
    uint32_t references;
    uint32_t size;
    uint64_t seq;            /* the tick that it is, or a gap ends with; 0 for other kinds */
    struct gzip_block *gzip; /* the same bytes, once a client wanted them so */
    char data[];
};

/* A frame with one reference, or NULL without memory. */
struct frame *frame_new(uint64_t seq, const char *data, size_t size);
struct frame *frame_hold(struct frame *frame);
void frame_put(struct frame *frame); /* NULL is a no-op */

/* The frame as a gzip block, deflated at the first call; NULL without memory. The frame owns it. */
const struct gzip_block *frame_gzip(struct frame *frame, struct gzip *gzip);

enum frame_format {
    FRAME_SSE,    /* Server-Sent Events */
    FRAME_NDJSON, /* a JSON object a line, each of which says everything */
};

/* What all frames of a subscription have in common. */
struct frame_context {
    const char *epoch;
    uint32_t interval_ms; /* of its ticks */
    enum frame_format format;
    bool raw;           /* what grows is told as it is, not as a rate */
    bool averaged;      /* gauges are means over several ticks */
    uint32_t processes; /* of the first by each order; 0: their lists are not sent */
};

/* Lines of NDJSON need no hello. */
struct frame *frame_hello(const struct frame_context *context, uint64_t seq,
                          const struct series *const *series, size_t count);

/* changed[i] tells which of the words are sent; NULL: all of them, as a line always does. */
struct frame *frame_tick(const struct frame_context *context, const struct tick *tick,
                         const struct series *const *series, const uint64_t *words,
                         const bool *changed, size_t count);

/* Lines of NDJSON need no word of it. */
struct frame *frame_series(const struct frame_context *context, const struct series *const *added,
                           size_t added_count, const uint32_t *gone, size_t gone_count);

/* The ticks from..to, inclusive, are not sent to this reader. why: a constant. */
struct frame *frame_gap(const struct frame_context *context, uint64_t from, uint64_t to,
                        const char *why);

/* The first by each order of a list of processes. */
struct frame *frame_processes(const struct frame_context *context, const struct process_list *list,
                              bool arguments);

struct frame *frame_ping(const struct frame_context *context, uint64_t seq, int64_t time_ms);

#endif

/*
 * Reads Server-Sent Events out of a chunked HTTP/1.1 answer, piece by piece as they arrive, and
 * finds the ticks among them. Keeps the front of a line alone: thousands of these are read at once.
 * Pure.
 */
#ifndef TACHO_BENCH_EVENT_READER_H
#define TACHO_BENCH_EVENT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/scope.h"

#define EVENT_LINE_BYTES 64

/* The front of a line that has not ended yet. */
struct event_line {
    char text[EVENT_LINE_BYTES];
    size_t length;
};

struct tick_event {
    uint64_t seq;    /* of its id */
    int64_t time_ms; /* of its data, Unix; 0: it has none */
    size_t bytes;    /* of the whole event, with the empty line behind it */
};

/* All zero before the first byte. */
struct event_reader {
    enum { READ_STATUS, READ_HEADER, READ_SIZE, READ_DATA, READ_DATA_END } state;
    bool is_chunked;
    uint64_t left; /* bytes of the chunk */
    struct event_line wire, line;
    bool is_tick;
    struct tick_event event; /* that has not ended yet */
};

/*
 * Calls on_tick for each tick that ends within these bytes. 0; -EPIPE: the answer ended;
 * -EBADMSG: not a chunked answer with status 200.
 */
int event_reader_feed(struct event_reader *reader, const char *bytes, size_t length,
                      void (*on_tick)(void *arg, const struct tick_event *event),
                      void *arg) MUST_CHECK;

#endif

/*
 * Reads Server-Sent Events out of an HTTP/1.1 answer, piece by piece as they arrive, and finds the
 * ticks among them. The answer is chunked or lasts until the connection is closed, plain or gzip of
 * the kind that unpacker.h reads. Keeps the front of a line alone: thousands of these are read at
 * once.
 */
#ifndef TACHO_BENCH_EVENT_READER_H
#define TACHO_BENCH_EVENT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/unpacker.h"

#define EVENT_LINE_BYTES 64

/* The front of a line that has not ended yet. */
struct event_line {
    char text[EVENT_LINE_BYTES];
    size_t length;
};

struct tick_event {
    uint64_t seq;    /* of its id, or of its data if the id is of another form; 0: it has none */
    int64_t time_ms; /* of its data, Unix; 0: it has none */
    size_t bytes;    /* of the whole event, with the empty line behind it */
    size_t packed;   /* of the block that it came in; 0: it was not packed */
};

/* All zero before the first byte, but for the unpacker. */
struct event_reader {
    struct unpacker *unpacker; /* borrowed; NULL: a packed answer is a bad one */
    enum { READ_STATUS, READ_HEADER, READ_SIZE, READ_DATA, READ_DATA_END } state;
    bool is_chunked, is_packed, has_length;
    uint64_t left; /* bytes of the chunk, or UINT64_MAX */
    struct packed packed;
    struct event_line wire, line;
    bool is_tick;
    struct tick_event event; /* that has not ended yet */
};

/*
 * Calls on_tick for each tick that ends within these bytes. 0; -EPIPE: the answer ended;
 * -EBADMSG: not such an answer with status 200; -ENOMEM.
 */
int event_reader_feed(struct event_reader *reader, const char *bytes, size_t length,
                      void (*on_tick)(void *arg, const struct tick_event *event),
                      void *arg) MUST_CHECK;

/* Frees what is left of a packed answer. */
void event_reader_finish(struct event_reader *reader);

#endif

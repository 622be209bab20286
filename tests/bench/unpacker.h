/*
 * Inflates what many clients are sent by Content-Encoding: gzip, where each event is a block that
 * needs no history and ends in a sync flush. What was inflated is remembered, so that a block that
 * all are sent costs a comparison: every byte of every client is looked at. One that does need what
 * was before it cannot be inflated. One thread.
 */
#ifndef TACHO_BENCH_UNPACKER_H
#define TACHO_BENCH_UNPACKER_H

#include <stddef.h>

#include "daemon/scope.h"

struct unpacker;

/* What one client was sent of a block that has not ended. All zero before the first byte. */
struct packed {
    size_t head; /* bytes of gzip's header that have come */
    char *data;
    size_t size, room;
};

int unpacker_new(struct unpacker **out) MUST_CHECK;
void unpacker_free(struct unpacker *unpacker); /* NULL is a no-op */
void packed_finish(struct packed *packed);

/*
 * Calls on_block with the text of each block that ends within these bytes, and with the bytes that
 * it took. 0, -EPIPE: the end; -EBADMSG: no such gzip; -ENOMEM.
 */
int unpacker_feed(struct unpacker *unpacker, struct packed *packed, const char *bytes,
                  size_t length,
                  void (*on_block)(void *arg, const char *text, size_t length, size_t taken),
                  void *arg) MUST_CHECK;

#endif

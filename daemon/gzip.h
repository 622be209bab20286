/*
 * A gzip stream (RFC 1952) put together of blocks that many streams share. A block is deflated
 * without regard to what came before it and ends at a byte, so that any sequence of blocks between
 * the header and a trailer is one valid stream. One thread uses a compressor.
 */
#ifndef TACHO_DAEMON_GZIP_H
#define TACHO_DAEMON_GZIP_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/buffer.h"
#include "daemon/scope.h"

#define GZIP_HEADER_BYTES  10
#define GZIP_TRAILER_BYTES 10

extern const char gzip_header[GZIP_HEADER_BYTES];

/* The compressor: about 260 KiB, taken once. */
struct gzip;

struct gzip *gzip_new(void);       /* NULL without memory */
struct gzip *gzip_new_fast(void);  /* the same, for what is not shared: larger and faster */
void gzip_free(struct gzip *gzip); /* NULL is a no-op */

/* Immutable; freed by free(). */
struct gzip_block {
    uint32_t crc;       /* CRC-32 of what it holds */
    uint32_t crc_shift; /* zlib's operator for that length */
    uint32_t length;    /* bytes of what it holds */
    uint32_t size;      /* bytes of data */
    char data[];
};

/* Deflates so many bytes; NULL without memory. */
struct gzip_block *gzip_block_new(struct gzip *gzip, const char *data, uint32_t size);

/* What the trailer says of all blocks; zeros before the first. */
struct gzip_sum {
    uint32_t crc;
    uint32_t length;
};

void gzip_sum_add(struct gzip_sum *sum, const struct gzip_block *block);

/* The whole stream of these bytes alone, behind what is in out. 0 or -ENOMEM. */
int gzip_whole(struct gzip *gzip, const char *data, uint32_t size, struct buffer *out) MUST_CHECK;

/* Ends the stream: an empty last block, CRC-32 and length. */
void gzip_end(const struct gzip_sum *sum, char out[GZIP_TRAILER_BYTES]);

#endif

#include "daemon/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

/* Higher levels make no smaller frames, lower ones larger: ./dev bench frames. */
#define LEVEL        5
#define WINDOW_BITS  15
#define MEMORY_LEVEL 8
/* What Z_SYNC_FLUSH adds to deflateBound(): an empty stored block. */
#define FLUSH_BYTES 16

/* Magic, deflate, no flags, no time, no hint, Unix. */
const char gzip_header[GZIP_HEADER_BYTES] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

struct gzip {
    z_stream deflater;
};

static struct gzip *new_of_level(int level)
{
    struct gzip *gzip = calloc(1, sizeof *gzip);

    if (gzip && deflateInit2(&gzip->deflater, level, Z_DEFLATED, -WINDOW_BITS, MEMORY_LEVEL,
                             Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return gzip;
}

struct gzip *gzip_new(void)
{
    return new_of_level(LEVEL);
}

struct gzip *gzip_new_fast(void)
{
    return new_of_level(Z_BEST_SPEED);
}

void gzip_free(struct gzip *gzip)
{
    if (!gzip)
        return;
    deflateEnd(&gzip->deflater);
    free(gzip);
}

struct gzip_block *gzip_block_new(struct gzip *gzip, const char *data, uint32_t size)
{
    size_t room = deflateBound(&gzip->deflater, size) + FLUSH_BYTES;
    struct gzip_block *block = malloc(sizeof *block + room), *fitted;

    if (!block)
        return NULL;
    deflateReset(&gzip->deflater);
    gzip->deflater.next_in = (const Bytef *)data;
    gzip->deflater.avail_in = size;
    gzip->deflater.next_out = (Bytef *)block->data;
    gzip->deflater.avail_out = (uInt)room;
    if (deflate(&gzip->deflater, Z_SYNC_FLUSH) != Z_OK || gzip->deflater.avail_in > 0 ||
        gzip->deflater.avail_out == 0) {
        free(block);
        return NULL;
    }
    block->size = (uint32_t)(room - gzip->deflater.avail_out);
    block->length = size;
    block->crc = (uint32_t)crc32_z(0, (const Bytef *)data, size);
    block->crc_shift = (uint32_t)crc32_combine_gen((z_off_t)size);
    fitted = realloc(block, sizeof *block + block->size);
    if (!fitted)
        return block; /* as it was */
    return fitted;
}

void gzip_sum_add(struct gzip_sum *sum, const struct gzip_block *block)
{
    sum->crc = (uint32_t)crc32_combine_op(sum->crc, block->crc, block->crc_shift);
    sum->length += block->length;
}

int gzip_whole(struct gzip *gzip, const char *data, uint32_t size, struct buffer *out)
{
    struct gzip_block *block = gzip_block_new(gzip, data, size);
    struct gzip_sum sum = {0};
    char trailer[GZIP_TRAILER_BYTES];

    if (!block)
        return -ENOMEM;
    gzip_sum_add(&sum, block);
    gzip_end(&sum, trailer);
    buffer_append(out, gzip_header, sizeof gzip_header);
    buffer_append(out, block->data, block->size);
    buffer_append(out, trailer, sizeof trailer);
    free(block);
    return out->failed ? -ENOMEM : 0;
}

void gzip_end(const struct gzip_sum *sum, char out[GZIP_TRAILER_BYTES])
{
    /* A last block of fixed codes that holds nothing. */
    out[0] = 3;
    out[1] = 0;
    for (int i = 0; i < 4; i++) {
        out[2 + i] = (char)(sum->crc >> 8 * i & 0xff);
        out[6 + i] = (char)(sum->length >> 8 * i & 0xff);
    }
}

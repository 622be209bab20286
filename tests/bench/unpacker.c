#define ZLIB_CONST
#include "tests/bench/unpacker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEAD_BYTES 10
#define REMEMBERED 8
#define TEXT_MAX   (64 * 1024 * 1024)

struct block {
    char *packed, *text;
    size_t packed_size, packed_room, text_size, text_room;
};

struct unpacker {
    z_stream stream;
    struct block blocks[REMEMBERED];
    size_t oldest;
};

static const char flush_mark[] = {0, 0, '\xff', '\xff'};

int unpacker_new(struct unpacker **out)
{
    struct unpacker *unpacker = calloc(1, sizeof *unpacker);

    if (!unpacker || inflateInit2(&unpacker->stream, -MAX_WBITS) != Z_OK) {
        free(unpacker);
        return -ENOMEM;
    }
    *out = unpacker;
    return 0;
}

void unpacker_free(struct unpacker *unpacker)
{
    if (!unpacker)
        return;
    for (size_t i = 0; i < REMEMBERED; i++) {
        free(unpacker->blocks[i].packed);
        free(unpacker->blocks[i].text);
    }
    inflateEnd(&unpacker->stream);
    free(unpacker);
}

void packed_finish(struct packed *packed)
{
    free(packed->data);
    *packed = (struct packed){0};
}

static int reserve(char **data, size_t *room, size_t size)
{
    size_t wanted = *room > 0 ? *room : 1024;
    char *grown;

    while (wanted < size)
        wanted *= 2;
    if (wanted == *room)
        return 0;
    grown = realloc(*data, wanted);
    if (!grown)
        return -ENOMEM;
    *data = grown;
    *room = wanted;
    return 0;
}

/* Without the history of other blocks. */
static int inflate_alone(z_stream *stream, const char *bytes, size_t length, struct block *block)
{
    int result;

    if (inflateReset(stream) != Z_OK)
        return -EBADMSG;
    stream->next_in = (const Bytef *)bytes;
    stream->avail_in = (uInt)length;
    block->text_size = 0;
    do {
        if (block->text_size > TEXT_MAX)
            return -EBADMSG;
        if (reserve(&block->text, &block->text_room, block->text_size + 4096) < 0)
            return -ENOMEM;
        stream->next_out = (Bytef *)block->text + block->text_size;
        stream->avail_out = (uInt)(block->text_room - block->text_size);
        result = inflate(stream, Z_SYNC_FLUSH);
        block->text_size = block->text_room - stream->avail_out;
    } while (result == Z_OK && stream->avail_out == 0);
    if (result == Z_STREAM_END)
        return -EPIPE;
    return (result == Z_OK || result == Z_BUF_ERROR) && stream->avail_in == 0 ? 0 : -EBADMSG;
}

/* The block with these bytes, inflated. */
static int find_block(struct unpacker *unpacker, const char *bytes, size_t length,
                      const struct block **out)
{
    struct block *block;
    int result;

    for (size_t i = 0; i < REMEMBERED; i++) {
        block = &unpacker->blocks[i];
        if (block->packed_size == length && memcmp(block->packed, bytes, length) == 0) {
            *out = block;
            return 0;
        }
    }
    block = &unpacker->blocks[unpacker->oldest];
    unpacker->oldest = (unpacker->oldest + 1) % REMEMBERED;
    block->packed_size = 0;
    result = inflate_alone(&unpacker->stream, bytes, length, block);
    if (result < 0)
        return result;
    if (reserve(&block->packed, &block->packed_room, length) < 0)
        return -ENOMEM;
    memcpy(block->packed, bytes, length);
    block->packed_size = length;
    *out = block;
    return 0;
}

/* How many of the bytes belong to gzip's header, of which no field is optional here. */
static int take_head(struct packed *packed, const char *bytes, size_t length, size_t *taken)
{
    static const char front[] = {'\x1f', '\x8b', 8, 0};

    for (*taken = 0; *taken < length && packed->head < HEAD_BYTES; ++*taken, packed->head++) {
        if (packed->head < sizeof front && bytes[*taken] != front[packed->head])
            return -EBADMSG;
    }
    return 0;
}

static int append(struct packed *packed, const char *bytes, size_t length)
{
    if (reserve(&packed->data, &packed->room, packed->size + length) < 0)
        return -ENOMEM;
    memcpy(packed->data + packed->size, bytes, length);
    packed->size += length;
    return 0;
}

/*
 * The block that ends within these bytes, which may have begun before them: *block is NULL if none
 * does, and then they are kept.
 */
static int take_block(struct packed *packed, const char *bytes, size_t length, const char **block,
                      size_t *size, size_t *taken)
{
    size_t before = packed->size;
    size_t overlap = before < sizeof flush_mark ? before : sizeof flush_mark - 1;
    const char *text = bytes, *mark;

    if (before > 0) {
        if (append(packed, bytes, length) < 0)
            return -ENOMEM;
        text = packed->data;
        mark = memmem(text + before - overlap, length + overlap, flush_mark, sizeof flush_mark);
    } else {
        mark = memmem(bytes, length, flush_mark, sizeof flush_mark);
    }
    *block = mark ? text : NULL;
    *taken = length;
    if (!mark)
        return before > 0 ? 0 : append(packed, bytes, length);
    *size = (size_t)(mark - text) + sizeof flush_mark;
    *taken = *size - before;
    packed->size = 0;
    return 0;
}

int unpacker_feed(struct unpacker *unpacker, struct packed *packed, const char *bytes,
                  size_t length,
                  void (*on_block)(void *arg, const char *text, size_t length, size_t taken),
                  void *arg)
{
    size_t taken;
    int result = take_head(packed, bytes, length, &taken);

    while (result == 0 && taken < length) {
        const struct block *block;
        const char *data;
        size_t size = 0, part;

        result = take_block(packed, bytes + taken, length - taken, &data, &size, &part);
        if (result < 0 || !data)
            return result;
        taken += part;
        result = find_block(unpacker, data, size, &block);
        if (result == 0)
            on_block(arg, block->text, block->text_size, size);
    }
    return result;
}

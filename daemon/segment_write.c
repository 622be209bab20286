#include <assert.h>
#include <errno.h>

#include "daemon/segment_format.h"

struct segment_writer {
    enum segment_kind kind;
    size_t point_count, head_count, field_count, series_count;
    struct buffer heads, runs, lengths, checks, blocks;
    /* The run of ids that the next one may be of. */
    uint64_t run_first, run_end, former_end;
    bool run_is_histogram;
};

struct segment_writer *segment_writer_new(void)
{
    return calloc(1, sizeof(struct segment_writer));
}

void segment_writer_free(struct segment_writer *writer)
{
    if (!writer)
        return;
    buffer_finish(&writer->heads);
    buffer_finish(&writer->runs);
    buffer_finish(&writer->lengths);
    buffer_finish(&writer->checks);
    buffer_finish(&writer->blocks);
    free(writer);
}

static void reuse(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

static void append_i64_column(struct buffer *out, const int64_t *values, size_t count)
{
    uint8_t *room = (uint8_t *)buffer_reserve(out, COLUMN_MAX_BYTES);

    if (room)
        out->size += column_encode_i64(values, count, room);
}

void segment_begin(struct segment_writer *writer, enum segment_kind kind, size_t point_count,
                   const int64_t *const heads[], size_t head_count, size_t field_count)
{
    assert(point_count >= 1 && point_count <= SEGMENT_POINTS_MAX);
    assert(head_count <= SEGMENT_HEADS_MAX);
    assert(field_count >= 1 && field_count <= SEGMENT_FIELDS_MAX);
    writer->kind = kind;
    writer->point_count = point_count;
    writer->head_count = head_count;
    writer->field_count = field_count;
    writer->series_count = 0;
    writer->run_first = writer->run_end = writer->former_end = 0;
    reuse(&writer->heads);
    reuse(&writer->runs);
    reuse(&writer->lengths);
    reuse(&writer->checks);
    reuse(&writer->blocks);
    for (size_t i = 0; i < head_count; i++)
        append_i64_column(&writer->heads, heads[i], point_count);
}

static void end_run(struct segment_writer *writer)
{
    uint8_t bytes[SEGMENT_RUN_MAX], *end = bytes;
    uint64_t count = writer->run_end - writer->run_first;

    if (count == 0)
        return;
    end = write_varint(end, writer->run_first - writer->former_end);
    end = write_varint(end, count << 1 | writer->run_is_histogram);
    buffer_append(&writer->runs, bytes, (size_t)(end - bytes));
    writer->former_end = writer->run_end;
}

static void put_id(struct segment_writer *writer, uint32_t id, bool is_histogram)
{
    if (id != writer->run_end || is_histogram != writer->run_is_histogram) {
        end_run(writer);
        writer->run_first = id;
        writer->run_is_histogram = is_histogram;
    }
    writer->run_end = (uint64_t)id + 1;
}

/* Puts what was appended to the blocks since start into the directory. */
static int end_block(struct segment_writer *writer, uint32_t id, bool is_histogram, size_t start)
{
    uint8_t length[SEGMENT_LENGTH_SIZE], check[SEGMENT_CHECK_SIZE];
    size_t size = writer->blocks.size - start;

    if (writer->blocks.failed)
        return -ENOMEM;
    if (size > SEGMENT_BLOCK_MAX || writer->blocks.size > UINT32_MAX ||
        writer->series_count == SEGMENT_SERIES_MAX) {
        writer->blocks.size = start;
        return -E2BIG;
    }
    put_id(writer, id, is_histogram);
    store_u24(length, (uint32_t)size);
    store_u32(check, segment_check(0, (const uint8_t *)writer->blocks.data + start, size));
    buffer_append(&writer->lengths, length, sizeof length);
    buffer_append(&writer->checks, check, sizeof check);
    writer->series_count++;
    return writer->lengths.failed || writer->checks.failed || writer->runs.failed ? -ENOMEM : 0;
}

int segment_add(struct segment_writer *writer, uint32_t id, const uint64_t *const fields[])
{
    size_t start = writer->blocks.size;
    uint8_t *room =
        (uint8_t *)buffer_reserve(&writer->blocks, writer->field_count * COLUMN_MAX_BYTES);

    assert(id >= writer->run_end);
    if (!room)
        return -ENOMEM;
    for (size_t i = 0; i < writer->field_count; i++) {
        size_t size = column_encode(fields[i], writer->point_count, room);

        room += size;
        writer->blocks.size += size;
    }
    return end_block(writer, id, false, start);
}

static void append_pairs(struct buffer *out, const struct histogram_pair *pairs, size_t count)
{
    int64_t buckets[COLUMN_MAX_POINTS], increments[COLUMN_MAX_POINTS];

    for (size_t i = 0; i < count; i++) {
        buckets[i] = pairs[i].bucket;
        increments[i] = pairs[i].increment;
    }
    append_i64_column(out, buckets, count);
    append_i64_column(out, increments, count);
}

int segment_add_histogram(struct segment_writer *writer, uint32_t id, const uint32_t *counts,
                          const struct histogram_pair *pairs)
{
    size_t start = writer->blocks.size, total = 0;
    int64_t numbers[SEGMENT_POINTS_MAX] = {0};

    assert(id >= writer->run_end);
    for (size_t i = 0; i < writer->point_count; i++) {
        bool has_value = counts[i] != SEGMENT_NO_PAIRS;

        if (has_value && counts[i] > SEGMENT_PAIRS_MAX)
            return -E2BIG;
        numbers[i] = has_value ? (int64_t)counts[i] : -1;
        total += has_value ? counts[i] : 0;
    }
    append_i64_column(&writer->blocks, numbers, writer->point_count);
    while (total > 0) {
        size_t count = total < COLUMN_MAX_POINTS ? total : COLUMN_MAX_POINTS;

        append_pairs(&writer->blocks, pairs, count);
        pairs += count;
        total -= count;
    }
    return end_block(writer, id, true, start);
}

static void make_header(const struct segment_writer *writer, uint8_t *header)
{
    memset(header, 0, SEGMENT_HEADER_SIZE);
    store_u32(header + SEGMENT_AT_MAGIC, SEGMENT_MAGIC);
    header[SEGMENT_AT_VERSION] = SEGMENT_VERSION;
    header[SEGMENT_AT_KIND] = (uint8_t)writer->kind;
    header[SEGMENT_AT_HEADS] = (uint8_t)writer->head_count;
    header[SEGMENT_AT_FIELDS] = (uint8_t)writer->field_count;
    store_u16(header + SEGMENT_AT_POINTS, (uint16_t)writer->point_count);
    store_u32(header + SEGMENT_AT_SERIES, (uint32_t)writer->series_count);
    store_u32(header + SEGMENT_AT_HEADS_SIZE, (uint32_t)writer->heads.size);
    store_u32(header + SEGMENT_AT_RUNS_SIZE, (uint32_t)writer->runs.size);
    store_u32(header + SEGMENT_AT_BLOCKS_SIZE, (uint32_t)writer->blocks.size);
}

static void append_buffer(struct buffer *out, const struct buffer *what)
{
    if (what->size > 0)
        buffer_append(out, what->data, what->size);
}

int segment_end(struct segment_writer *writer, struct buffer *out)
{
    const struct buffer *parts[] = {&writer->heads, &writer->runs, &writer->lengths,
                                    &writer->checks, &writer->blocks};
    size_t start = out->size, size = SEGMENT_HEADER_SIZE;
    uint8_t header[SEGMENT_HEADER_SIZE], *segment;

    end_run(writer);
    make_header(writer, header);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        out->failed |= parts[i]->failed;
        size += parts[i]->size;
    }
    /* All at once, so that it is copied once. */
    if (!buffer_reserve(out, size))
        return -ENOMEM;
    buffer_append(out, header, sizeof header);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        append_buffer(out, parts[i]);
    segment = (uint8_t *)out->data + start;
    store_u32(segment + SEGMENT_AT_CHECK,
              segment_check_all(segment, out->size - start - writer->blocks.size));
    return 0;
}

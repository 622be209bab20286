#include <assert.h>
#include <errno.h>

#include "daemon/segment_format.h"

/* --- the directory --- */

/* The run that an index is of. */
static const struct segment_run *find_run(const struct segment *segment, size_t index)
{
    size_t low = 0, high = segment->run_count;

    assert(index < segment->series_count);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (segment->runs[middle].first_index <= index)
            low = middle;
        else
            high = middle;
    }
    return &segment->runs[low];
}

uint32_t segment_id(const struct segment *segment, size_t index)
{
    const struct segment_run *run = find_run(segment, index);

    return run->first_id + (uint32_t)index - run->first_index;
}

bool segment_is_histogram(const struct segment *segment, size_t index)
{
    return find_run(segment, index)->is_histogram;
}

int segment_find(const struct segment *segment, uint32_t id)
{
    size_t low = 0, high = segment->run_count, end;

    /* The first run behind the id. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (segment->runs[middle].first_id <= id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return -ENOENT;
    end = low < segment->run_count ? segment->runs[low].first_index : segment->series_count;
    if (id - segment->runs[low - 1].first_id >= end - segment->runs[low - 1].first_index)
        return -ENOENT;
    return (int)(segment->runs[low - 1].first_index + id - segment->runs[low - 1].first_id);
}

/* --- blocks --- */

static size_t block_size(const struct segment *segment, size_t index)
{
    return (size_t)(segment->offsets[index + 1] - segment->offsets[index]);
}

/* Fills the window from an offset on; what it had is gone. */
static int fill(const struct segment_source *source, struct segment_window *window, uint64_t offset,
                size_t size)
{
    int result;

    window->size = 0;
    result = segment_pread(source->fd, window->bytes, size, offset);
    if (result < 0)
        return result;
    window->at = offset;
    window->size = size;
    return 0;
}

/* Puts a block that fits into the window there, if it is not there yet. */
static int show(const struct segment *segment, uint64_t offset, size_t size)
{
    struct segment_window *window = segment->window;
    const uint64_t end = window->at + window->size;
    const uint64_t left = segment->source.size - offset;

    if (offset >= window->at && offset + size <= end)
        return 0;
    if (offset >= window->at && offset < end + window->room &&
        fill(&segment->source, window, offset, left < window->room ? (size_t)left : window->room) ==
            0)
        return 0;
    return fill(&segment->source, window, offset, size);
}

/* The block's bytes, in room where neither the source nor the window can have them. */
static int read_block(const struct segment *segment, size_t index, uint8_t *room,
                      const uint8_t **bytes)
{
    const struct segment_source *source = &segment->source;
    const uint64_t offset = segment->offsets[index];
    size_t size = block_size(segment, index);
    int result;

    if (source->data) {
        *bytes = source->data + offset;
    } else if (size <= segment->window->room) {
        result = show(segment, offset, size);
        if (result < 0)
            return result;
        *bytes = segment->window->bytes + (offset - segment->window->at);
    } else {
        result = segment_pread(source->fd, room, size, offset);
        if (result < 0)
            return result;
        *bytes = room;
    }
    return segment_check(0, *bytes, size) == segment->checks[index] ? 0 : -EBADMSG;
}

int segment_read(const struct segment *segment, size_t index, uint64_t *words)
{
    uint8_t room[SEGMENT_FIELDS_MAX * COLUMN_MAX_BYTES];
    size_t size = block_size(segment, index);
    const uint8_t *bytes;
    int result;

    assert(!segment_is_histogram(segment, index));
    if (size > segment->field_count * COLUMN_MAX_BYTES)
        return -EBADMSG;
    result = read_block(segment, index, room, &bytes);
    for (size_t i = 0; result == 0 && i < segment->field_count; i++) {
        int read = column_decode(bytes, size, segment->point_count, words);

        if (read < 0)
            return read;
        bytes += read;
        size -= (size_t)read;
        words += segment->point_count;
    }
    return result == 0 && size > 0 ? -EBADMSG : result;
}

/* The counts, and what they are in all. Each 256 pairs need two bytes and more, twice. */
static bool parse_counts(const struct segment *segment, struct bytes *in, uint32_t *counts,
                         size_t *total)
{
    int64_t numbers[SEGMENT_POINTS_MAX];
    int read = column_decode_i64(in->at, bytes_left(in), segment->point_count, numbers);

    if (read < 0)
        return false;
    in->at += read;
    *total = 0;
    for (size_t i = 0; i < segment->point_count; i++) {
        if (numbers[i] < -1 || numbers[i] > SEGMENT_PAIRS_MAX)
            return false;
        counts[i] = numbers[i] < 0 ? SEGMENT_NO_PAIRS : (uint32_t)numbers[i];
        *total += numbers[i] < 0 ? 0 : (size_t)numbers[i];
    }
    return (*total + COLUMN_MAX_POINTS - 1) / COLUMN_MAX_POINTS * 4 <= bytes_left(in);
}

static bool parse_pairs(struct bytes *in, size_t count, struct histogram_pair *pairs)
{
    int64_t buckets[COLUMN_MAX_POINTS], increments[COLUMN_MAX_POINTS];
    int read = column_decode_i64(in->at, bytes_left(in), count, buckets);

    if (read < 0)
        return false;
    in->at += read;
    read = column_decode_i64(in->at, bytes_left(in), count, increments);
    if (read < 0)
        return false;
    in->at += read;
    for (size_t i = 0; i < count; i++) {
        if (buckets[i] < INT16_MIN || buckets[i] > INT16_MAX || increments[i] < 0 ||
            increments[i] > UINT32_MAX)
            return false;
        pairs[i] = (struct histogram_pair){(int16_t)buckets[i], (uint32_t)increments[i]};
    }
    return true;
}

static bool parse_all_pairs(struct bytes *in, size_t total, struct histogram_pair *pairs)
{
    for (size_t done = 0; done < total; done += COLUMN_MAX_POINTS) {
        size_t count = total - done < COLUMN_MAX_POINTS ? total - done : COLUMN_MAX_POINTS;

        if (!parse_pairs(in, count, pairs + done))
            return false;
    }
    return bytes_left(in) == 0;
}

static int parse_histogram(const struct segment *segment, const uint8_t *bytes, size_t size,
                           uint32_t *counts, struct histogram_pair **pairs)
{
    struct bytes in = {bytes, bytes + size};
    struct histogram_pair *all;
    size_t total;

    if (!parse_counts(segment, &in, counts, &total))
        return -EBADMSG;
    all = malloc((total + 1) * sizeof *all); /* never none, for those who walk through it */
    if (!all)
        return -ENOMEM;
    if (!parse_all_pairs(&in, total, all)) {
        free(all);
        return -EBADMSG;
    }
    *pairs = all;
    return 0;
}

int segment_read_histogram(const struct segment *segment, size_t index, uint32_t *counts,
                           struct histogram_pair **pairs)
{
    uint8_t *room = NULL;
    const uint8_t *bytes;
    int result;

    assert(segment_is_histogram(segment, index));
    if (!segment->source.data) {
        room = malloc(block_size(segment, index) + 1);
        if (!room)
            return -ENOMEM;
    }
    result = read_block(segment, index, room, &bytes);
    if (result == 0)
        result = parse_histogram(segment, bytes, block_size(segment, index), counts, pairs);
    free(room);
    return result;
}

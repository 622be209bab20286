#include <errno.h>

#include "daemon/segment_format.h"

/* What is read of a file at first: header, heads and directory of some 2,000 series. */
#define FIRST_READ (16 * 1024)

struct header {
    uint32_t heads_size, runs_size, blocks_size;
    uint64_t size; /* of all before the blocks */
};

int segment_pread(int fd, uint8_t *into, size_t size, uint64_t offset)
{
    do {
        ssize_t got = pread(fd, into, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return -EBADMSG;
        into += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    } while (size > 0);
    return 0;
}

/* Also the counts. Nothing has been checked yet but that it is as long as a header. */
static int parse_header(const uint8_t *bytes, struct segment *segment, struct header *header)
{
    if (load_u32(bytes + SEGMENT_AT_MAGIC) != SEGMENT_MAGIC)
        return -EBADMSG;
    if (bytes[SEGMENT_AT_VERSION] != SEGMENT_VERSION)
        return -EPROTONOSUPPORT;
    segment->kind = bytes[SEGMENT_AT_KIND];
    segment->head_count = bytes[SEGMENT_AT_HEADS];
    segment->field_count = bytes[SEGMENT_AT_FIELDS];
    segment->point_count = load_u16(bytes + SEGMENT_AT_POINTS);
    segment->series_count = load_u32(bytes + SEGMENT_AT_SERIES);
    header->heads_size = load_u32(bytes + SEGMENT_AT_HEADS_SIZE);
    header->runs_size = load_u32(bytes + SEGMENT_AT_RUNS_SIZE);
    header->blocks_size = load_u32(bytes + SEGMENT_AT_BLOCKS_SIZE);
    if ((segment->kind != SEGMENT_TICKS && segment->kind != SEGMENT_MINUTES) ||
        segment->head_count > SEGMENT_HEADS_MAX || segment->field_count < 1 ||
        segment->field_count > SEGMENT_FIELDS_MAX || segment->point_count < 1 ||
        segment->point_count > SEGMENT_POINTS_MAX || segment->series_count > SEGMENT_SERIES_MAX ||
        header->heads_size > SEGMENT_HEADS_MAX * COLUMN_MAX_BYTES ||
        header->runs_size > segment->series_count * SEGMENT_RUN_MAX)
        return -EBADMSG;
    header->size = (uint64_t)SEGMENT_HEADER_SIZE + header->heads_size + header->runs_size +
                   (uint64_t)segment->series_count * (SEGMENT_LENGTH_SIZE + SEGMENT_CHECK_SIZE);
    return 0;
}

/* Makes a window of so many bytes, or a larger one; the first ones are read into it. */
static int read_window(struct segment *segment, size_t room)
{
    struct segment_window *window = segment->window;
    size_t former = window ? window->size : 0;
    int result;

    window = realloc(window, sizeof *window + room);
    if (!window)
        return -ENOMEM;
    segment->window = window;
    *window = (struct segment_window){.room = room};
    result = segment_pread(segment->source.fd, window->bytes + former, room - former, former);
    if (result == 0)
        window->size = room;
    return result;
}

/* All before the blocks: *bytes, which lie in the window where the source has them not. */
static int read_front(struct segment *segment, struct header *header, const uint8_t **bytes)
{
    const struct segment_source *source = &segment->source;
    size_t first = source->size < FIRST_READ ? (size_t)source->size : FIRST_READ;
    int result = 0;

    if (source->size < SEGMENT_HEADER_SIZE)
        return -EBADMSG;
    if (!source->data)
        result = read_window(segment, first);
    if (result < 0)
        return result;
    *bytes = source->data ? source->data : segment->window->bytes;
    result = parse_header(*bytes, segment, header);
    if (result < 0)
        return result;
    if (header->size + header->blocks_size != source->size)
        return -EBADMSG;
    if (source->data || header->size <= first)
        return 0;
    result = read_window(segment, (size_t)header->size);
    *bytes = segment->window->bytes;
    return result;
}

/* The arrays of what was read, in one piece of memory. */
static bool make_room(struct segment *segment, const struct header *header, int64_t **heads,
                      uint64_t **offsets, struct segment_run **runs, uint32_t **checks)
{
    size_t numbers = (size_t)segment->head_count * segment->point_count;
    size_t most_runs = header->runs_size / 2;
    uint8_t *memory =
        malloc((numbers + segment->series_count + 1) * sizeof(uint64_t) +
               most_runs * sizeof(struct segment_run) + segment->series_count * sizeof(uint32_t));

    if (!memory)
        return false;
    segment->memory = memory;
    *heads = (int64_t *)memory;
    *offsets = (uint64_t *)(*heads + numbers);
    *runs = (struct segment_run *)(*offsets + segment->series_count + 1);
    *checks = (uint32_t *)(*runs + most_runs);
    segment->offsets = *offsets;
    segment->runs = *runs;
    segment->checks = *checks;
    return true;
}

static bool parse_heads(struct segment *segment, const uint8_t *bytes, size_t size, int64_t *heads)
{
    for (size_t i = 0; i < segment->head_count; i++, heads += segment->point_count) {
        int read = column_decode_i64(bytes, size, segment->point_count, heads);

        if (read < 0)
            return false;
        segment->heads[i] = heads;
        bytes += read;
        size -= (size_t)read;
    }
    return size == 0;
}

static bool parse_runs(struct segment *segment, const uint8_t *bytes, size_t size,
                       struct segment_run *runs)
{
    struct bytes in = {bytes, bytes + size};
    uint64_t id = 0, index = 0, gap, count;

    for (; bytes_left(&in) > 0; segment->run_count++) {
        if (!bytes_read_varint(&in, &gap) || !bytes_read_varint(&in, &count) || count < 2 ||
            gap > UINT32_MAX - id || count / 2 > segment->series_count - index ||
            count / 2 > (uint64_t)UINT32_MAX + 1 - id - gap)
            return false;
        id += gap;
        runs[segment->run_count] = (struct segment_run){(uint32_t)id, (uint32_t)index, count & 1};
        id += count / 2;
        index += count / 2;
        if (id > UINT32_MAX && bytes_left(&in) > 0)
            return false;
    }
    return index == segment->series_count;
}

static bool parse_directory(const struct segment *segment, const struct header *header,
                            const uint8_t *bytes, uint64_t *offsets, uint32_t *checks)
{
    const uint8_t *check = bytes + (size_t)segment->series_count * SEGMENT_LENGTH_SIZE;
    uint64_t offset = header->size;

    for (size_t i = 0; i < segment->series_count; i++) {
        offsets[i] = offset;
        offset += load_u24(bytes + i * SEGMENT_LENGTH_SIZE);
        checks[i] = load_u32(check + i * SEGMENT_CHECK_SIZE);
    }
    offsets[segment->series_count] = offset;
    return offset == segment->source.size;
}

static int parse_front(struct segment *segment, const struct header *header, const uint8_t *bytes)
{
    const uint8_t *heads_at = bytes + SEGMENT_HEADER_SIZE;
    const uint8_t *runs_at = heads_at + header->heads_size;
    const uint8_t *directory_at = runs_at + header->runs_size;
    int64_t *heads;
    uint64_t *offsets;
    struct segment_run *runs;
    uint32_t *checks;

    if (load_u32(bytes + SEGMENT_AT_CHECK) != segment_check_all(bytes, header->size))
        return -EBADMSG;
    if (!make_room(segment, header, &heads, &offsets, &runs, &checks))
        return -ENOMEM;
    return parse_heads(segment, heads_at, header->heads_size, heads) &&
                   parse_runs(segment, runs_at, header->runs_size, runs) &&
                   parse_directory(segment, header, directory_at, offsets, checks)
               ? 0
               : -EBADMSG;
}

int segment_open(struct segment *segment, const struct segment_source *source)
{
    struct segment opened = {.source = *source};
    const uint8_t *bytes = NULL;
    struct header header;
    int result = read_front(&opened, &header, &bytes);

    if (result == 0)
        result = parse_front(&opened, &header, bytes);
    if (result < 0) {
        segment_finish(&opened);
        return result;
    }
    *segment = opened;
    return 0;
}

void segment_finish(struct segment *segment)
{
    free(segment->memory);
    free(segment->window);
    *segment = (struct segment){0};
}

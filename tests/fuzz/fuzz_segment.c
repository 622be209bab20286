#include <errno.h>
#include <string.h>

#include "daemon/segment_format.h"
#include "tests/fuzz/harness.h"

static void read_series(const struct segment *segment, size_t index)
{
    uint64_t words[SEGMENT_FIELDS_MAX * SEGMENT_POINTS_MAX];
    uint32_t counts[SEGMENT_POINTS_MAX];
    struct histogram_pair *pairs = NULL;
    int result;

    must(segment_find(segment, segment_id(segment, index)) == (int)index);
    if (!segment_is_histogram(segment, index)) {
        result = segment_read(segment, index, words);
        must(result == 0 || result == -EBADMSG);
        return;
    }
    result = segment_read_histogram(segment, index, counts, &pairs);
    must(result == 0 || result == -EBADMSG || result == -ENOMEM);
    free(pairs);
}

static void open_and_read(const uint8_t *data, size_t size)
{
    const struct segment_source source = {.data = data, .fd = -1, .size = size};
    struct segment segment;
    int result = segment_open(&segment, &source);

    must(result == 0 || result == -EBADMSG || result == -EPROTONOSUPPORT);
    if (result < 0)
        return;
    for (size_t i = 0; i < segment.series_count; i++)
        read_series(&segment, i);
    must(segment.point_count >= 1 && segment.point_count <= SEGMENT_POINTS_MAX);
    segment_finish(&segment);
}

/* Makes all checks those of what is there, as far as the sizes allow. */
static void mend(uint8_t *data, size_t size)
{
    uint64_t directory, blocks;
    uint32_t series;

    if (size < SEGMENT_HEADER_SIZE)
        return;
    series = load_u32(data + SEGMENT_AT_SERIES);
    directory = (uint64_t)SEGMENT_HEADER_SIZE + load_u32(data + SEGMENT_AT_HEADS_SIZE) +
                load_u32(data + SEGMENT_AT_RUNS_SIZE);
    blocks = directory + (uint64_t)series * (SEGMENT_LENGTH_SIZE + SEGMENT_CHECK_SIZE);
    if (blocks > size)
        return;
    for (uint64_t i = 0, at = blocks; i < series; i++) {
        uint32_t length = load_u24(data + directory + i * SEGMENT_LENGTH_SIZE);

        if (length > size - at)
            break;
        store_u32(data + directory + (uint64_t)series * SEGMENT_LENGTH_SIZE +
                      i * SEGMENT_CHECK_SIZE,
                  segment_check(0, data + at, length));
        at += length;
    }
    store_u32(data + SEGMENT_AT_BLOCKS_SIZE, (uint32_t)(size - blocks));
    store_u32(data + SEGMENT_AT_CHECK, segment_check_all(data, blocks));
}

/* A file's bytes: as they are, and with checks that are right. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *mended = malloc(size > 0 ? size : 1);

    must(mended != NULL);
    open_and_read(data, size);
    if (size > 0)
        memcpy(mended, data, size);
    mend(mended, size);
    open_and_read(mended, size);
    free(mended);
    return 0;
}

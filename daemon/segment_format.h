/*
 * The header of a segment, and what its writer and its reader agree on.
 *
 * The CRC-32 in the header is that of all before it, and of all between it and the blocks. Runs of
 * ids are two varints each: what lies between it and the run before, and twice the count of ids,
 * plus 1 for histograms. A block is a column for each field. That of a histogram has the counts as
 * a column of integers (-1: no value), then for each 256 of its pairs the buckets and the
 * increments as a column each.
 */
#ifndef TACHO_DAEMON_SEGMENT_FORMAT_H
#define TACHO_DAEMON_SEGMENT_FORMAT_H

#include <zlib.h>

#include "daemon/column.h"
#include "daemon/segment.h"

#define SEGMENT_MAGIC   0x47455354 /* "TSEG" */
#define SEGMENT_VERSION 1

enum segment_header {
    SEGMENT_AT_MAGIC = 0,       /* u32 */
    SEGMENT_AT_VERSION = 4,     /* u8 */
    SEGMENT_AT_KIND = 5,        /* u8 */
    SEGMENT_AT_HEADS = 6,       /* u8: how many */
    SEGMENT_AT_FIELDS = 7,      /* u8: how many */
    SEGMENT_AT_POINTS = 8,      /* u16: how many; two bytes of 0 follow */
    SEGMENT_AT_SERIES = 12,     /* u32: how many */
    SEGMENT_AT_HEADS_SIZE = 16, /* u32: bytes */
    SEGMENT_AT_RUNS_SIZE = 20,  /* u32: bytes */
    SEGMENT_AT_BLOCKS_SIZE = 24,
    SEGMENT_AT_CHECK = 28, /* u32: the CRC-32 */
    SEGMENT_HEADER_SIZE = 32,
};

/* In the directory, of each series. */
#define SEGMENT_LENGTH_SIZE 3
#define SEGMENT_CHECK_SIZE  4
#define SEGMENT_BLOCK_MAX   0xffffff
#define SEGMENT_RUN_MAX     (2 * VARINT_MAX)

/* Ids that follow each other; their series are of one sort and follow each other too. */
struct segment_run {
    uint32_t first_id, first_index;
    bool is_histogram;
};

/*
 * What was read last of a file, the front at first. Blocks are small, and who reads many of them
 * mostly does so in their order: one that is near the window's end is read with those behind it.
 */
struct segment_window {
    uint64_t at; /* in the file */
    size_t size, room;
    uint8_t bytes[];
};

/* All of those bytes, at least one. 0, -errno, or -EBADMSG where the file ends before. */
int segment_pread(int fd, uint8_t *into, size_t size, uint64_t offset) MUST_CHECK;

static inline uint32_t segment_check(uint32_t former, const uint8_t *bytes, size_t size)
{
    return (uint32_t)crc32_z(former, bytes, size);
}

/* What begins with the header and ends before the blocks. */
static inline uint32_t segment_check_all(const uint8_t *segment, size_t size)
{
    uint32_t check = segment_check(0, segment, SEGMENT_AT_CHECK);

    return segment_check(check, segment + SEGMENT_HEADER_SIZE, size - SEGMENT_HEADER_SIZE);
}

#endif

/*
 * A segment: the values of many series at up to 256 points, as bytes that are written once and
 * read piecemeal. SEGMENT_TICKS has the ticks of one aligned block, each series' word at each of
 * them or its histograms; SEGMENT_MINUTES has minutes, each with several words. Heads are what is
 * known of the points themselves. All of it is checked by CRC-32 before it is believed, and nothing
 * is trusted for that: whatever the bytes are, they are a segment or -EBADMSG.
 *
 * The format, little-endian: a header, the heads as columns, the directory (runs of ids, 24 bits of
 * length and a CRC-32 for each series), then a block for each series. segment_format.h has the
 * rest.
 */
#ifndef TACHO_DAEMON_SEGMENT_H
#define TACHO_DAEMON_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/buffer.h"
#include "daemon/histogram.h"
#include "daemon/scope.h"

#define SEGMENT_POINTS_MAX 256
#define SEGMENT_HEADS_MAX  8
#define SEGMENT_FIELDS_MAX 5
#define SEGMENT_SERIES_MAX (1 << 20)
/* A histogram has no more pairs at a point than there are buckets. */
#define SEGMENT_PAIRS_MAX 65536
/* Stands for the count of a point where a histogram has no value. */
#define SEGMENT_NO_PAIRS UINT32_MAX

enum segment_kind {
    SEGMENT_TICKS = 1,   /* heads: struct tick's seq, time_ms, mono_ns, flags; one field */
    SEGMENT_MINUTES = 2, /* heads: those of struct minute; MINUTE_FIELDS fields */
};

/* --- writing: one thread at a time, the memory is used again --- */

struct segment_writer;

/* NULL without memory. */
struct segment_writer *segment_writer_new(void);
void segment_writer_free(struct segment_writer *writer); /* NULL is a no-op */

/*
 * Begins a segment; one that was begun and not ended is forgotten. There are 1 to
 * SEGMENT_POINTS_MAX points; each head has one number for each of them.
 */
void segment_begin(struct segment_writer *writer, enum segment_kind kind, size_t point_count,
                   const int64_t *const heads[], size_t head_count, size_t field_count);

/* The next series: ids ascend. Each field has a word for each point. 0 or -ENOMEM. */
int segment_add(struct segment_writer *writer, uint32_t id,
                const uint64_t *const fields[]) MUST_CHECK;

/*
 * The same for a histogram: counts of the pairs at each point, or SEGMENT_NO_PAIRS, and all the
 * pairs, in order. 0, -ENOMEM, or -E2BIG (nothing was added) for more than a block can hold.
 */
int segment_add_histogram(struct segment_writer *writer, uint32_t id, const uint32_t *counts,
                          const struct histogram_pair *pairs) MUST_CHECK;

/* Appends the segment. 0, or -ENOMEM: out then has failed. */
int segment_end(struct segment_writer *writer, struct buffer *out) MUST_CHECK;

/* --- reading: an open segment is read by one thread at a time --- */

/* Where the bytes are: in memory that lives as long as the segment is open, or in a file. */
struct segment_source {
    const uint8_t *data; /* NULL: fd */
    int fd;              /* of its owner, read by pread from 0 on */
    uint64_t size;       /* of the whole segment */
};

struct segment_run;
struct segment_window;

struct segment {
    enum segment_kind kind;
    uint32_t point_count, head_count, field_count, series_count;
    const int64_t *heads[SEGMENT_HEADS_MAX]; /* point_count of each */

    /* its own */
    struct segment_source source;
    uint32_t run_count;
    const struct segment_run *runs;
    const uint64_t *offsets; /* of the blocks in the source, and of the end */
    const uint32_t *checks;
    void *memory;
    struct segment_window *window; /* NULL where the bytes are in memory */
};

/*
 * Reads and checks header, heads and directory: one read of a file, two where there are many
 * series. 0, -EBADMSG, -EPROTONOSUPPORT for another version, -ENOMEM, or -errno of the read.
 */
int segment_open(struct segment *segment, const struct segment_source *source) MUST_CHECK;
void segment_finish(struct segment *segment); /* all zero: a no-op */

uint32_t segment_id(const struct segment *segment, size_t index);

/* Its index, or -ENOENT. */
int segment_find(const struct segment *segment, uint32_t id) MUST_CHECK;

bool segment_is_histogram(const struct segment *segment, size_t index);

/*
 * The words of a series that is no histogram: point_count for each field, field by field. 0,
 * -EBADMSG when the block is damaged, or -errno of the read: words is then undefined.
 */
int segment_read(const struct segment *segment, size_t index, uint64_t *words) MUST_CHECK;

/*
 * A histogram's counts, point_count of them, and all its pairs, which the caller frees. Errors as
 * above, and -ENOMEM.
 */
int segment_read_histogram(const struct segment *segment, size_t index, uint32_t *counts,
                           struct histogram_pair **pairs) MUST_CHECK;

#endif

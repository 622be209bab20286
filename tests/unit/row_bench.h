/*
 * A row file to test with: two lists of ids and ROW_BENCH_TICKS rows whose words and pairs tell
 * where they belong, so that reading checks every bit of what it gets.
 */
#ifndef TACHO_TESTS_UNIT_ROW_BENCH_H
#define TACHO_TESTS_UNIT_ROW_BENCH_H

#include "daemon/row_file.h"
#include "tests/unit/data_bench.h"

#define ROW_BENCH_SEQ   UINT64_C(0x12300)
#define ROW_BENCH_NAME  "rows-0000000000012300"
#define ROW_BENCH_TICKS 6
#define ROW_BENCH_SLOTS 5 /* of the first list; the second, from the middle on, has one more */

/* How many pairs the row of this seq has: at most 2. */
uint32_t row_bench_pairs(uint64_t seq);

/* Writes the file, which stays open. */
void row_bench_write(struct data_bench *bench, struct row_file *file);

/* One more list, of the ids from first_id on, and one more row of this bench's kind. */
void row_bench_write_slots(struct row_file *file, uint32_t first_id, uint32_t count);
int row_bench_write_row(struct row_file *file, uint64_t seq, uint32_t slots) MUST_CHECK;

/* The same with a disk that is full when the file has so many bytes. */
int row_bench_write_row_within(struct row_file *file, uint64_t seq, uint32_t slots,
                               rlim_t limit) MUST_CHECK;

/* What a reading gave. */
struct row_bench_seen {
    uint64_t seqs[ROW_FILE_TICKS];
    size_t rows;
    size_t lists;
    uint32_t ids[2];     /* the first of each list */
    uint32_t list_count; /* ids of the last list */
};

/* Reads the bench's file, or these bytes as if they were it. */
int row_bench_read(struct data_bench *bench, struct row_bench_seen *seen,
                   uint64_t *damaged) MUST_CHECK;
int row_bench_read_bytes(const uint8_t *bytes, size_t size, struct row_bench_seen *seen,
                         uint64_t *damaged) MUST_CHECK;

/* The same visitor, for a reading of the test's own. */
struct row_visitor row_bench_visitor(struct row_bench_seen *seen);

#endif

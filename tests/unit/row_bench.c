#include "tests/unit/row_bench.h"

#include <stdlib.h>
#include <string.h>

/* What a row of this seq and these slots has: each word and pair tells where it is. */
static void make_row(struct stored_row *row, uint64_t *words, uint64_t *pairs, uint64_t seq,
                     uint32_t slots, uint32_t pair_count)
{
    for (uint32_t i = 0; i < slots; i++)
        words[i] = seq << 32 | i;
    for (uint32_t i = 0; i < pair_count; i++)
        pairs[i] = ~(seq << 32 | i);
    *row = (struct stored_row){.tick = {.seq = seq,
                                        .time_ms = 1700000000000 + (int64_t)seq,
                                        .mono_ns = -(int64_t)seq,
                                        .flags = (uint32_t)seq % 64},
                               .words = words,
                               .slot_count = slots,
                               .pairs = pairs,
                               .pair_count = pair_count};
    memset(row->boot_id, (int)(seq & 0xff), sizeof row->boot_id);
}

uint32_t row_bench_pairs(uint64_t seq)
{
    return (uint32_t)(seq % 3);
}

static int on_slots(void *arg, const uint32_t *ids, uint32_t count)
{
    struct row_bench_seen *seen = arg;
    bool right = seen->lists < 2;

    for (uint32_t i = 1; i < count; i++)
        right = right && ids[i] == ids[0] + i;
    ck_assert(right);
    seen->ids[seen->lists++] = count > 0 ? ids[0] : 0;
    seen->list_count = count;
    return 0;
}

/* One assertion for all, since they are slow and a test reads thousands of rows. */
static bool is_same(const struct stored_row *one, const struct stored_row *other)
{
    return one->tick.time_ms == other->tick.time_ms && one->tick.mono_ns == other->tick.mono_ns &&
           one->tick.flags == other->tick.flags && one->slot_count == other->slot_count &&
           one->pair_count == other->pair_count &&
           memcmp(one->boot_id, other->boot_id, sizeof one->boot_id) == 0 &&
           memcmp(one->words, other->words, one->slot_count * sizeof *one->words) == 0 &&
           memcmp(one->pairs, other->pairs, one->pair_count * sizeof *one->pairs) == 0;
}

static int on_row(void *arg, const struct stored_row *row)
{
    struct row_bench_seen *seen = arg;
    uint64_t *words = malloc(row->slot_count * sizeof *words + 1);
    uint64_t pairs[2];
    struct stored_row right;

    make_row(&right, words, pairs, row->tick.seq, row->slot_count, row_bench_pairs(row->tick.seq));
    ck_assert(is_same(row, &right) && seen->rows < ROW_FILE_TICKS);
    free(words);
    seen->seqs[seen->rows++] = row->tick.seq;
    return 0;
}

struct row_visitor row_bench_visitor(struct row_bench_seen *seen)
{
    return (struct row_visitor){seen, on_slots, on_row};
}

int row_bench_read(struct data_bench *bench, struct row_bench_seen *seen, uint64_t *damaged)
{
    const struct row_visitor visitor = row_bench_visitor(seen);

    *seen = (struct row_bench_seen){0};
    return row_file_read(&bench->data, ROW_BENCH_NAME, DATA_BENCH_EPOCH, &visitor, damaged);
}

/* Of bytes in memory; the header is right, or the answer is not 0. */
int row_bench_read_bytes(const uint8_t *bytes, size_t size, struct row_bench_seen *seen,
                         uint64_t *damaged)
{
    const struct row_visitor visitor = row_bench_visitor(seen);
    uint8_t *copy = malloc(size + 1);
    struct record_input input;
    int result;

    memcpy(copy, bytes, size);
    *seen = (struct row_bench_seen){0};
    record_input_start_memory(&input, copy, size);
    result = row_file_read_input(&input, ROW_BENCH_SEQ, DATA_BENCH_EPOCH, &visitor);
    *damaged = input.damaged;
    free(copy);
    return result;
}

void row_bench_write_slots(struct row_file *file, uint32_t first_id, uint32_t count)
{
    uint32_t *ids = malloc(count * sizeof *ids + 1);

    for (uint32_t i = 0; i < count; i++)
        ids[i] = first_id + i;
    ck_assert_int_eq(row_file_write_slots(file, ids, count), 0);
    free(ids);
}

int row_bench_write_row(struct row_file *file, uint64_t seq, uint32_t slots)
{
    return row_bench_write_row_within(file, seq, slots, RLIM_INFINITY);
}

int row_bench_write_row_within(struct row_file *file, uint64_t seq, uint32_t slots, rlim_t limit)
{
    uint64_t *words = malloc(slots * sizeof *words + 1);
    uint64_t pairs[2];
    struct stored_row row;
    int result;

    make_row(&row, words, pairs, seq, slots, row_bench_pairs(seq));
    data_bench_limit(limit);
    result = row_file_write_row(file, &row);
    data_bench_limit(RLIM_INFINITY);
    free(words);
    return result;
}

/* A list of ids, ROW_BENCH_TICKS rows, of which the latter half has another list. */
void row_bench_write(struct data_bench *bench, struct row_file *file)
{
    ck_assert_int_eq(row_file_create(&bench->data, DATA_BENCH_EPOCH, ROW_BENCH_SEQ, file), 0);
    row_bench_write_slots(file, 7, ROW_BENCH_SLOTS);
    for (uint64_t i = 0; i < ROW_BENCH_TICKS; i++) {
        if (i == ROW_BENCH_TICKS / 2)
            row_bench_write_slots(file, 100, ROW_BENCH_SLOTS + 1);
        ck_assert_int_eq(row_bench_write_row(file, ROW_BENCH_SEQ + i,
                                             ROW_BENCH_SLOTS + (i >= ROW_BENCH_TICKS / 2)),
                         0);
    }
}

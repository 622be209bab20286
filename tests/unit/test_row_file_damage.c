/* Row files that are torn, or have bytes that nobody wrote. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/row_file.h"
#include "tests/unit/row_bench.h"

/* A record, by its place: where it begins, and how many rows are read if it is damaged. */
static size_t rows_without(const struct data_bench_file *file, size_t damaged_at)
{
    const size_t list = 24 + (ROW_BENCH_SLOTS + 1) * 4; /* both lists take as much */
    size_t at = sizeof(struct record_file_head);

    if (damaged_at < at + list)
        return ROW_BENCH_TICKS / 2; /* those of the second list */
    at += list;
    for (uint64_t i = 0; i < ROW_BENCH_TICKS; i++) {
        size_t slots = ROW_BENCH_SLOTS + (i >= ROW_BENCH_TICKS / 2);
        size_t row = 72 + 8 * (slots + row_bench_pairs(ROW_BENCH_SEQ + i));

        if (i == ROW_BENCH_TICKS / 2) {
            if (damaged_at < at + list)
                return ROW_BENCH_TICKS / 2; /* those of the first */
            at += list;
        }
        if (damaged_at < at + row)
            return ROW_BENCH_TICKS - 1;
        at += row;
    }
    ck_assert_uint_eq(at, file->size);
    return ROW_BENCH_TICKS;
}

START_TEST(damage_costs_what_it_is_in)
{
    struct data_bench bench;
    struct data_bench_file bytes;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    row_file_close(&file);
    data_bench_load(&bench, ROW_BENCH_NAME, &bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        for (unsigned flip = 1; flip < 256; flip = flip * 16 - 1) {
            int result;

            bytes.data[i] ^= (uint8_t)flip;
            result = row_bench_read_bytes(bytes.data, bytes.size, &seen, &damaged);
            bytes.data[i] ^= (uint8_t)flip;
            if (i < sizeof(struct record_file_head)) {
                ck_assert_int_eq(result, -EBADMSG);
                ck_assert_uint_eq(seen.rows, 0);
                continue;
            }
            ck_assert_int_eq(result, 0);
            ck_assert_uint_ge(damaged, 40);
            ck_assert_uint_eq(seen.rows, rows_without(&bytes, i));
        }
    }
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_torn_file_has_the_rows_before)
{
    struct data_bench bench;
    struct data_bench_file bytes;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;
    size_t whole = 0; /* rows before the end, and where the last record ended */
    size_t good = 0;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    row_file_close(&file);
    data_bench_load(&bench, ROW_BENCH_NAME, &bytes);
    for (size_t size = 0; size <= bytes.size; size++) {
        ck_assert_int_eq(row_bench_read_bytes(bytes.data, size, &seen, &damaged), 0);
        ck_assert_uint_ge(seen.rows, whole);
        ck_assert_uint_le(seen.rows, whole + 1);
        whole = seen.rows;
        if (damaged == 0)
            good = size;
        ck_assert_uint_eq(damaged, size - good);
    }
    ck_assert_uint_eq(whole, ROW_BENCH_TICKS);
    ck_assert_uint_eq(good, bytes.size);
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

/* Sizes that a record claims, and counts that are beyond what it has, with the right CRC. */
START_TEST(claims_beyond_the_bounds_are_damage)
{
    struct data_bench bench;
    struct data_bench_file bytes;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;
    /* Of the last record, a row of ROW_BENCH_SLOTS + 1 words: its counts. */
    const uint32_t claims[][2] = {{ROW_BENCH_SLOTS + 2, 0},
                                  {0, ROW_BENCH_SLOTS + 2},
                                  {UINT32_MAX, 0},
                                  {0, UINT32_MAX},
                                  {UINT32_MAX, 1 + ROW_BENCH_SLOTS + 2},
                                  {0x80000000, 0x80000000 + ROW_BENCH_SLOTS}};

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    row_file_close(&file);
    data_bench_load(&bench, ROW_BENCH_NAME, &bytes);
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        size_t row_size =
            72 + 8 * (ROW_BENCH_SLOTS + 1 + row_bench_pairs(ROW_BENCH_SEQ + ROW_BENCH_TICKS - 1));
        uint8_t *row = bytes.data + bytes.size - row_size;
        const struct iovec part = {row, row_size};

        memcpy(row + 60, claims[i], 8);
        record_seal(&part, 1);
        ck_assert_int_eq(row_bench_read_bytes(bytes.data, bytes.size, &seen, &damaged), 0);
        ck_assert_uint_eq(seen.rows, ROW_BENCH_TICKS - 1);
        ck_assert_uint_eq(damaged, row_size);
    }
    for (uint32_t size = 0; size < 0x200000; size += 0x1234) {
        memcpy(bytes.data + 40 + 8, &size, sizeof size);
        ck_assert_int_eq(row_bench_read_bytes(bytes.data, bytes.size, &seen, &damaged), 0);
        ck_assert_uint_eq(seen.rows, ROW_BENCH_TICKS / 2 - 1);
    }
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("row_file_damage", damage_costs_what_it_is_in, a_torn_file_has_the_rows_before,
                     claims_beyond_the_bounds_are_damage);
}

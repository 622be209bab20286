#include "daemon/row_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/row_bench.h"

START_TEST(what_was_written_is_read)
{
    struct data_bench bench;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    ck_assert_int_eq(row_file_sync(&file), 0);
    ck_assert_uint_eq(data_bench_size(&bench, ROW_BENCH_NAME), file.file.size);
    row_file_close(&file);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), 0);
    ck_assert_uint_eq(damaged, 0);
    ck_assert_uint_eq(seen.rows, ROW_BENCH_TICKS);
    ck_assert_uint_eq(seen.lists, 2);
    ck_assert_uint_eq(seen.ids[0], 7);
    ck_assert_uint_eq(seen.ids[1], 100);
    ck_assert_uint_eq(seen.list_count, ROW_BENCH_SLOTS + 1);
    for (size_t i = 0; i < ROW_BENCH_TICKS; i++)
        ck_assert_uint_eq(seen.seqs[i], ROW_BENCH_SEQ + i);
    ck_assert_int_eq(data_folder_remove(&bench.data, ROW_BENCH_NAME), 0);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), -ENOENT);
    data_bench_remove(&bench);
}
END_TEST

/* The file is larger than what is read of it at once, and so is a list of ids with its row. */
START_TEST(a_file_of_the_largest_rows_is_read)
{
    struct data_bench bench;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;

    data_bench_make(&bench);
    ck_assert_int_eq(row_file_create(&bench.data, DATA_BENCH_EPOCH, ROW_BENCH_SEQ, &file), 0);
    row_bench_write_slots(&file, 1, ROW_SLOTS_MAX);
    for (uint64_t i = 0; i < 8; i++)
        ck_assert_int_eq(row_bench_write_row(&file, ROW_BENCH_SEQ + i, ROW_SLOTS_MAX - (uint32_t)i),
                         0);
    row_file_close(&file);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), 0);
    ck_assert_uint_eq(damaged, 0);
    ck_assert_uint_eq(seen.rows, 8);
    ck_assert_uint_eq(seen.list_count, ROW_SLOTS_MAX);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(what_no_reader_takes_is_not_written)
{
    static uint64_t words[ROW_SLOTS_MAX + 1];
    static const uint32_t ids[ROW_SLOTS_MAX + 1];
    struct stored_row row = {.tick.seq = ROW_BENCH_SEQ, .words = words, .pairs = words};
    struct data_bench bench;
    struct row_file file;
    uint64_t size;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    size = file.file.size;
    row.slot_count = ROW_SLOTS_MAX + 1;
    ck_assert_int_eq(row_file_write_row(&file, &row), -E2BIG);
    row.slot_count = 0;
    row.pair_count = ROW_PAIRS_MAX + 1;
    ck_assert_int_eq(row_file_write_row(&file, &row), -E2BIG);
    ck_assert_int_eq(row_file_write_slots(&file, ids, ROW_SLOTS_MAX + 1), -E2BIG);
    ck_assert_int_eq(row_bench_write_row(&file, ROW_BENCH_SEQ - 1, 1), -EINVAL);
    ck_assert_int_eq(row_bench_write_row(&file, ROW_BENCH_SEQ + ROW_FILE_TICKS, 1), -EINVAL);
    ck_assert_uint_eq(data_bench_size(&bench, ROW_BENCH_NAME), size);
    row_file_close(&file);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(another_files_rows_are_not_read)
{
    struct data_bench bench;
    struct data_bench_file bytes;
    struct row_file file;
    struct row_bench_seen seen;
    const struct row_visitor visitor = row_bench_visitor(&seen);
    struct record_file_head head;
    uint64_t damaged;
    uint64_t seq;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    row_file_close(&file);
    seen = (struct row_bench_seen){0};
    ck_assert_int_eq(
        row_file_read(&bench.data, ROW_BENCH_NAME, "fedcba9876543210", &visitor, &damaged),
        -ESTALE);
    ck_assert_int_eq(
        renameat(bench.data.fd, ROW_BENCH_NAME, bench.data.fd, "rows-0000000000012301"), 0);
    ck_assert_int_eq(
        row_file_read(&bench.data, "rows-0000000000012301", DATA_BENCH_EPOCH, &visitor, &damaged),
        -EBADMSG);
    data_bench_load(&bench, "rows-0000000000012301", &bytes);
    memcpy(&head, bytes.data, sizeof head);
    record_file_head_make(&head, "tachoser", DATA_BENCH_EPOCH, ROW_BENCH_SEQ);
    memcpy(bytes.data, &head, sizeof head);
    ck_assert_int_eq(row_bench_read_bytes(bytes.data, bytes.size, &seen, &damaged), -EBADMSG);
    ck_assert_uint_eq(seen.rows, 0);
    free(bytes.data);
    ck_assert(row_file_parse_name("rows-00000000000123fe", &seq));
    ck_assert_uint_eq(seq, 0x123fe);
    ck_assert(!row_file_parse_name("rows-00000000000123fE", &seq));
    ck_assert(!row_file_parse_name("rows-00000000000123f", &seq));
    ck_assert(!row_file_parse_name("rows-00000000000123fe0", &seq));
    ck_assert(!row_file_parse_name("rowsx00000000000123fe", &seq));
    data_bench_remove(&bench);
}
END_TEST

/* Another version is said to be that, not damage. */
START_TEST(another_version_is_told)
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
    data_bench_set_version(&bytes, 2);
    ck_assert_int_eq(row_bench_read_bytes(bytes.data, bytes.size, &seen, &damaged),
                     -EPROTONOSUPPORT);
    data_bench_set_version(&bytes, 1);
    ck_assert_int_eq(row_bench_read_bytes(bytes.data, bytes.size, &seen, &damaged), 0);
    free(bytes.data);
    data_bench_remove(&bench);
}
END_TEST

/* A disk that is full in the middle of a row: what follows is not behind garbage. */
START_TEST(what_a_full_disk_cut_short_is_cut_off)
{
    struct data_bench bench;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;
    uint64_t size;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    size = file.file.size;
    ck_assert_int_eq(row_bench_write_row_within(&file, ROW_BENCH_SEQ + ROW_BENCH_TICKS,
                                                ROW_BENCH_SLOTS + 1, size + 100),
                     -ENOSPC);
    ck_assert_uint_eq(data_bench_size(&bench, ROW_BENCH_NAME), size);
    ck_assert_int_eq(row_bench_write_row_within(&file, ROW_BENCH_SEQ + ROW_BENCH_TICKS,
                                                ROW_BENCH_SLOTS + 1, size),
                     -EFBIG);
    ck_assert_uint_eq(data_bench_size(&bench, ROW_BENCH_NAME), size);
    ck_assert_int_eq(
        row_bench_write_row(&file, ROW_BENCH_SEQ + ROW_BENCH_TICKS + 1, ROW_BENCH_SLOTS + 1), 0);
    row_file_close(&file);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), 0);
    ck_assert_uint_eq(damaged, 0);
    ck_assert_uint_eq(seen.rows, ROW_BENCH_TICKS + 1);
    data_bench_remove(&bench);
}
END_TEST

/* What could not be cut off is written over, and what sticks out behind it is skipped. */
START_TEST(what_could_not_be_cut_off_is_skipped)
{
    struct data_bench bench;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    ck_assert_int_eq(row_bench_write_row(&file, ROW_BENCH_SEQ + ROW_BENCH_TICKS, 50), 0);
    file.file.size -= 72 + 8 * (50 + row_bench_pairs(ROW_BENCH_SEQ + ROW_BENCH_TICKS));
    ck_assert_int_eq(
        row_bench_write_row(&file, ROW_BENCH_SEQ + ROW_BENCH_TICKS + 1, ROW_BENCH_SLOTS + 1), 0);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), 0);
    ck_assert_uint_eq(seen.rows, ROW_BENCH_TICKS + 1);
    ck_assert_uint_eq(damaged, data_bench_size(&bench, ROW_BENCH_NAME) - file.file.size);
    file.file.has_tail = true;
    ck_assert_int_eq(
        row_bench_write_row(&file, ROW_BENCH_SEQ + ROW_BENCH_TICKS + 2, ROW_BENCH_SLOTS + 1), 0);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), 0);
    ck_assert_uint_eq(seen.rows, ROW_BENCH_TICKS + 2);
    ck_assert_uint_eq(damaged, 0);
    row_file_close(&file);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(what_cannot_be_made_leaves_no_file)
{
    struct data_bench bench;
    struct row_file file;
    struct row_bench_seen seen;
    uint64_t damaged;
    int result;

    data_bench_make(&bench);
    data_bench_limit(10);
    result = row_file_create(&bench.data, DATA_BENCH_EPOCH, ROW_BENCH_SEQ, &file);
    data_bench_limit(RLIM_INFINITY);
    ck_assert_int_eq(result, -ENOSPC);
    ck_assert_int_eq(row_bench_read(&bench, &seen, &damaged), -ENOENT);
    ck_assert_int_eq(symlinkat("elsewhere", bench.data.fd, ROW_BENCH_NAME), 0);
    ck_assert_int_eq(row_file_create(&bench.data, DATA_BENCH_EPOCH, ROW_BENCH_SEQ, &file), -ELOOP);
    data_bench_remove(&bench);
}
END_TEST

static int give_up(void *arg, const struct stored_row *row)
{
    (void)row;
    return ++*(int *)arg == 2 ? -ECANCELED : 0;
}

static int pass_over(void *arg, const uint32_t *ids, uint32_t count)
{
    (void)arg;
    (void)ids;
    (void)count;
    return 0;
}

START_TEST(a_reader_may_give_up)
{
    struct data_bench bench;
    struct row_file file;
    int rows = 0;
    const struct row_visitor visitor = {&rows, pass_over, give_up};
    uint64_t damaged;

    data_bench_make(&bench);
    row_bench_write(&bench, &file);
    row_file_close(&file);
    ck_assert_int_eq(
        row_file_read(&bench.data, ROW_BENCH_NAME, DATA_BENCH_EPOCH, &visitor, &damaged),
        -ECANCELED);
    ck_assert_int_eq(rows, 2);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("row_file", what_was_written_is_read, a_file_of_the_largest_rows_is_read,
                     what_no_reader_takes_is_not_written, another_files_rows_are_not_read,
                     another_version_is_told, what_a_full_disk_cut_short_is_cut_off,
                     what_could_not_be_cut_off_is_skipped, what_cannot_be_made_leaves_no_file,
                     a_reader_may_give_up);
}

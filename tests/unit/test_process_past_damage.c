/* What becomes of the past of the processes on a disk that is full, hangs, or damages files. */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/past_bench.h"

START_TEST(what_a_full_disk_refuses_is_written_later)
{
    struct past_bench bench;
    int failed = 0;

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 10);
    data_bench_limit(3000);
    for (int i = 0; i < 700; i++) {
        past_bench_add(&bench, 1000);
        failed += process_past_write(bench.past) < 0;
    }
    data_bench_limit(RLIM_INFINITY);
    ck_assert_int_gt(failed, 500);
    ck_assert_uint_eq(process_past_count(bench.past).failures, (uint64_t)failed);
    ck_assert_uint_eq(past_bench_count_some(&bench, 10), 71);
    ck_assert_int_eq(process_past_write(bench.past), 0);
    ck_assert_uint_eq(process_past_count(bench.past).lost, 0);
    past_bench_fill(&bench, 10);
    past_bench_restart(&bench, PLENTY);
    ck_assert_uint_eq(past_bench_count_some(&bench, 10), 72);
    past_bench_remove(&bench);
}
END_TEST

START_TEST(what_waits_for_a_disk_has_a_bound)
{
    const uint64_t budget_bytes = 50000;
    struct past_bench bench;
    struct process_past_counts counts;
    size_t found;

    past_bench_make(&bench, true, budget_bytes);
    past_bench_fill(&bench, 100);
    for (int i = 0; i < 900; i++)
        past_bench_add(&bench, 1000); /* and no write returns */
    counts = process_past_count(bench.past);
    ck_assert_uint_gt(counts.lost, 0);
    ck_assert_uint_le(counts.used_bytes, budget_bytes);
    ck_assert_uint_eq(counts.records + counts.lost, 1000);
    found = past_bench_count(&bench);
    ck_assert_uint_eq(found, counts.records);
    ck_assert(past_bench_has(&bench, bench.lists[99]->time_ms, bench.lists[99]));
    ck_assert_int_eq(past_bench_read(&bench, bench.lists[120]->time_ms), -ENODATA);
    ck_assert_int_eq(process_past_write(bench.past), 0);
    past_bench_restart(&bench, budget_bytes);
    ck_assert_uint_eq(past_bench_count(&bench), found);
    past_bench_remove(&bench);
}
END_TEST

START_TEST(what_another_history_wrote_is_kept_aside)
{
    struct process_past_options options = {.epoch = "fedcba9876543210", .budget_bytes = PLENTY};
    struct past_bench bench;
    struct data_bench_file file;
    struct past_files names;
    char name[PROCESS_FILE_NAME_SIZE];

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 600);
    process_past_free(bench.past);
    options.folder = &bench.data.data;
    ck_assert_int_eq(process_past_new(&options, &bench.past), 0);
    names = past_bench_files(&bench);
    ck_assert_uint_eq(names.count, 0);
    ck_assert_uint_eq(names.aside, 2);
    ck_assert_uint_eq(past_bench_count_some(&bench, 100), 0);
    past_bench_fill(&bench, 10);
    ck_assert_uint_eq(past_bench_count(&bench), 10);
    process_file_name(&past_bench_files(&bench).items[0], name);
    data_bench_load(&bench.data, name, &file);
    data_bench_set_version(&file, 2);
    data_bench_store(&bench.data, name, file.data, file.size);
    free(file.data);
    process_past_free(bench.past);
    ck_assert_int_eq(process_past_new(&options, &bench.past), 0);
    ck_assert_uint_eq(past_bench_files(&bench).aside, 3);
    past_bench_remove(&bench);
}
END_TEST

/* No wrong list, whatever happened to a file: those before the damage, and those of other files. */
START_TEST(damage_is_a_gap)
{
    struct past_bench bench;
    struct past_files names;
    struct scene random = {.random = 12};
    size_t gaps = 0;

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 1100);
    names = past_bench_files(&bench);
    ck_assert_uint_eq(names.count, 3);
    for (int round = 0; round < 12; round++) {
        char name[PROCESS_FILE_NAME_SIZE];
        struct data_bench_file file;
        size_t size, place, found;
        uint8_t former;

        process_file_name(&names.items[round % 3], name);
        data_bench_load(&bench.data, name, &file);
        place = scene_random(&random) % file.size;
        size = scene_random(&random) % 3 == 0 ? place : file.size;
        former = file.data[place];
        file.data[place] ^= (uint8_t)(1 << scene_random(&random) % 8);
        data_bench_store(&bench.data, name, file.data, size);
        past_bench_restart(&bench, PLENTY);
        found = past_bench_count_some(&bench, 44); /* of which a file has eleven or twelve */
        ck_assert_uint_ge(found, 25 - 12);
        gaps += found < 25;
        ck_assert(process_past_count(bench.past).damaged > 0 || size < file.size || found == 25);
        file.data[place] = former;
        data_bench_store(&bench.data, name, file.data, file.size);
        free(file.data);
    }
    ck_assert_uint_gt(gaps, 5);
    past_bench_restart(&bench, PLENTY);
    ck_assert_uint_eq(past_bench_count_some(&bench, 11), 100);
    past_bench_remove(&bench);
}
END_TEST

START_TEST(behind_damage_a_new_block_begins)
{
    struct past_bench bench;
    struct past_files names;
    struct data_bench_file file;
    char name[PROCESS_FILE_NAME_SIZE];

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 100);
    names = past_bench_files(&bench);
    process_file_name(&names.items[0], name);
    data_bench_load(&bench.data, name, &file);
    data_bench_store(&bench.data, name, file.data, file.size - 3); /* torn */
    free(file.data);
    past_bench_restart(&bench, PLENTY);
    ck_assert_uint_eq(process_past_count(bench.past).records, 99);
    ck_assert_uint_eq(process_past_count(bench.past).damaged, 1);
    past_bench_fill(&bench, 100);
    ck_assert_uint_eq(past_bench_count(&bench), 199);
    ck_assert_uint_eq(past_bench_files(&bench).count, 2);
    past_bench_remove(&bench);
}
END_TEST

START_TEST(a_file_that_is_gone_is_a_gap)
{
    struct past_bench bench;
    struct past_files names;
    char name[PROCESS_FILE_NAME_SIZE];

    past_bench_make(&bench, true, PLENTY);
    past_bench_fill(&bench, 1100);
    names = past_bench_files(&bench);
    process_file_name(&names.items[0], name);
    ck_assert_int_eq(data_folder_remove(&bench.data.data, name), 0);
    ck_assert_uint_eq(past_bench_count_some(&bench, 64), 18 - PROCESS_FILE_RECORDS / 64);
    ck_assert_uint_eq(process_past_count(bench.past).damaged, PROCESS_FILE_RECORDS);
    past_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_past_damage", what_a_full_disk_refuses_is_written_later,
                     what_waits_for_a_disk_has_a_bound, what_another_history_wrote_is_kept_aside,
                     damage_is_a_gap, behind_damage_a_new_block_begins,
                     a_file_that_is_gone_is_a_gap);
}

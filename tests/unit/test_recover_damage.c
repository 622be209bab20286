/* What a start makes of files that are torn, flipped, of other rings and of other versions. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/recover_bench.h"

/* Wherever the newest file is cut off, what is whole is there. */
START_TEST(a_torn_row_costs_itself_alone)
{
    struct data_bench bench;
    struct data_bench_file whole;
    struct run run;
    char name[ROW_FILE_NAME_SIZE];
    size_t former = 0;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 20);
    run_end(&run);
    row_file_name(1, name);
    data_bench_load(&bench, name, &whole);
    for (size_t size = 0; size <= whole.size; size += 40) {
        size_t count;

        data_bench_store(&bench, name, whole.data, size);
        run_start(&run, &bench);
        count = run_count_sealed(&run, 20);
        /* What is not known may have been published: its numbers are not given again. */
        ck_assert_uint_eq(history_last(run.model.history),
                          run.recovery.damaged_files > 0 ? 511 : count);
        ck_assert_uint_ge(count, former);
        former = count;
        run_end(&run);
    }
    ck_assert_uint_ge(former, 19);
    free(whole.data);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_flipped_byte_costs_its_record_alone)
{
    struct data_bench bench;
    struct data_bench_file whole;
    struct run run;
    char name[ROW_FILE_NAME_SIZE];

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 20);
    run_end(&run);
    row_file_name(1, name);
    data_bench_load(&bench, name, &whole);
    for (size_t at = 0; at < whole.size; at += 13) {
        size_t count;

        whole.data[at] ^= 0x40;
        data_bench_store(&bench, name, whole.data, whole.size);
        whole.data[at] ^= 0x40;
        run_start(&run, &bench);
        count = run_count_sealed(&run, 20);
        /* The header and the list of ids are before all rows. */
        ck_assert_msg(count >= 19 || at < 400, "%zu rows with a flip at %zu", count, at);
        ck_assert_uint_eq(run.recovery.damaged_files, 1);
        run_end(&run);
    }
    free(whole.data);
    data_bench_remove(&bench);
}
END_TEST

/* What the lost record named is not known, and nobody else gets its id. */
START_TEST(a_damaged_log_costs_its_series_alone)
{
    struct data_bench bench;
    struct data_bench_file log;
    struct run run;
    uint32_t former_id;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 20);
    former_id = model_find(&run.model, "b_total", "x=1")->id;
    run_end(&run);
    data_bench_load(&bench, SERIES_LOG_NAME, &log);
    log.data[log.size - 3] ^= 1;
    data_bench_store(&bench, SERIES_LOG_NAME, log.data, log.size);
    free(log.data);

    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 20);
    ck_assert_uint_eq(run.recovery.damaged_files, 1);
    ck_assert_uint_gt(model_find(&run.model, "b_total", "x=1")->id, former_id);
    run_until(&run, 25);
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 25);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(without_its_log_a_ring_is_made_anew)
{
    struct data_bench bench;
    struct run run;
    char epoch[HISTORY_EPOCH_CHARS + 1];

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 300);
    snprintf(epoch, sizeof epoch, "%s", history_epoch(run.model.history));
    run_end(&run);
    data_bench_store(&bench, SERIES_LOG_NAME, "nothing", 7);

    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 0);
    ck_assert_str_ne(history_epoch(run.model.history), epoch);
    run_until(&run, 10);
    recorder_remove(run.recorder);
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 10);
    ck_assert_uint_eq(run_count_sealed(&run, 10), 10);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

/* As a power cut may leave it, that spares the rows: what ids meant is not known. */
START_TEST(ids_that_no_log_has_are_nobodys)
{
    struct data_bench bench;
    struct data_bench_file log;
    struct run run;
    uint32_t former_id;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 20);
    former_id = model_find(&run.model, "b_total", "x=1")->id;
    run_end(&run);
    data_bench_load(&bench, SERIES_LOG_NAME, &log);
    data_bench_store(&bench, SERIES_LOG_NAME, log.data, sizeof(struct record_file_head));
    free(log.data);

    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 20);
    ck_assert_uint_gt(model_find(&run.model, "a", "")->id, former_id);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

static int count_aside(void *arg, const char *name)
{
    *(size_t *)arg += strstr(name, ".damaged-") != NULL;
    return 0;
}

START_TEST(what_another_version_wrote_is_not_removed)
{
    size_t found;
    struct data_bench bench;
    struct data_bench_file rows;
    struct run run;
    char name[ROW_FILE_NAME_SIZE];

    row_file_name(1, name);
    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 20);
    run_end(&run);
    data_bench_load(&bench, name, &rows);
    data_bench_set_version(&rows, 99);
    data_bench_store(&bench, name, rows.data, rows.size);
    free(rows.data);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 511);
    ck_assert_uint_eq(run.recovery.damaged_files, 1);
    run_until(&run, 513);
    run_end(&run);
    found = 0;
    ck_assert_int_eq(data_folder_list(&bench.data, count_aside, &found), 0);
    ck_assert_uint_eq(found, 1);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("recover_damage", a_torn_row_costs_itself_alone,
                     a_flipped_byte_costs_its_record_alone, a_damaged_log_costs_its_series_alone,
                     without_its_log_a_ring_is_made_anew, ids_that_no_log_has_are_nobodys,
                     what_another_version_wrote_is_not_removed);
}

/* What the recorder writes, and what a start makes of it. */
#include "daemon/recover.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/archive_name.h"
#include "tests/unit/recover_bench.h"

START_TEST(an_empty_directory_begins_anew)
{
    struct data_bench bench;
    struct run run;
    char epoch[HISTORY_EPOCH_CHARS + 1];

    data_bench_make(&bench);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 0);
    snprintf(epoch, sizeof epoch, "%s", history_epoch(run.model.history));
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_str_eq(history_epoch(run.model.history), epoch);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_restart_goes_on)
{
    struct data_bench bench;
    struct run run;
    struct tick tick;
    uint64_t word;
    uint32_t id;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 300);
    id = model_find(&run.model, "b_total", "x=1")->id;
    run_end(&run);

    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 300);
    ck_assert_uint_eq(history_first(run.model.history), 256);
    ck_assert_uint_eq(run.recovery.last.seq, 300);
    ck_assert_uint_eq(model_find(&run.model, "b_total", "x=1")->id, id);
    ck_assert_int_eq(history_read_tick(run.model.history, 256, &tick), 0);
    history_read_column(run.model.history, model_find(&run.model, "a", ""), 299, 1, &word);
    expect_number(word, run_value(299, 0));
    run_until(&run, history_last(run.model.history) + 1);
    ck_assert_uint_eq(history_last(run.model.history), 301);
    ck_assert_uint_eq(run_count_sealed(&run, 300), 300);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

/* What was published and not synced may be lost with the power: its numbers are not given again. */
START_TEST(after_a_boot_the_numbers_go_on_further)
{
    struct data_bench bench;
    struct run run;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 300);
    run_end(&run);
    run_boot();
    run_start(&run, &bench);
    ck_assert_uint_eq(run.recovery.last.seq, 0);
    ck_assert_uint_eq(history_last(run.model.history), 767);
    ck_assert_uint_eq(run_count_sealed(&run, 300), 300);
    run_until(&run, 770);
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 770);
    ck_assert_uint_eq(run_count_sealed(&run, 770), 303);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(many_restarts_lose_nothing)
{
    struct data_bench bench;
    struct run run;
    uint64_t seq = 0;

    data_bench_make(&bench);
    for (int i = 0; i < 40; i++) {
        run_start(&run, &bench);
        ck_assert_uint_eq(history_last(run.model.history), seq);
        ck_assert_uint_eq(run_count_sealed(&run, seq), seq);
        seq += (uint64_t)(i * 7) % 40;
        run_until(&run, seq);
        if (i % 3 == 0)
            ck_assert_int_eq(archive_write(run.archive), 0);
        if (i % 5 == 0)
            recorder_remove(run.recorder);
        run_end(&run);
    }
    data_bench_remove(&bench);
}
END_TEST

/* Its worker came too late; later blocks were sealed. */
START_TEST(a_block_in_the_middle_is_sealed_by_the_next_start)
{
    struct data_bench bench;
    struct data_bench_file rows;
    struct archive_list list;
    struct run run;
    char name[ROW_FILE_NAME_SIZE], sealed[ARCHIVE_NAME_BYTES];

    row_file_name(1, name);
    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 255);
    run_end(&run);
    data_bench_load(&bench, name, &rows);
    run_start(&run, &bench);
    run_until(&run, 600);
    ck_assert_int_eq(archive_write(run.archive), 0);
    recorder_remove(run.recorder);
    ck_assert(!data_bench_exists(&bench, name));
    ck_assert_int_eq(archive_list(run.archive, ARCHIVE_SECONDS, &list), 0);
    archive_name(list.entries[0], sealed);
    archive_list_finish(&list);
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_int_eq(archive_write(run.archive), 0);
    run_end(&run);

    data_bench_store(&bench, name, rows.data, rows.size);
    ck_assert_int_eq(data_folder_remove(&bench.data, sealed), 0);
    free(rows.data);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 600);
    ck_assert_uint_eq(run_count_sealed(&run, 600), 600);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

/* A full disk for a while: the rows are written when there is room again. */
START_TEST(what_could_not_be_written_is_written_later)
{
    struct data_bench bench;
    struct run run;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 5);
    data_bench_limit(2);
    run_until(&run, 12);
    data_bench_limit(RLIM_INFINITY);
    ck_assert_uint_ge(recorder_failures(run.recorder), 7);
    run_until(&run, 13);
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 13);
    ck_assert_uint_eq(run_count_sealed(&run, 13), 13);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

START_TEST(a_series_that_ends_and_one_that_comes_are_known)
{
    struct data_bench bench;
    struct run run;
    uint32_t id;

    data_bench_make(&bench);
    run_start(&run, &bench);
    run_until(&run, 5);
    series_table_release(run.model.table, run.slots[0], 5);
    ck_assert_uint_eq(series_table_collect(run.model.table, 6), 1);
    run.slots[0] = model_declare(&run.model, "c", "", 0, MODEL_INTERVAL_MS);
    run_until(&run, 8);
    id = model_find(&run.model, "c", "")->id;
    run_end(&run);

    run_start(&run, &bench);
    ck_assert_uint_eq(model_find(&run.model, "c", "")->id, id);
    /* It ended, and is declared by run_start anew. */
    run_until(&run, history_last(run.model.history) + 1);
    ck_assert_uint_gt(model_find(&run.model, "a", "")->id, id);
    ck_assert_uint_lt(model_find(&run.model, "a", "")->stored_id, id);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("recover", an_empty_directory_begins_anew, a_restart_goes_on,
                     after_a_boot_the_numbers_go_on_further, many_restarts_lose_nothing,
                     a_block_in_the_middle_is_sealed_by_the_next_start,
                     what_could_not_be_written_is_written_later,
                     a_series_that_ends_and_one_that_comes_are_known);
}

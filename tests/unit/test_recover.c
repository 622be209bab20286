/* What the recorder writes, and what a start makes of it: as it was, cut off, damaged. */
#include "daemon/recover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/block.h"
#include "tests/unit/data_bench.h"
#include "tests/unit/model.h"

#define MAX_SERIES 16

static const uint64_t budgets[ARCHIVE_PARTS] = {100000000, 100000000};

/* A daemon without loops: made, and ended as by kill -9. */
struct run {
    struct model model;
    struct archive *archive;
    struct recovery recovery;
    struct recorder *recorder;
    uint32_t slots[2];
};

static void run_start(struct run *run, const struct data_bench *bench)
{
    struct recovery_options options;
    struct recorder_options recorder;

    model_make(&run->model, MAX_SERIES);
    ck_assert_int_eq(archive_new(&bench->data, budgets, &run->archive), 0);
    options = (struct recovery_options){.folder = &bench->data,
                                        .archive = run->archive,
                                        .history = run->model.history,
                                        .table = run->model.table};
    ck_assert_int_eq(recover(&options, &run->recovery), 0);
    run->model.tick = run->recovery.last;
    run->model.tick.seq = history_last(run->model.history);
    recorder = (struct recorder_options){.folder = &bench->data,
                                         .archive = run->archive,
                                         .history = run->model.history,
                                         .table = run->model.table,
                                         .max_series = MAX_SERIES,
                                         .log = run->recovery.log,
                                         .log_records = run->recovery.log_records,
                                         .boot_id = {1, 2, 3}};
    ck_assert_int_eq(recorder_new(&recorder, &run->recorder), 0);
    for (size_t i = 0; i < run->recovery.file_count; i++)
        recorder_adopt(run->recorder, run->recovery.files[i].name, run->recovery.files[i].last_seq,
                       1);
    run->slots[0] = model_declare(&run->model, "a", "", 0, MODEL_INTERVAL_MS);
    run->slots[1] = model_declare(&run->model, "b_total", "x=1", 0, MODEL_INTERVAL_MS);
    ck_assert_int_ge(series_table_publish(run->model.table), 0);
}

static void run_end(struct run *run)
{
    recorder_free(run->recorder);
    archive_free(run->archive);
    model_remove(&run->model);
}

static double value_at(uint64_t seq, size_t which)
{
    return which == 0 ? (double)seq / 8 : (double)(seq * seq);
}

static void run_tick(struct run *run)
{
    model_begin(&run->model, MODEL_INTERVAL_MS, 0);
    for (size_t i = 0; i < 2; i++)
        model_set(&run->model, run->slots[i], value_at(run->model.tick.seq, i));
    model_end(&run->model);
    recorder_store(run->recorder, run->model.tick.seq);
}

static void run_until(struct run *run, uint64_t seq)
{
    while (history_last(run->model.history) < seq)
        run_tick(run);
}

/* Checks a segment's ticks and adds them to seen[]. */
static void check_segment(const struct segment *segment, const uint32_t ids[2], bool *seen)
{
    uint64_t words[2][SEGMENT_POINTS_MAX];

    for (size_t i = 0; i < 2; i++) {
        int index = segment_find(segment, ids[i]);

        ck_assert_int_ge(index, 0);
        ck_assert_int_eq(segment_read(segment, (size_t)index, words[i]), 0);
    }
    for (size_t point = 0; point < segment->point_count; point++) {
        uint64_t seq = (uint64_t)segment->heads[0][point];

        ck_assert(!seen[seq]);
        seen[seq] = true;
        for (size_t i = 0; i < 2; i++)
            ck_assert_uint_eq(words[i][point], sample_word(value_at(seq, i)));
    }
}

/* How many of the ticks up to last_seq segments have; each is right, and there once. */
static size_t count_sealed(struct run *run, uint64_t last_seq)
{
    const struct series *a = model_find(&run->model, "a", "");
    const struct series *b = model_find(&run->model, "b_total", "x=1");
    const uint32_t ids[2] = {a->stored_id, b->stored_id};
    bool *seen = calloc(last_seq + 1, sizeof *seen);
    struct archive_list list;
    size_t count = 0;

    ck_assert_ptr_nonnull(seen);
    ck_assert_int_eq(archive_list(run->archive, ARCHIVE_SECONDS, &list), 0);
    for (size_t i = 0; i < list.count; i++) {
        struct archived archived;

        ck_assert_int_eq(archive_open(run->archive, list.entries[i], &archived), 0);
        check_segment(&archived.segment, ids, seen);
        archived_finish(&archived);
    }
    for (uint64_t seq = 1; seq <= last_seq; seq++)
        count += seen[seq];
    archive_list_finish(&list);
    free(seen);
    return count;
}

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
    ck_assert_uint_eq(run.recovery.boot_id[2], 3);
    ck_assert_uint_eq(model_find(&run.model, "b_total", "x=1")->id, id);
    ck_assert_int_eq(history_read_tick(run.model.history, 256, &tick), 0);
    history_read_column(run.model.history, model_find(&run.model, "a", ""), 299, 1, &word);
    expect_number(word, value_at(299, 0));
    run_tick(&run);
    ck_assert_uint_eq(history_last(run.model.history), 301);
    ck_assert_uint_eq(count_sealed(&run, 300), 300);
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
        ck_assert_uint_eq(count_sealed(&run, seq), seq);
        seq += (uint64_t)(i * 7) % 40;
        run_until(&run, seq);
        if (i % 3 == 0)
            ck_assert_int_eq(archive_write(run.archive), 0);
        if (i % 5 == 0)
            recorder_remove(run.recorder, archive_written_seq(run.archive));
        run_end(&run);
    }
    data_bench_remove(&bench);
}
END_TEST

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
        count = history_last(run.model.history);
        ck_assert_uint_eq(count_sealed(&run, 20), count);
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
        count = count_sealed(&run, 20);
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
    recorder_remove(run.recorder, archive_written_seq(run.archive));
    run_end(&run);
    run_start(&run, &bench);
    ck_assert_uint_eq(history_last(run.model.history), 10);
    ck_assert_uint_eq(count_sealed(&run, 10), 10);
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
    ck_assert_uint_eq(count_sealed(&run, 13), 13);
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
    run_tick(&run);
    ck_assert_uint_gt(model_find(&run.model, "a", "")->id, id);
    ck_assert_uint_lt(model_find(&run.model, "a", "")->stored_id, id);
    run_end(&run);
    data_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("recover", an_empty_directory_begins_anew, a_restart_goes_on,
                     many_restarts_lose_nothing, a_torn_row_costs_itself_alone,
                     a_flipped_byte_costs_its_record_alone, a_damaged_log_costs_its_series_alone,
                     without_its_log_a_ring_is_made_anew,
                     what_could_not_be_written_is_written_later,
                     a_series_that_ends_and_one_that_comes_are_known);
}

#include "tests/unit/recover_bench.h"

#include <stdlib.h>

#define MAX_SERIES 16

static uint8_t boot = 1;

static const uint64_t budgets[ARCHIVE_PARTS] = {100000000, 100000000};

void run_start(struct run *run, const struct data_bench *bench)
{
    struct recovery_options options;
    struct recorder_options recorder;

    model_make(&run->model, MAX_SERIES);
    ck_assert_int_eq(archive_new(&bench->data, budgets, &run->archive), 0);
    options = (struct recovery_options){.folder = &bench->data,
                                        .archive = run->archive,
                                        .history = run->model.history,
                                        .table = run->model.table,
                                        .boot_id = {boot}};
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
                                         .boot_id = {boot}};
    ck_assert_int_eq(recorder_new(&recorder, &run->recorder), 0);
    for (size_t i = 0; i < run->recovery.file_count; i++)
        recorder_adopt(run->recorder, &run->recovery.files[i]);
    run->slots[0] = model_declare(&run->model, "a", "", 0, MODEL_INTERVAL_MS);
    run->slots[1] = model_declare(&run->model, "b_total", "x=1", 0, MODEL_INTERVAL_MS);
    ck_assert_int_ge(series_table_publish(run->model.table), 0);
}

void run_end(struct run *run)
{
    recorder_free(run->recorder);
    archive_free(run->archive);
    model_remove(&run->model);
}

double run_value(uint64_t seq, size_t which)
{
    return which == 0 ? (double)seq / 8 : (double)(seq * seq);
}

static void run_tick(struct run *run)
{
    model_begin(&run->model, MODEL_INTERVAL_MS, 0);
    for (size_t i = 0; i < 2; i++)
        model_set(&run->model, run->slots[i], run_value(run->model.tick.seq, i));
    model_end(&run->model);
    recorder_store(run->recorder, run->model.tick.seq);
}

void run_until(struct run *run, uint64_t seq)
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
            ck_assert_uint_eq(words[i][point], sample_word(run_value(seq, i)));
    }
}

/* How many of the ticks up to last_seq segments have; each is right, and there once. */
size_t run_count_sealed(struct run *run, uint64_t last_seq)
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

void run_boot(void)
{
    boot++;
}

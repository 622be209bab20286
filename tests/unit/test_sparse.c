/* What is said of the present of a series of histograms: nothing, and never the bits of its word.
 */
#include <stdio.h>

#include "daemon/encode_text.h"
#include "daemon/range.h"
#include "daemon/snapshot.h"
#include "tests/unit/track_bench.h"

#define TICKS 8

/* "took" has three sizes at each tick; "a" is a gauge. */
static void make(struct track_bench *bench)
{
    static const struct histogram_pair pairs[] = {{0, 5}, {7, 1}, {INT16_MAX, UINT32_MAX}};
    uint32_t slot;

    track_bench_make(bench);
    slot = model_declare_histogram(&bench->model, "took", "");
    for (int i = 0; i < TICKS; i++) {
        model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
        model_put(&bench->model, "a", "", i);
        history_extend(bench->model.history, slot + 1);
        sink_set_histogram(&bench->model.sink, slot, pairs, 3);
        model_end(&bench->model);
        ck_assert(follower_advance(&bench->follower));
    }
}

START_TEST(it_has_no_average)
{
    struct track_bench bench;
    struct range range;
    uint64_t words[AGGREGATE_COUNT];

    make(&bench);
    ck_assert_int_eq(range_read_last(bench.model.history, 5000, TICKS, &range), 0);
    ck_assert_uint_gt(range.count, 4);
    range_aggregate(&range, model_find(&bench.model, "a", ""), false, MODEL_INTERVAL_MS, words);
    expect_number(words[AGGREGATE_MAX], TICKS - 1.0);
    range_aggregate(&range, model_find(&bench.model, "took", ""), false, MODEL_INTERVAL_MS, words);
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        expect_absent(words[i]);
    range_finish(&range);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(it_is_null_in_the_stream)
{
    static const struct shown_rule rules[] = {
        {.every = 1}, {.every = 1, .raw = true}, {.every = 4}, {.every = 4, .raw = true}};

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct track_bench bench;
        char wanted[64];

        make(&bench);
        track_bench_select_rule(&bench, "*", &rules[i]);
        snprintf(wanted, sizeof wanted, "\"v\":[[1,null],[2,%s]]",
                 rules[i].every == 1 ? "7" : "5.5");
        ck_assert(frame_holds(track_complete(&bench.track), wanted));
        track_bench_remove(&bench);
    }
}
END_TEST

static void expect_text(struct buffer *out, const char *wanted)
{
    buffer_append_char(out, '\0');
    ck_assert_str_eq(out->data, wanted);
    buffer_finish(out);
}

START_TEST(it_is_null_or_empty_for_scripts)
{
    struct track_bench bench;
    struct snapshot snapshot;
    struct buffer out = {0};
    struct text_column column;
    struct text_table table;
    const struct series *series;

    make(&bench);
    series = model_find(&bench.model, "took", "");
    ck_assert_int_eq(snapshot_take(EPOCH, &bench.follower.present, &series, 1, &snapshot), 0);
    snapshot_encode(&out, &snapshot, JSON_DIGITS_ALL);
    expect_text(&out, "{\"epoch\":\"" EPOCH "\",\"seq\":8,\"time_ms\":1700000008000,\"series\":["
                      "{\"id\":1,\"name\":\"took\",\"labels\":{},\"kind\":\"histogram\","
                      "\"value\":null}]}\n");
    column = (struct text_column){
        .series = series, .words = &snapshot.readings[0].value, .digits = JSON_DIGITS_ALL};
    table = (struct text_table){
        .time_ms = &snapshot.time_ms, .row_count = 1, .columns = &column, .column_count = 1};
    encode_csv(&out, &table);
    expect_text(&out, "time,took\n2023-11-14T22:13:28.000Z,\n");
    encode_values(&out, &table);
    expect_text(&out, "null\n");
    snapshot_finish(&snapshot);
    track_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sparse", it_has_no_average, it_is_null_in_the_stream,
                     it_is_null_or_empty_for_scripts);
}

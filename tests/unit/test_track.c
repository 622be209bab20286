#include "daemon/track.h"

#include <errno.h>

#include "daemon/cursor.h"
#include "tests/unit/track_bench.h"

START_TEST(frames_hold_what_changed)
{
    struct track_bench bench;

    track_bench_make(&bench);
    track_bench_tick(&bench, 1);
    track_bench_select(&bench, "?");
    ck_assert_ptr_null(track_frame(&bench.track, 0));
    track_bench_tick(&bench, 2);
    track_bench_encode(&bench);
    track_bench_tick(&bench, 2);
    track_bench_encode(&bench);
    expect_frame(track_frame(&bench.track, 0), 2,
                 "event: tick\nid: " EPOCH "-2\ndata: {\"seq\":2,\"time_ms\":1700000002000,"
                 "\"flags\":[],\"v\":[[1,2]]}\n\n");
    /* Sent even if nothing changed. */
    expect_frame(track_frame(&bench.track, 1), 3,
                 "event: tick\nid: " EPOCH "-3\ndata: {\"seq\":3,\"time_ms\":1700000003000,"
                 "\"flags\":[],\"v\":[]}\n\n");
    ck_assert_ptr_null(track_frame(&bench.track, 2));
    expect_frame(track_complete(&bench.track), 3,
                 "event: tick\nid: " EPOCH "-3\ndata: {\"seq\":3,\"time_ms\":1700000003000,"
                 "\"flags\":[],\"v\":[[1,2],[2,7]]}\n\n");
    track_bench_remove(&bench);
}
END_TEST

START_TEST(a_value_becomes_null_once)
{
    struct track_bench bench;

    track_bench_make(&bench);
    track_bench_tick(&bench, 1);
    track_bench_select(&bench, "a");
    for (int i = 0; i < 3; i++) {
        model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
        model_end(&bench.model);
        ck_assert(follower_advance(&bench.follower));
        track_bench_encode(&bench);
    }
    /* Kept for one tick, then told, then nothing more to tell. */
    for (uint64_t i = 0; i < 3; i++) {
        bool told = frame_holds(track_frame(&bench.track, i), "\"v\":[[1,null]]");

        ck_assert(told == (i == 1));
    }
    track_bench_remove(&bench);
}
END_TEST

START_TEST(hello_and_complete_are_made_once_a_tick)
{
    struct track_bench bench;
    const struct frame *hello, *complete;

    track_bench_make(&bench);
    track_bench_tick(&bench, 1);
    track_bench_select(&bench, "b");
    hello = track_hello(&bench.track);
    complete = track_complete(&bench.track);
    ck_assert_ptr_eq(track_hello(&bench.track), hello);
    ck_assert_ptr_eq(track_complete(&bench.track), complete);
    expect_frame(hello, 0,
                 "retry: 2000\nevent: hello\ndata: {\"version\":\"" TACHO_VERSION
                 "\",\"epoch\":\"" EPOCH "\",\"seq\":1,\"interval_ms\":1000,\"series\":[{\"id\":2,"
                 "\"name\":\"b\",\"labels\":{},\"kind\":\"gauge\",\"unit\":\"unit\","
                 "\"scope\":\"host\",\"interval_ms\":1000}]}\n\n");
    track_bench_tick(&bench, 2);
    track_bench_encode(&bench);
    ck_assert_uint_eq(track_complete(&bench.track)->seq, 2);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(frames_are_lost_after_so_many)
{
    struct track_bench bench;

    track_bench_make(&bench);
    track_bench_select(&bench, "*");
    for (uint64_t number = 0; number < 3 * TRACK_FRAMES; number++) {
        struct frame *frame = frame_gap(&context, number + 1, number + 1, "slow");

        ck_assert_int_eq(track_append(&bench.track, frame), 0);
        ck_assert_ptr_eq(track_frame(&bench.track, number), frame);
        ck_assert(!track_lost(&bench.track, number + 1));
        if (number >= TRACK_FRAMES) {
            ck_assert(track_lost(&bench.track, number - TRACK_FRAMES));
            ck_assert(!track_lost(&bench.track, number - TRACK_FRAMES + 1));
        }
    }
    ck_assert_int_eq(track_append(&bench.track, NULL), -ENOMEM);
    track_bench_remove(&bench);
}
END_TEST

static struct frame *make_list(const char *text)
{
    return frame_new(0, text, strlen(text));
}

/* What a cursor is to be sent, all of it. */
static void expect_read(struct cursor *cursor, const char *wanted)
{
    char text[4096];
    size_t size = cursor_read(cursor, text, sizeof text);

    ck_assert_msg(size == strlen(wanted) && memcmp(text, wanted, size) == 0, "%.*s", (int)size,
                  text);
}

START_TEST(a_list_stands_for_those_before)
{
    struct track_bench bench;
    struct cursor early, late;
    struct frame *held;

    track_bench_make(&bench);
    track_bench_select(&bench, "?");
    bench.track.context.format = FRAME_NDJSON; /* no hello, and there was no tick */
    ck_assert_int_eq(cursor_join(&early, &bench.track, NULL, 0, "behind"), 0);
    expect_read(&early, "");
    track_append_list(&bench.track, make_list("1"));
    ck_assert_int_eq(track_append(&bench.track, make_list("a")), 0);
    held = frame_hold(track_frame(&bench.track, 0));
    track_append_list(&bench.track, make_list("2"));
    track_append_list(&bench.track, NULL);
    ck_assert_uint_eq(held->references, 1);
    frame_put(held);
    expect_read(&early, "a2");
    /* Whoever joins gets the newest one. */
    ck_assert_int_eq(cursor_join(&late, &bench.track, NULL, 0, "behind"), 0);
    expect_read(&late, "2");
    track_append_list(&bench.track, make_list("3"));
    expect_read(&early, "3");
    expect_read(&late, "3");
    /* So does whoever skips. */
    for (int i = 0; i <= TRACK_FRAMES; i++)
        ck_assert_int_eq(track_append(&bench.track, make_list("b")), 0);
    expect_read(&late, "3");
    track_append_list(&bench.track, make_list("4"));
    expect_read(&late, "4");
    cursor_finish(&early);
    cursor_finish(&late);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(a_list_can_be_known_before_it_is_sent)
{
    struct track_bench bench;
    struct cursor cursor;

    track_bench_make(&bench);
    track_bench_select(&bench, "?");
    bench.track.context.format = FRAME_NDJSON;
    track_begin_list(&bench.track, NULL);
    track_begin_list(&bench.track, make_list("1"));
    ck_assert_int_eq(cursor_join(&cursor, &bench.track, NULL, 0, "behind"), 0);
    ck_assert_int_eq(track_append(&bench.track, make_list("a")), 0);
    track_append_list(&bench.track, make_list("2"));
    expect_read(&cursor, "1a2");
    cursor_finish(&cursor);
    track_bench_remove(&bench);
}
END_TEST

/* Some of the series 1 to 4 are retired, and one comes that is not selected. */
static void expect_series_frame(const char *retired, const char *wanted)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct track_bench bench;

    track_bench_make(&bench);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    for (size_t i = 0; i < 4; i++)
        model_put(&bench.model, names[i], "", 1);
    model_end(&bench.model);
    follower_advance(&bench.follower);
    track_bench_select(&bench, "?");
    for (; *retired != '\0'; retired++)
        series_table_release(bench.model.table, (uint32_t)(*retired - '1'), 1);
    series_table_collect(bench.model.table, 2);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    model_put(&bench.model, "other", "", 1);
    model_end(&bench.model);
    follower_advance(&bench.follower);
    track_bench_encode(&bench);
    ck_assert(frame_holds(track_frame(&bench.track, 0), wanted));
    track_bench_remove(&bench);
}

START_TEST(series_that_go_are_named)
{
    expect_series_frame("1", "\"gone\":[1]}");
    expect_series_frame("23", "\"gone\":[2,3]}");
    expect_series_frame("4", "\"gone\":[4]}");
    expect_series_frame("24", "\"gone\":[2,4]}");
    expect_series_frame("1234", "\"gone\":[1,2,3,4]}");
}
END_TEST

/* Others have used up the tick's time: new series come at the next tick, though no other is new. */
START_TEST(what_there_was_no_time_for_comes_at_the_next_tick)
{
    struct pattern_meter meter = {.left_ns = -1, .refused = true, .out_of_time = true};
    struct track_bench bench;

    track_bench_make(&bench);
    track_bench_select(&bench, "?");
    ck_assert(!track_is_behind(&bench.track));
    for (uint64_t i = 1; i <= 2; i++) {
        track_bench_tick(&bench, (double)i);
        ck_assert_int_eq(track_encode(&bench.track, bench.select, &bench.follower, &meter), 0);
        ck_assert(track_is_behind(&bench.track));
        ck_assert_uint_eq(bench.track.selection.count, 0);
        ck_assert_uint_eq(track_frame(&bench.track, i - 1)->seq, i);
    }
    track_bench_tick(&bench, 3);
    track_bench_encode(&bench);
    ck_assert(!track_is_behind(&bench.track));
    ck_assert(frame_holds(track_frame(&bench.track, 2), "event: series\n"));
    ck_assert(frame_holds(track_frame(&bench.track, 3), "\"v\":[[1,3],[2,7]]"));
    track_bench_remove(&bench);
}
END_TEST

START_TEST(ticks_left_out_are_a_gap)
{
    struct track_bench bench;

    track_bench_make(&bench);
    track_bench_tick(&bench, 1);
    track_bench_select(&bench, "?");
    for (int i = 2; i <= 4; i++)
        track_bench_tick(&bench, i);
    track_bench_encode(&bench);
    expect_frame(track_frame(&bench.track, 0), 3,
                 "event: gap\ndata: {\"from\":2,\"to\":3,\"why\":\"slow\"}\n\n");
    /* Then all is told anew, also what has not changed. */
    ck_assert(frame_holds(track_frame(&bench.track, 1), "event: hello\n"));
    ck_assert(frame_holds(track_frame(&bench.track, 1), "\"seq\":4,"));
    ck_assert_uint_eq(track_frame(&bench.track, 2)->seq, 4);
    ck_assert(frame_holds(track_frame(&bench.track, 2), "\"v\":[[1,4],[2,7]]"));
    ck_assert_ptr_null(track_frame(&bench.track, 3));
    track_bench_remove(&bench);
}
END_TEST

START_TEST(who_subscribes_before_the_first_tick)
{
    struct track_bench bench;

    track_bench_make(&bench);
    track_bench_select(&bench, "a");
    ck_assert(
        frame_holds(track_hello(&bench.track), "\"seq\":0,\"interval_ms\":1000,\"series\":[]"));
    track_bench_tick(&bench, 1);
    track_bench_encode(&bench);
    ck_assert(frame_holds(track_frame(&bench.track, 0), "event: series\n"));
    ck_assert(frame_holds(track_frame(&bench.track, 1), "\"v\":[[1,1]]"));
    track_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("track", frames_hold_what_changed, a_value_becomes_null_once,
                     hello_and_complete_are_made_once_a_tick,
                     what_there_was_no_time_for_comes_at_the_next_tick,
                     frames_are_lost_after_so_many, a_list_stands_for_those_before,
                     a_list_can_be_known_before_it_is_sent, series_that_go_are_named,
                     ticks_left_out_are_a_gap, who_subscribes_before_the_first_tick);
}

#include "daemon/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/subscription_bench.h"

static void expect_frame(const struct frame *frame, uint64_t tick_seq, const char *wanted)
{
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(frame->tick_seq, tick_seq);
    ck_assert_msg(frame->size == strlen(wanted) && memcmp(frame->data, wanted, frame->size) == 0,
                  "%.*s", (int)frame->size, frame->data);
}

static bool holds(const struct frame *frame, const char *part)
{
    return frame && memmem(frame->data, frame->size, part, strlen(part)) != NULL;
}

START_TEST(frames_hold_what_changed)
{
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    subscription_bench_tick(&bench, 1);
    subscription_bench_subscribe(&bench, "?");
    ck_assert_ptr_null(subscription_frame(bench.subscription, 0));
    subscription_bench_tick(&bench, 2);
    subscription_bench_encode(&bench);
    subscription_bench_tick(&bench, 2);
    subscription_bench_encode(&bench);
    expect_frame(subscription_frame(bench.subscription, 0), 2,
                 "event: tick\nid: " EPOCH "-2\ndata: {\"seq\":2,\"time_ms\":1700000002000,"
                 "\"flags\":[],\"v\":[[1,2]]}\n\n");
    /* Sent even if nothing changed. */
    expect_frame(subscription_frame(bench.subscription, 1), 3,
                 "event: tick\nid: " EPOCH "-3\ndata: {\"seq\":3,\"time_ms\":1700000003000,"
                 "\"flags\":[],\"v\":[]}\n\n");
    ck_assert_ptr_null(subscription_frame(bench.subscription, 2));
    expect_frame(subscription_complete(bench.subscription, &context), 3,
                 "event: tick\nid: " EPOCH "-3\ndata: {\"seq\":3,\"time_ms\":1700000003000,"
                 "\"flags\":[],\"v\":[[1,2],[2,7]]}\n\n");
    subscription_bench_remove(&bench);
}
END_TEST

START_TEST(a_value_becomes_null_once)
{
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    subscription_bench_tick(&bench, 1);
    subscription_bench_subscribe(&bench, "a");
    for (int i = 0; i < 3; i++) {
        model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
        model_end(&bench.model);
        ck_assert(follower_advance(&bench.follower));
        subscription_bench_encode(&bench);
    }
    /* Kept for one tick, then told, then nothing more to tell. */
    for (uint64_t i = 0; i < 3; i++) {
        bool told = holds(subscription_frame(bench.subscription, i), "\"v\":[[1,null]]");

        ck_assert(told == (i == 1));
    }
    subscription_bench_remove(&bench);
}
END_TEST

START_TEST(hello_and_complete_are_made_once_a_tick)
{
    struct subscription_bench bench;
    const struct frame *hello, *complete;

    subscription_bench_make(&bench);
    subscription_bench_tick(&bench, 1);
    subscription_bench_subscribe(&bench, "b");
    hello = subscription_hello(bench.subscription, &context);
    complete = subscription_complete(bench.subscription, &context);
    ck_assert_ptr_eq(subscription_hello(bench.subscription, &context), hello);
    ck_assert_ptr_eq(subscription_complete(bench.subscription, &context), complete);
    expect_frame(hello, 0,
                 "retry: 2000\nevent: hello\ndata: {\"version\":\"" TACHO_VERSION
                 "\",\"epoch\":\"" EPOCH "\",\"seq\":1,\"interval_ms\":1000,\"series\":[{\"id\":2,"
                 "\"name\":\"b\",\"labels\":{},\"kind\":\"gauge\",\"unit\":\"unit\","
                 "\"interval_ms\":1000}]}\n\n");
    subscription_bench_tick(&bench, 2);
    subscription_bench_encode(&bench);
    ck_assert_uint_eq(subscription_complete(bench.subscription, &context)->tick_seq, 2);
    subscription_bench_remove(&bench);
}
END_TEST

START_TEST(frames_are_lost_after_so_many)
{
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    subscription_bench_subscribe(&bench, "*");
    for (uint64_t number = 0; number < 3 * STREAM_FRAMES; number++) {
        struct frame *frame = frame_gap(number + 1, number + 1, "slow");

        ck_assert(subscription_append(bench.subscription, frame));
        ck_assert_ptr_eq(subscription_frame(bench.subscription, number), frame);
        ck_assert(!subscription_lost(bench.subscription, number + 1));
        if (number >= STREAM_FRAMES) {
            ck_assert(subscription_lost(bench.subscription, number - STREAM_FRAMES));
            ck_assert(!subscription_lost(bench.subscription, number - STREAM_FRAMES + 1));
        }
    }
    ck_assert(!subscription_append(bench.subscription, NULL));
    subscription_bench_remove(&bench);
}
END_TEST

/* Some of the series 1 to 4 are retired, and one comes that is not selected. */
static void expect_series_frame(const char *retired, const char *wanted)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    for (size_t i = 0; i < 4; i++)
        model_put(&bench.model, names[i], "", 1);
    model_end(&bench.model);
    follower_advance(&bench.follower);
    subscription_bench_subscribe(&bench, "?");
    for (; *retired != '\0'; retired++)
        series_table_release(bench.model.table, (uint32_t)(*retired - '1'), 1);
    series_table_collect(bench.model.table, 2);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    model_put(&bench.model, "other", "", 1);
    model_end(&bench.model);
    follower_advance(&bench.follower);
    subscription_bench_encode(&bench);
    ck_assert(holds(subscription_frame(bench.subscription, 0), wanted));
    subscription_bench_remove(&bench);
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
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    subscription_bench_subscribe(&bench, "?");
    ck_assert(!subscription_is_behind(bench.subscription));
    for (uint64_t i = 1; i <= 2; i++) {
        subscription_bench_tick(&bench, (double)i);
        ck_assert(subscription_encode(bench.subscription, &context, &bench.follower, &meter));
        ck_assert(subscription_is_behind(bench.subscription));
        ck_assert_uint_eq(bench.subscription->selection.count, 0);
        ck_assert_uint_eq(subscription_frame(bench.subscription, i - 1)->tick_seq, i);
    }
    subscription_bench_tick(&bench, 3);
    subscription_bench_encode(&bench);
    ck_assert(!subscription_is_behind(bench.subscription));
    ck_assert(holds(subscription_frame(bench.subscription, 2), "event: series\n"));
    ck_assert(holds(subscription_frame(bench.subscription, 3), "\"v\":[[1,3],[2,7]]"));
    subscription_bench_remove(&bench);
}
END_TEST

START_TEST(ticks_left_out_are_a_gap)
{
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    subscription_bench_tick(&bench, 1);
    subscription_bench_subscribe(&bench, "?");
    for (int i = 2; i <= 4; i++)
        subscription_bench_tick(&bench, i);
    subscription_bench_encode(&bench);
    expect_frame(subscription_frame(bench.subscription, 0), 0,
                 "event: gap\ndata: {\"from\":2,\"to\":3,\"why\":\"slow\"}\n\n");
    /* Then all is told anew, also what has not changed. */
    ck_assert(holds(subscription_frame(bench.subscription, 1), "event: hello\n"));
    ck_assert(holds(subscription_frame(bench.subscription, 1), "\"seq\":4,"));
    ck_assert_uint_eq(subscription_frame(bench.subscription, 2)->tick_seq, 4);
    ck_assert(holds(subscription_frame(bench.subscription, 2), "\"v\":[[1,4],[2,7]]"));
    ck_assert_ptr_null(subscription_frame(bench.subscription, 3));
    subscription_bench_remove(&bench);
}
END_TEST

START_TEST(who_subscribes_before_the_first_tick)
{
    struct subscription_bench bench;

    subscription_bench_make(&bench);
    subscription_bench_subscribe(&bench, "a");
    ck_assert(holds(subscription_hello(bench.subscription, &context),
                    "\"seq\":0,\"interval_ms\":1000,\"series\":[]"));
    subscription_bench_tick(&bench, 1);
    subscription_bench_encode(&bench);
    ck_assert(holds(subscription_frame(bench.subscription, 0), "event: series\n"));
    ck_assert(holds(subscription_frame(bench.subscription, 1), "\"v\":[[1,1]]"));
    subscription_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("subscription", frames_hold_what_changed, a_value_becomes_null_once,
                     hello_and_complete_are_made_once_a_tick,
                     what_there_was_no_time_for_comes_at_the_next_tick,
                     frames_are_lost_after_so_many, series_that_go_are_named,
                     ticks_left_out_are_a_gap, who_subscribes_before_the_first_tick);
}

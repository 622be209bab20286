#include "daemon/replay.h"

#include <stdlib.h>

#include "tests/unit/track_bench.h"

/* Ticks 1 to `count`, each encoded; "a" has its number, a counter grows by it. */
static void make_ticks(struct track_bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        uint64_t seq = bench->model.tick.seq + 1;

        model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
        model_put(&bench->model, "a", "", (double)(seq / 2));
        model_put(&bench->model, "c_total", "", (double)(seq * seq));
        model_end(&bench->model);
        ck_assert(follower_advance(&bench->follower));
        if (bench->select)
            track_bench_encode(bench);
    }
}

static struct replay *make_replay(struct track_bench *bench, uint64_t since)
{
    struct replay *replay;

    ck_assert_int_eq(replay_new(&bench->track, &bench->follower, since, &replay), 0);
    return replay;
}

static void expect_same(const struct frame *one, const struct frame *other)
{
    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_nonnull(other);
    ck_assert_uint_eq(one->size, other->size);
    ck_assert_mem_eq(one->data, other->data, one->size);
}

/* Of the track's last frames, each of which is a tick, the one of this tick. */
static const struct frame *frame_of(const struct track *track, uint64_t seq)
{
    return track_frame(track, track->end - 1 - (track->tick.seq - seq));
}

static void append_list(struct track_bench *bench, const char *text)
{
    track_append_list(&bench->track, frame_new(0, text, strlen(text)));
}

START_TEST(the_newest_list_of_processes_is_told_too)
{
    struct track_bench bench;
    struct replay *replay;

    track_bench_make(&bench);
    make_ticks(&bench, 1);
    track_bench_select(&bench, "*");
    append_list(&bench, "1");
    make_ticks(&bench, 5);
    replay = make_replay(&bench, 4);
    ck_assert(frame_holds(track_frame(&replay->track, 0), "event: hello\n"));
    expect_same(track_frame(&replay->track, 1), bench.track.list);
    replay_advance(replay);
    append_list(&bench, "2");
    while (replay_can_advance(replay))
        replay_advance(replay);
    /* One that came meanwhile is the last word before its readers go on. */
    ck_assert_ptr_null(track_frame(&replay->track, 1));
    expect_same(track_frame(&replay->track, replay->track.end - 1), bench.track.list);
    ck_assert(frame_holds(bench.track.list, "2"));
    replay_free(replay);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(what_was_missed_is_sent_as_it_was)
{
    struct track_bench bench;
    struct replay *replay;

    track_bench_make(&bench);
    make_ticks(&bench, 1);
    track_bench_select(&bench, "*");
    make_ticks(&bench, 11);
    replay = make_replay(&bench, 7);
    while (replay_can_advance(replay))
        replay_advance(replay);
    expect_same(track_frame(&replay->track, 0), track_hello(&bench.track));
    /* The first is complete, the others are those that were sent. */
    ck_assert(frame_holds(track_frame(&replay->track, 1), "-8\n"));
    ck_assert(frame_holds(track_frame(&replay->track, 1), "\"v\":[[1,4],[2,15]]"));
    for (uint64_t seq = 9; seq <= 12; seq++)
        expect_same(track_frame(&replay->track, seq - 7), frame_of(&bench.track, seq));
    ck_assert_uint_eq(replay->track.end, 6);
    ck_assert(replay_has_ended(replay));
    ck_assert_ptr_eq(replay->track.onward, &bench.track);
    ck_assert_uint_eq(replay->track.onward_number, bench.track.end);
    replay_free(replay);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(who_missed_nothing_gets_the_next_tick_whole)
{
    struct track_bench bench;
    struct replay *replay;

    track_bench_make(&bench);
    make_ticks(&bench, 3);
    track_bench_select(&bench, "*");
    replay = make_replay(&bench, 3);
    ck_assert(!replay_can_advance(replay));
    ck_assert_uint_eq(replay->track.end, 1); /* the hello */
    make_ticks(&bench, 1);
    ck_assert(replay_can_advance(replay));
    replay_advance(replay);
    ck_assert(replay_has_ended(replay));
    expect_same(track_frame(&replay->track, 1), track_complete(&bench.track));
    replay_free(replay);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(what_is_too_long_ago_is_a_gap)
{
    struct track_bench bench;
    struct replay *replay;

    track_bench_make(&bench);
    make_ticks(&bench, 1);
    track_bench_select(&bench, "a");
    make_ticks(&bench, 599);
    replay = make_replay(&bench, 3);
    expect_frame(track_frame(&replay->track, 0), 344,
                 "event: gap\ndata: {\"from\":4,\"to\":344,\"why\":\"behind\"}\n\n");
    ck_assert(frame_holds(track_frame(&replay->track, 1), "event: hello\n"));
    while (replay->track.end < 3)
        replay_advance(replay);
    ck_assert_uint_eq(track_frame(&replay->track, 2)->seq, 600 - REPLAY_TICKS + 1);
    replay_free(replay);
    replay = make_replay(&bench, 600 - REPLAY_TICKS);
    ck_assert(frame_holds(track_frame(&replay->track, 0), "event: hello\n"));
    replay_free(replay);
    track_bench_remove(&bench);
}
END_TEST

/* It is slower than the ring: what it would send next has been overwritten. */
START_TEST(what_the_ring_loses_meanwhile_gives_it_up)
{
    struct track_bench bench;
    struct replay *replay;

    track_bench_make(&bench);
    make_ticks(&bench, 1);
    track_bench_select(&bench, "a");
    make_ticks(&bench, 299);
    replay = make_replay(&bench, 100);
    make_ticks(&bench, 2 * HISTORY_HEAD_TICKS);
    while (replay_can_advance(replay))
        replay_advance(replay);
    ck_assert(replay_has_ended(replay));
    ck_assert(track_lost(&bench.track, replay->track.onward_number));
    replay_free(replay);
    replay_free(NULL);
    track_bench_remove(&bench);
}
END_TEST

/* One that is read each 400 ticks: what it had is known though its row has left the ring. */
START_TEST(values_that_have_left_the_ring_are_known)
{
    struct track_bench bench;
    struct replay *replay;
    uint32_t slow;

    track_bench_make(&bench);
    slow = model_declare(&bench.model, "slow", "", 0, 400 * MODEL_INTERVAL_MS);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    model_set(&bench.model, slow, 7);
    model_end(&bench.model);
    ck_assert(follower_advance(&bench.follower));
    track_bench_select(&bench, "slow");
    make_ticks(&bench, 620);
    replay = make_replay(&bench, 600);
    while (replay->track.end < 2)
        replay_advance(replay);
    ck_assert_uint_eq(track_frame(&replay->track, 1)->seq, 601);
    ck_assert(frame_holds(track_frame(&replay->track, 1), "\"v\":[[1,7]]"));
    replay_free(replay);
    track_bench_remove(&bench);
}
END_TEST

START_TEST(spans_are_replayed_as_spans)
{
    struct track_bench bench;
    struct replay *replay;

    track_bench_make(&bench);
    make_ticks(&bench, 1);
    track_bench_select_rule(&bench, "*", &(struct shown_rule){.every = 4});
    make_ticks(&bench, 21);
    replay = make_replay(&bench, 8);
    while (replay_can_advance(replay))
        replay_advance(replay);
    ck_assert_uint_eq(replay->track.end, 4); /* hello, 12, 16, 20 */
    ck_assert(frame_holds(track_frame(&replay->track, 1), "\"v\":[[1,5],[2,20]]"));
    expect_same(track_frame(&replay->track, 2), track_frame(&bench.track, bench.track.end - 2));
    expect_same(track_frame(&replay->track, 3), track_frame(&bench.track, bench.track.end - 1));
    replay_free(replay);
    track_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("replay", what_was_missed_is_sent_as_it_was,
                     the_newest_list_of_processes_is_told_too,
                     who_missed_nothing_gets_the_next_tick_whole, what_is_too_long_ago_is_a_gap,
                     what_the_ring_loses_meanwhile_gives_it_up,
                     values_that_have_left_the_ring_are_known, spans_are_replayed_as_spans);
}

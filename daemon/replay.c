#include "daemon/replay.h"

#include <errno.h>
#include <stdlib.h>

/* Values are kept for two intervals of their series, and a rate starts from one before. */
#define WARM_INTERVALS 3

/* How many ticks before the first one have to be followed so that it is shown as it was. */
static uint64_t warm_ticks(const struct track *live, uint32_t interval_ms)
{
    uint32_t longest_ms = interval_ms;

    for (size_t i = 0; i < live->selection.count; i++) {
        if (live->selection.series[i]->interval_ms > longest_ms)
            longest_ms = live->selection.series[i]->interval_ms;
    }
    return (uint64_t)longest_ms * WARM_INTERVALS / interval_ms;
}

/* The first tick that is told again. */
static uint64_t first_seq(const struct track *live, const struct follower *follower, uint64_t since)
{
    uint64_t last = live->tick.seq, first = history_first(follower->history);

    if (last >= REPLAY_TICKS && first < last - REPLAY_TICKS + 1)
        first = last - REPLAY_TICKS + 1;
    if (first < since + 1)
        first = since + 1;
    return shown_next(&live->rule, first - 1);
}

/* The newest, unless it was told. */
static void tell_list(struct replay *replay)
{
    if (replay->live->list && replay->live->list != replay->track.list)
        track_append_list(&replay->track, frame_hold(replay->live->list));
}

static int tell_front(struct replay *replay)
{
    struct track *track = &replay->track;
    struct frame *hello;

    if (shown_next(&track->rule, replay->since) < replay->next_seq &&
        track_append(track, frame_gap(&track->context, replay->since + 1, replay->next_seq - 1,
                                      "behind")) < 0)
        return -ENOMEM;
    if (track->context.format == FRAME_SSE) {
        hello = track_hello(replay->live);
        if (!hello || track_append(track, frame_hold(hello)) < 0)
            return -ENOMEM;
    }
    tell_list(replay);
    return 0;
}

/* What has had no value since, as a series of a minute may, is known from the loop's present. */
static void begin_at(struct replay *replay, uint64_t seq)
{
    const struct selection *selection = &replay->track.selection;
    struct tick tick;

    if (seq < history_first(replay->follower.history))
        seq = history_first(replay->follower.history);
    follower_seek(&replay->follower, seq);
    if (history_read_tick(replay->follower.history, seq, &tick) < 0)
        return;
    for (size_t i = 0; i < selection->count; i++)
        present_seed(&replay->follower.present, &replay->present->present, selection->series[i],
                     tick.mono_ns);
}

int replay_new(struct track *live, const struct follower *follower, uint64_t since,
               struct replay **out)
{
    const struct present *present = &follower->present;
    struct replay *replay = calloc(1, sizeof *replay);
    uint64_t warm;

    if (!replay)
        return -ENOMEM;
    replay->live = live;
    replay->since = since;
    replay->present = follower;
    replay->moved_seq = present->tick.seq;
    replay->next_seq = first_seq(live, follower, since);
    if (track_init_like(&replay->track, live) < 0) {
        free(replay);
        return -ENOMEM;
    }
    replay->track.told_ns = present->tick.mono_ns;
    if (follower_init(&replay->follower, follower->history, follower->table, present->capacity,
                      present->interval_ms) < 0 ||
        tell_front(replay) < 0) {
        replay_free(replay);
        return -ENOMEM;
    }
    warm = warm_ticks(live, present->interval_ms) + live->rule.every;
    begin_at(replay, replay->next_seq > warm ? replay->next_seq - warm : 1);
    *out = replay;
    return 0;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    track_finish(&replay->track);
    follower_finish(&replay->follower);
    free(replay);
}

static void end(struct replay *replay, uint64_t onward_number)
{
    replay->track.onward = replay->live;
    replay->track.onward_number = onward_number;
    follower_finish(&replay->follower);
}

void replay_give_up(struct replay *replay)
{
    end(replay, track_lost_number(replay->live));
}

/* The words as the live track has shown them, so that both agree from here on. */
static int encode_last(struct replay *replay)
{
    const struct track *live = replay->live;
    uint64_t *words = track_begin_tick(&replay->track);

    for (size_t i = 0; i < live->selection.count; i++)
        words[i] = live->shown[i];
    if (track_append_tick(&replay->track, &live->tick, replay->track.tick.seq == 0) < 0)
        return -ENOMEM;
    tell_list(replay);
    end(replay, live->end);
    return 0;
}

static int encode(struct replay *replay)
{
    struct track *track = &replay->track;
    struct tick tick;

    if (shown_read(&track->rule, &replay->follower, &track->selection, &tick,
                   track_begin_tick(track)) < 0 ||
        track_append_tick(track, &tick, track->tick.seq == 0) < 0)
        return -ENOMEM;
    replay->next_seq = shown_next(&track->rule, tick.seq);
    return 0;
}

static int advance(struct replay *replay)
{
    int result = track_select_like(&replay->track, replay->live);

    if (result < 0)
        return result;
    if (replay->next_seq == replay->live->tick.seq)
        return encode_last(replay);
    if (!follower_advance(&replay->follower) ||
        replay->follower.present.tick.seq > replay->next_seq)
        return -ENODATA;
    return replay->follower.present.tick.seq == replay->next_seq ? encode(replay) : 0;
}

void replay_advance(struct replay *replay)
{
    uint64_t end_number = replay->track.end;

    if (advance(replay) < 0)
        replay_give_up(replay);
    if (replay->track.end != end_number)
        replay->moved_seq = replay->present->present.tick.seq;
}

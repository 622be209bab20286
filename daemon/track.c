#include "daemon/track.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget_present(struct track *track)
{
    frame_put(track->hello);
    frame_put(track->complete);
    track->hello = NULL;
    track->complete = NULL;
}

static void forget_series(struct track *track)
{
    free(track->selection.series);
    free(track->shown);
    free(track->former);
    free(track->changed);
    catalog_put(track->catalog);
    track->selection = (struct selection){0};
    track->shown = NULL;
    track->former = NULL;
    track->changed = NULL;
    track->catalog = NULL;
}

void track_finish(struct track *track)
{
    forget_present(track);
    forget_series(track);
    for (size_t i = 0; i < TRACK_FRAMES; i++)
        frame_put(track->frames[i]);
    frame_put(track->list);
    *track = (struct track){0};
}

/* Keeps the catalog that the selection is of; nothing of it has been shown. */
static int hold_catalog(struct track *track, struct catalog *catalog)
{
    size_t room = track->selection.count + 1;

    track->catalog = catalog_hold(catalog);
    track->shown = calloc(room, sizeof *track->shown);
    track->former = calloc(room, sizeof *track->former);
    track->changed = calloc(room, sizeof *track->changed);
    if (!track->shown || !track->former || !track->changed)
        return -ENOMEM;
    for (size_t i = 0; i < track->selection.count; i++)
        track->shown[i] = SAMPLE_ABSENT;
    return 0;
}

static uint32_t last_id(const struct catalog *catalog)
{
    return catalog->count > 0 ? catalog->series[catalog->count - 1]->id : 0;
}

bool track_is_behind(const struct track *track)
{
    return track->looked_id < last_id(track->catalog);
}

int track_init(struct track *track, const struct frame_context *context,
               const struct shown_rule *rule, const struct select *select,
               const struct follower *follower, struct problem *problem)
{
    struct track made = {.context = *context, .rule = *rule};

    if (select_series(select, follower->catalog, &made.selection, problem) < 0)
        return -EINVAL;
    if (shown_check(rule, made.selection.count, problem) < 0) {
        track_finish(&made);
        return -EINVAL;
    }
    if (hold_catalog(&made, follower->catalog) < 0 ||
        shown_read(rule, follower, &made.selection, &made.tick, made.shown) < 0) {
        track_finish(&made);
        return problem_set(problem, 503, NULL, "out of memory");
    }
    made.looked_id = last_id(follower->catalog);
    made.told_ns = follower->present.tick.mono_ns;
    *track = made;
    return 0;
}

static int copy_selection(const struct selection *selection, struct selection *out)
{
    size_t size = selection->count * sizeof *selection->series;

    *out = (struct selection){.series = malloc(size + 1), .count = selection->count};
    if (!out->series)
        return -ENOMEM;
    memcpy(out->series, selection->series, size);
    return 0;
}

int track_init_like(struct track *track, const struct track *other)
{
    struct track made = {
        .context = other->context, .rule = other->rule, .looked_id = other->looked_id};

    if (copy_selection(&other->selection, &made.selection) < 0)
        return -ENOMEM;
    if (hold_catalog(&made, other->catalog) < 0) {
        track_finish(&made);
        return -ENOMEM;
    }
    *track = made;
    return 0;
}

int track_append(struct track *track, struct frame *frame)
{
    struct frame **place = &track->frames[track->end % TRACK_FRAMES];

    if (!frame)
        return -ENOMEM;
    frame_put(*place);
    *place = frame;
    track->end++;
    return 0;
}

void track_begin_list(struct track *track, struct frame *frame)
{
    frame_put(track->list);
    track->list = frame;
    track->list_number = track_lost_number(track);
}

void track_append_list(struct track *track, struct frame *frame)
{
    struct frame **former = &track->frames[track->list_number % TRACK_FRAMES];

    if (!frame)
        return;
    if (track->list && !track_lost(track, track->list_number)) {
        frame_put(*former);
        *former = NULL;
    }
    track_begin_list(track, frame);
    track->list_number = track->end;
    (void)!track_append(track, frame_hold(frame)); /* it is not NULL */
}

uint64_t track_skip(const struct track *track, uint64_t number)
{
    while (number != track->end && !track->frames[number % TRACK_FRAMES])
        number++;
    return number;
}

struct frame *track_frame(const struct track *track, uint64_t number)
{
    if (number == track->end)
        return NULL;
    return track->frames[number % TRACK_FRAMES];
}

/* --- the selection changes --- */

/* What both the former and the new selection hold has been shown; both are sorted by id. */
static int append_series(struct track *track, const struct track *former)
{
    const struct series **added = calloc(track->selection.count + 1, sizeof *added);
    uint32_t *gone = calloc(former->selection.count + 1, sizeof *gone);
    size_t added_count = 0, gone_count = 0, old = 0;
    int result = added && gone ? 0 : -ENOMEM;

    for (size_t i = 0; result == 0 && i < track->selection.count; i++) {
        const struct series *series = track->selection.series[i];

        while (old < former->selection.count && former->selection.series[old]->id < series->id)
            gone[gone_count++] = former->selection.series[old++]->id;
        if (old < former->selection.count && former->selection.series[old]->id == series->id)
            track->shown[i] = former->shown[old++];
        else
            added[added_count++] = series;
    }
    while (result == 0 && old < former->selection.count)
        gone[gone_count++] = former->selection.series[old++]->id;
    if (result == 0 && (added_count > 0 || gone_count > 0) && track->context.format == FRAME_SSE)
        result = track_append(track,
                              frame_series(&track->context, added, added_count, gone, gone_count));
    free(added);
    free(gone);
    return result;
}

/* Without what it selected and showed, which `former` keeps. */
static void begin_selection(struct track *track, struct track *former)
{
    *former = *track;
    track->catalog = NULL;
    track->selection = (struct selection){0};
    track->shown = NULL;
    track->former = NULL;
    track->changed = NULL;
}

/* On a failure all stays as it was. tell: with a series frame, which a hello makes needless. */
static int end_selection(struct track *track, struct track *former, struct catalog *catalog,
                         bool tell, int result)
{
    if (result == 0)
        result = hold_catalog(track, catalog);
    if (result == 0 && tell)
        result = append_series(track, former);
    if (result < 0) {
        forget_series(track);
        *track = *former;
        return result;
    }
    forget_series(former);
    forget_present(track);
    return 0;
}

/* Takes the selection as the catalog has it; without memory the next tick tries again. */
static int take_catalog(struct track *track, const struct select *select, struct catalog *catalog,
                        struct pattern_meter *meter, bool tell)
{
    struct track former;
    int result;

    begin_selection(track, &former);
    result = select_series_again(select, &former.selection, catalog, meter, &track->looked_id,
                                 &track->selection);
    return end_selection(track, &former, catalog, tell, result);
}

int track_select_like(struct track *track, const struct track *other)
{
    struct track former;
    int result;

    if (track->catalog == other->catalog && track->looked_id == other->looked_id)
        return 0;
    begin_selection(track, &former);
    result = copy_selection(&other->selection, &track->selection);
    result = end_selection(track, &former, other->catalog, true, result);
    if (result == 0)
        track->looked_id = other->looked_id;
    return result;
}

/* --- the ticks --- */

uint64_t *track_begin_tick(struct track *track)
{
    uint64_t *words = track->former;

    track->former = track->shown;
    track->shown = words;
    return words;
}

int track_append_tick(struct track *track, const struct tick *tick, bool complete)
{
    for (size_t i = 0; i < track->selection.count; i++)
        track->changed[i] = track->shown[i] != track->former[i];
    track->tick = *tick;
    track->told_ns = tick->mono_ns;
    forget_present(track);
    return track_append(track,
                        frame_tick(&track->context, tick, track->selection.series, track->shown,
                                   complete ? NULL : track->changed, track->selection.count));
}

static int append_hello(struct track *track, uint64_t seq)
{
    if (track->context.format != FRAME_SSE)
        return 0;
    return track_append(
        track, frame_hello(&track->context, seq, track->selection.series, track->selection.count));
}

int track_encode(struct track *track, const struct select *select, const struct follower *follower,
                 struct pattern_meter *meter)
{
    uint64_t seq = follower->present.tick.seq, former_seq = track->tick.seq;
    uint64_t due = seq - seq % track->rule.every;
    bool skipped = former_seq != 0 && due > shown_next(&track->rule, former_seq);
    struct tick tick;

    if (due <= former_seq)
        return 0;
    if (skipped &&
        track_append(track, frame_gap(&track->context, former_seq + 1, due - 1, "slow")) < 0)
        return -ENOMEM;
    if ((follower->catalog != track->catalog || track_is_behind(track)) &&
        take_catalog(track, select, follower->catalog, meter, !skipped) < 0)
        return -ENOMEM;
    if (!shown_fits(&track->rule, track->selection.count))
        return -E2BIG;
    if (shown_read(&track->rule, follower, &track->selection, &tick, track_begin_tick(track)) < 0)
        return -ENOMEM;
    if (skipped && append_hello(track, due) < 0)
        return -ENOMEM;
    return track_append_tick(track, &tick, former_seq == 0 || skipped);
}

struct frame *track_hello(struct track *track)
{
    if (!track->hello)
        track->hello = frame_hello(&track->context, track->tick.seq, track->selection.series,
                                   track->selection.count);
    return track->hello;
}

struct frame *track_complete(struct track *track)
{
    if (!track->complete)
        track->complete = frame_tick(&track->context, &track->tick, track->selection.series,
                                     track->shown, NULL, track->selection.count);
    return track->complete;
}

#include "daemon/audience.h"

#include <stdlib.h>
#include <string.h>

void audiences_init(struct audiences *audiences, struct stream *stream, const char *epoch,
                    const struct follower *follower)
{
    *audiences = (struct audiences){
        .stream = stream,
        .follower = follower,
        .context = {.epoch = epoch, .interval_ms = follower->present.interval_ms}};
}

static void link_audience(struct audiences *audiences, struct audience *audience)
{
    audience->stream = audiences->stream;
    audience->next = audiences->first;
    audiences->first = audience;
}

static void free_audience(struct audiences *audiences, struct audience *audience)
{
    if (audience->live)
        audience->live->replays--;
    else
        audiences->live_count--;
    track_finish(&audience->track);
    replay_free(audience->replay);
    select_free(audience->select);
    free(audience);
}

void audiences_drop_empty(struct audiences *audiences)
{
    struct audience **link = &audiences->first;

    while (*link) {
        struct audience *audience = *link;

        if (audience->count > 0 || audience->replays > 0) {
            link = &audience->next;
            continue;
        }
        *link = audience->next;
        /* It may have been the last replay of one that was passed over. */
        if (audience->live)
            link = &audiences->first;
        free_audience(audiences, audience);
    }
}

void audiences_put_last(struct audiences *audiences, struct audience *last)
{
    struct audience **link = &audiences->first;

    while (*link != last)
        link = &(*link)->next;
    *link = last->next;
    while (*link)
        link = &(*link)->next;
    *link = last;
    last->next = NULL;
}

static bool wants_the_same(const struct audience *audience, const struct stream_wish *wish)
{
    return !audience->live && audience->track.context.format == wish->format &&
           audience->track.rule.every == wish->rule.every &&
           audience->track.rule.raw == wish->rule.raw &&
           audience->track.context.processes == wish->processes &&
           strcmp(select_key(audience->select), select_key(wish->select)) == 0;
}

static struct audience *make_live(struct audiences *audiences, const struct stream_wish *wish,
                                  struct problem *problem)
{
    struct frame_context context = audiences->context;
    struct audience *audience = calloc(1, sizeof *audience);

    if (!audience) {
        problem_set(problem, 503, NULL, "out of memory");
        return NULL;
    }
    context.interval_ms *= wish->rule.every;
    context.format = wish->format;
    context.raw = wish->rule.raw;
    context.averaged = wish->rule.every > 1;
    context.processes = wish->processes;
    if (track_init(&audience->track, &context, &wish->rule, wish->select, audiences->follower,
                   problem) < 0) {
        free(audience);
        return NULL;
    }
    link_audience(audiences, audience);
    audiences->live_count++;
    return audience;
}

struct audience *audiences_find_live(struct audiences *audiences, const struct stream_wish *wish,
                                     struct problem *problem)
{
    struct audience *audience = audiences->first;

    while (audience && !wants_the_same(audience, wish))
        audience = audience->next;
    if (audience) {
        select_free(wish->select);
        return audience;
    }
    if (audiences->live_count == AUDIENCE_MAX_SUBSCRIPTIONS)
        problem_set(problem, 503, NULL,
                    "%d different selections are being streamed, which is the limit; join one of "
                    "them or try again later",
                    AUDIENCE_MAX_SUBSCRIPTIONS);
    else
        audience = make_live(audiences, wish, problem);
    if (audience)
        audience->select = wish->select;
    else
        select_free(wish->select);
    return audience;
}

static struct audience *make_replay(struct audiences *audiences, struct audience *live,
                                    uint64_t since)
{
    struct audience *audience = calloc(1, sizeof *audience);

    if (!audience)
        return NULL;
    if (replay_new(&live->track, audiences->follower, since, &audience->replay) < 0) {
        free(audience);
        return NULL;
    }
    audience->live = live;
    audience->is_wanted = true;
    live->replays++;
    link_audience(audiences, audience);
    return audience;
}

/* Not to what the live track has left behind. */
static bool leads_somewhere(const struct replay *replay)
{
    return !replay_has_ended(replay) || !track_lost(replay->live, replay->track.onward_number);
}

struct audience *audiences_find_replay(struct audiences *audiences, struct audience *live,
                                       uint64_t since)
{
    size_t under_way = 0;

    for (struct audience *each = audiences->first; each; each = each->next) {
        if (!each->replay)
            continue;
        if (each->live == live && each->replay->since == since &&
            !track_lost(&each->replay->track, 0) && leads_somewhere(each->replay))
            return each;
        under_way += !replay_has_ended(each->replay);
    }
    return under_way < AUDIENCE_MAX_REPLAYS ? make_replay(audiences, live, since) : NULL;
}

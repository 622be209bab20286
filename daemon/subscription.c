#include "daemon/subscription.h"

#include <stdlib.h>

static void forget_present(struct subscription *subscription)
{
    frame_put(subscription->hello);
    frame_put(subscription->complete);
    subscription->hello = NULL;
    subscription->complete = NULL;
}

static void forget_series(struct subscription *subscription)
{
    free(subscription->selection.series);
    free(subscription->shown);
    free(subscription->changed);
    catalog_put(subscription->catalog);
    subscription->selection = (struct selection){0};
    subscription->shown = NULL;
    subscription->changed = NULL;
    subscription->catalog = NULL;
}

void subscription_free(struct subscription *subscription)
{
    if (!subscription)
        return;
    forget_present(subscription);
    forget_series(subscription);
    for (size_t i = 0; i < STREAM_FRAMES; i++)
        frame_put(subscription->frames[i]);
    select_free(subscription->select);
    free(subscription);
}

/* Keeps the catalog that the selection is of; nothing of it has been shown. */
static bool hold_catalog(struct subscription *subscription, struct catalog *catalog)
{
    subscription->catalog = catalog_hold(catalog);
    subscription->shown = calloc(subscription->selection.count + 1, sizeof *subscription->shown);
    subscription->changed =
        calloc(subscription->selection.count + 1, sizeof *subscription->changed);
    if (!subscription->shown || !subscription->changed)
        return false;
    for (size_t i = 0; i < subscription->selection.count; i++)
        subscription->shown[i] = SAMPLE_ABSENT;
    return true;
}

static void show_present(struct subscription *subscription, const struct present *present)
{
    for (size_t i = 0; i < subscription->selection.count; i++) {
        uint64_t word = present_shown(present, subscription->selection.series[i]);

        subscription->changed[i] = word != subscription->shown[i];
        subscription->shown[i] = word;
    }
    subscription->tick = present->tick;
    forget_present(subscription);
}

static uint32_t last_id(const struct catalog *catalog)
{
    return catalog->count > 0 ? catalog->series[catalog->count - 1]->id : 0;
}

bool subscription_is_behind(const struct subscription *subscription)
{
    return subscription->looked_id < last_id(subscription->catalog);
}

struct subscription *subscription_new(struct select *select, const struct follower *follower,
                                      struct problem *problem)
{
    struct subscription *subscription = calloc(1, sizeof *subscription);

    if (!subscription) {
        select_free(select);
        goto fail_memory;
    }
    subscription->select = select;
    if (select_series(select, follower->catalog, &subscription->selection, problem) < 0) {
        subscription_free(subscription);
        return NULL;
    }
    if (!hold_catalog(subscription, follower->catalog)) {
        subscription_free(subscription);
        goto fail_memory;
    }
    subscription->looked_id = last_id(follower->catalog);
    show_present(subscription, &follower->present);
    return subscription;

fail_memory:
    problem_set(problem, 503, NULL, "out of memory");
    return NULL;
}

bool subscription_append(struct subscription *subscription, struct frame *frame)
{
    struct frame **place = &subscription->frames[subscription->end % STREAM_FRAMES];

    if (!frame)
        return false;
    frame_put(*place);
    *place = frame;
    subscription->end++;
    return true;
}

struct frame *subscription_frame(const struct subscription *subscription, uint64_t number)
{
    if (number == subscription->end)
        return NULL;
    return subscription->frames[number % STREAM_FRAMES];
}

/* What both the former and the new selection hold has been shown; both are sorted by id. */
static bool append_series(struct subscription *subscription, const struct subscription *former)
{
    const struct series **added = calloc(subscription->selection.count + 1, sizeof *added);
    uint32_t *gone = calloc(former->selection.count + 1, sizeof *gone);
    size_t added_count = 0, gone_count = 0, old = 0;
    bool done = added && gone;

    for (size_t i = 0; done && i < subscription->selection.count; i++) {
        const struct series *series = subscription->selection.series[i];

        while (old < former->selection.count && former->selection.series[old]->id < series->id)
            gone[gone_count++] = former->selection.series[old++]->id;
        if (old < former->selection.count && former->selection.series[old]->id == series->id)
            subscription->shown[i] = former->shown[old++];
        else
            added[added_count++] = series;
    }
    while (done && old < former->selection.count)
        gone[gone_count++] = former->selection.series[old++]->id;
    if (done && (added_count > 0 || gone_count > 0))
        done =
            subscription_append(subscription, frame_series(added, added_count, gone, gone_count));
    free(added);
    free(gone);
    return done;
}

/*
 * Takes the selection as the catalog has it; without memory all stays, and the next tick tries
 * again. tell: with a series frame, which a hello that follows makes needless.
 */
static bool take_catalog(struct subscription *subscription, struct catalog *catalog,
                         struct pattern_meter *meter, bool tell)
{
    struct subscription former = *subscription;

    subscription->catalog = NULL;
    subscription->selection = (struct selection){0};
    subscription->shown = NULL;
    subscription->changed = NULL;
    if (select_series_again(subscription->select, &former.selection, catalog, meter,
                            &subscription->looked_id, &subscription->selection) == 0 &&
        hold_catalog(subscription, catalog) && (!tell || append_series(subscription, &former))) {
        forget_series(&former);
        return true;
    }
    forget_series(subscription);
    *subscription = former;
    return false;
}

bool subscription_encode(struct subscription *subscription, const struct frame_context *context,
                         const struct follower *follower, struct pattern_meter *meter)
{
    const struct tick *tick = &follower->present.tick;
    uint64_t former_seq = subscription->tick.seq;
    bool skipped = former_seq != 0 && tick->seq > former_seq + 1;
    bool complete = former_seq == 0 || skipped;

    if (skipped &&
        !subscription_append(subscription, frame_gap(former_seq + 1, tick->seq - 1, "slow")))
        return false;
    if ((follower->catalog != subscription->catalog || subscription_is_behind(subscription)) &&
        !take_catalog(subscription, follower->catalog, meter, !skipped))
        return false;
    show_present(subscription, &follower->present);
    if (skipped && !subscription_append(subscription, frame_hello(context, tick->seq,
                                                                  subscription->selection.series,
                                                                  subscription->selection.count)))
        return false;
    return subscription_append(
        subscription,
        frame_tick(context, tick, subscription->selection.series, subscription->shown,
                   complete ? NULL : subscription->changed, subscription->selection.count));
}

struct frame *subscription_hello(struct subscription *subscription,
                                 const struct frame_context *context)
{
    if (!subscription->hello)
        subscription->hello =
            frame_hello(context, subscription->tick.seq, subscription->selection.series,
                        subscription->selection.count);
    return subscription->hello;
}

struct frame *subscription_complete(struct subscription *subscription,
                                    const struct frame_context *context)
{
    if (!subscription->complete)
        subscription->complete =
            frame_tick(context, &subscription->tick, subscription->selection.series,
                       subscription->shown, NULL, subscription->selection.count);
    return subscription->complete;
}

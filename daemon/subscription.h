/*
 * What a group of subscribers selected, and the frames that are encoded for it. The last
 * STREAM_FRAMES frames are kept, numbered without end.
 */
#ifndef TACHO_DAEMON_SUBSCRIPTION_H
#define TACHO_DAEMON_SUBSCRIPTION_H

#include "daemon/follower.h"
#include "daemon/frame.h"
#include "daemon/select.h"

#define STREAM_FRAMES 16

struct subscription {
    struct subscription *next; /* the stream's list */
    size_t subscriber_count;
    struct select *select;
    struct catalog *catalog; /* keeps the series alive */
    struct selection selection;
    uint32_t looked_id; /* series behind it are yet to be compared; most often there are none */
    uint64_t *shown;    /* the words that subscribers have been sent */
    bool *changed;      /* room for one tick's comparison */
    struct tick tick;   /* the last one encoded */
    struct frame *frames[STREAM_FRAMES];
    uint64_t end;                   /* number of the next frame */
    struct frame *hello, *complete; /* for those who join at this tick; made on demand */
};

/*
 * Takes the select, also on failure. NULL with the problem filled: its terms are too expensive, or
 * out of memory. A series that appears later and is too expensive to look at is not selected.
 */
struct subscription *subscription_new(struct select *select, const struct follower *follower,
                                      struct problem *problem);
void subscription_free(struct subscription *subscription); /* NULL is a no-op */

/*
 * Encodes the follower's tick: a series frame if the selection now holds other series, then what
 * changed. The first tick is complete; so is one after others were left out, behind a gap and a
 * hello. False without memory: its subscribers are to be ended, since what they know is no longer
 * what was sent. Once the meter, which all subscriptions of a tick share, is out of time, series
 * that are new are left for the next tick.
 */
bool subscription_encode(struct subscription *subscription, const struct frame_context *context,
                         const struct follower *follower, struct pattern_meter *meter);

/* Whether series of the catalog are left for the next tick. */
bool subscription_is_behind(const struct subscription *subscription);

/* Appends a frame, whose reference it takes; false if it is NULL. */
bool subscription_append(struct subscription *subscription, struct frame *frame);

/* The frame with this number, without a reference; NULL if it is not there yet. */
struct frame *subscription_frame(const struct subscription *subscription, uint64_t number);

/* True if frames from this number on are no longer all there. */
static inline bool subscription_lost(const struct subscription *subscription, uint64_t number)
{
    return subscription->end - number > STREAM_FRAMES;
}

/*
 * The two frames that tell everything as of the last tick encoded, without references; NULL
 * without memory. There is no complete tick before the first tick.
 */
struct frame *subscription_hello(struct subscription *subscription,
                                 const struct frame_context *context);
struct frame *subscription_complete(struct subscription *subscription,
                                    const struct frame_context *context);

#endif

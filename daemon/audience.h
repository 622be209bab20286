/*
 * Who reads which track. Those that want the same are the audience of a live track; those that
 * resume at the same tick of it are that of a replay, until they go on at the live one. HTTP loop
 * only.
 */
#ifndef TACHO_DAEMON_AUDIENCE_H
#define TACHO_DAEMON_AUDIENCE_H

#include "daemon/replay.h"

/* Live audiences of a loop. */
#define AUDIENCE_MAX_SUBSCRIPTIONS 64
/* Replays under way at once: each follows the ring with a present of its own. */
#define AUDIENCE_MAX_REPLAYS 16

struct stream;
struct subscriber;

struct audience {
    struct audience *next;
    struct stream *stream;
    struct select *select;    /* of the live track; NULL for a replay */
    struct track track;       /* the live one */
    bool is_pending;          /* the follower's tick is not encoded yet */
    bool list_is_pending;     /* nor is the newest list of processes, which it has */
    uint64_t list_seq;        /* of the last list encoded; 0: none */
    bool list_arguments;      /* it has them */
    struct replay *replay;    /* NULL: it is live */
    struct audience *live;    /* that it replays; NULL: it is live itself */
    size_t replays;           /* of this live one */
    bool is_wanted;           /* of a replay: somebody has read all that was made */
    uint64_t wanted_at;       /* the number of the frame that is wanted */
    struct subscriber *first; /* a ring; the next to be looked at */
    size_t count;
    size_t left; /* still to be looked at, from the first on */
};

static inline struct track *audience_track(struct audience *audience)
{
    return audience->replay ? &audience->replay->track : &audience->track;
}

/* All have to be looked at. */
static inline void audience_call(struct audience *audience)
{
    audience->left = audience->count;
}

/* What a client wants. */
struct stream_wish {
    struct select *select;
    struct shown_rule rule;
    enum frame_format format;
    uint32_t processes; /* of the first by each order; 0: none */
    uint64_t since;     /* the tick after which the client goes on; 0: it begins */
};

/* Those of a loop. The follower's present is what they are shown. */
struct audiences {
    struct stream *stream;
    const struct follower *follower;
    struct frame_context context; /* as a track has it that sends every tick */
    struct audience *first;
    size_t live_count;
};

/* What it is given outlives it. */
void audiences_init(struct audiences *audiences, struct stream *stream, const char *epoch,
                    const struct follower *follower);

/* Of those who want the same. Takes the wish's select; NULL with the problem filled: a limit. */
struct audience *audiences_find_live(struct audiences *audiences, const struct stream_wish *wish,
                                     struct problem *problem);

/* Of those who missed the same of this one; NULL: too many are under way, or no memory. */
struct audience *audiences_find_replay(struct audiences *audiences, struct audience *live,
                                       uint64_t since);

/* Drops those that nobody is in and nobody replays. */
void audiences_drop_empty(struct audiences *audiences);

/* So that those behind it come first the next time. */
void audiences_put_last(struct audiences *audiences, struct audience *last);

#endif

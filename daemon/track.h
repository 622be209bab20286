/*
 * The frames of one selection in the order of its ticks. The last TRACK_FRAMES are kept, numbered
 * without end, for readers that are each a cursor into them. Whoever applies the hello, the
 * complete tick and all frames behind them knows what `shown` says. HTTP loop only.
 */
#ifndef TACHO_DAEMON_TRACK_H
#define TACHO_DAEMON_TRACK_H

#include "daemon/frame.h"
#include "daemon/select.h"
#include "daemon/shown.h"

#define TRACK_FRAMES 16

struct track {
    struct frame_context context;
    struct shown_rule rule;
    struct catalog *catalog; /* keeps the series alive */
    struct selection selection;
    uint32_t looked_id; /* series behind it are yet to be compared; most often there are none */
    uint64_t *shown;    /* the words that readers have been sent */
    uint64_t *former;   /* those before, for the comparison */
    bool *changed;
    struct tick tick; /* the last one encoded; seq 0: none */
    int64_t told_ns;  /* CLOCK_MONOTONIC of the tick at which the last frame was appended */
    struct frame *frames[TRACK_FRAMES]; /* NULL: a list of processes that a newer one followed */
    uint64_t end;                       /* number of the next frame */
    struct frame *hello, *complete;     /* as of that tick; made when someone needs them */
    struct frame *list;                 /* the newest list of processes; NULL: none was sent */
    uint64_t list_number;               /* which is among the frames, unless it is lost */
    const struct track *onward;         /* where its readers go on from its end; NULL: here */
    uint64_t onward_number;
};

/*
 * Selects and shows the present. The context's epoch and the select outlive it. 0, or -EINVAL with
 * the problem filled and nothing to be finished: the terms are too expensive, their spans too long,
 * or out of memory. A series that appears later and is too expensive to look at is not selected.
 */
int track_init(struct track *track, const struct frame_context *context,
               const struct shown_rule *rule, const struct select *select,
               const struct follower *follower, struct problem *problem) MUST_CHECK;

/* The same selection, of which nothing has been shown yet. 0, or -ENOMEM with nothing to finish. */
int track_init_like(struct track *track, const struct track *other) MUST_CHECK;

void track_finish(struct track *track);

/*
 * Encodes the follower's tick, if it is one of the rule's: a series frame if the selection now
 * holds other series, then what changed. The first tick is complete; so is one after others were
 * left out, behind a gap and a hello. -ENOMEM, or -E2BIG if spans of so many series are too much by
 * now: its readers are to be ended, since what they know is no longer what was sent. Once the
 * meter, which all tracks of a tick share, is out of time, series that are new are left for the
 * next tick.
 */
int track_encode(struct track *track, const struct select *select, const struct follower *follower,
                 struct pattern_meter *meter) MUST_CHECK;

/* Whether series of the catalog are left for the next tick. */
bool track_is_behind(const struct track *track);

/* Takes over what another has selected, told by a series frame. 0 or -ENOMEM. */
int track_select_like(struct track *track, const struct track *other) MUST_CHECK;

/*
 * Encodes a tick that has been shown in `shown` and `former` by the caller, complete if nothing was
 * shown before. 0 or -ENOMEM.
 */
int track_append_tick(struct track *track, const struct tick *tick, bool complete) MUST_CHECK;

/* Room for the words of the next tick; what was shown becomes what it is compared with. */
uint64_t *track_begin_tick(struct track *track);

/* Appends a frame, whose reference it takes. 0, or -ENOMEM if it is NULL. */
int track_append(struct track *track, struct frame *frame) MUST_CHECK;

/*
 * Appends a list of processes, whose reference it takes. It stands for those before, which are no
 * longer sent to whoever has not begun them. A no-op if it is NULL.
 */
void track_append_list(struct track *track, struct frame *frame);

/* Takes a list as the newest, sent to those alone who join from now on; NULL: there is none. */
void track_begin_list(struct track *track, struct frame *frame);

/* This number, or the next whose frame is still to be sent. */
uint64_t track_skip(const struct track *track, uint64_t number);

/* The frame with this number, without a reference; NULL if it is not there yet. */
struct frame *track_frame(const struct track *track, uint64_t number);

/* True if frames from this number on are no longer all there. */
static inline bool track_lost(const struct track *track, uint64_t number)
{
    return track->end - number > TRACK_FRAMES;
}

/* A number that is lost. */
static inline uint64_t track_lost_number(const struct track *track)
{
    return track->end - TRACK_FRAMES - 1;
}

/*
 * The two frames that tell everything as of the last tick encoded, without references; NULL
 * without memory. There is no complete tick before the first tick, and no hello of lines.
 */
struct frame *track_hello(struct track *track);
struct frame *track_complete(struct track *track);

#endif

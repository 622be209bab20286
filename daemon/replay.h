/*
 * A resume: the ticks that a client of a track missed, made again from the ring with the values
 * they were first sent with. It has a follower of its own, which goes through the ring until it
 * meets the track; then its readers go on there. HTTP loop only.
 */
#ifndef TACHO_DAEMON_REPLAY_H
#define TACHO_DAEMON_REPLAY_H

#include "daemon/track.h"

/* So many ticks are replayed at most; those before are told as a gap. */
#define REPLAY_TICKS 256

struct replay {
    struct track track;
    struct track *live;             /* which it is to meet */
    struct follower follower;       /* zeros once it has ended */
    uint64_t since;                 /* the tick after which the client goes on */
    uint64_t next_seq;              /* of the tick to be made next */
    const struct follower *present; /* the loop's */
    uint64_t moved_seq;             /* its tick when the last frame was made */
};

/*
 * Ready to tell what is missing, a hello, the newest list of processes, and the ticks after since.
 * The hello is the live track's, whose seq tells how far there is to go. The live track and the
 * follower outlive it. 0 or -ENOMEM.
 */
int replay_new(struct track *live, const struct follower *follower, uint64_t since,
               struct replay **out) MUST_CHECK;
void replay_free(struct replay *replay); /* NULL is a no-op */

/* Whether it has met the live track, or was given up: its track then leads onward. */
static inline bool replay_has_ended(const struct replay *replay)
{
    return replay->track.onward != NULL;
}

/* Whether there is a tick for it to make. */
static inline bool replay_can_advance(const struct replay *replay)
{
    return !replay_has_ended(replay) && replay->next_seq <= replay->live->tick.seq;
}

/*
 * Follows one tick of the ring and encodes it, if it is one that is missing. The last one is the
 * live track's own. Without memory, or when the ring has lost what comes next, it is given up.
 */
void replay_advance(struct replay *replay);

/* Its readers go on at the live track as those who fell behind: with a gap and everything anew. */
void replay_give_up(struct replay *replay);

#endif

/*
 * One reader's place on a track, and the bytes that it is to be sent next: plain, or as one gzip
 * stream. It begins and ends between two frames. HTTP loop only.
 */
#ifndef TACHO_DAEMON_CURSOR_H
#define TACHO_DAEMON_CURSOR_H

#include "daemon/gzip.h"
#include "daemon/track.h"

/* gap, hello, complete tick, processes */
#define CURSOR_PRELUDE_FRAMES 4

struct cursor {
    struct track *track;
    uint64_t number; /* of the track's frame to be sent next, behind the prelude */
    struct frame *prelude[CURSOR_PRELUDE_FRAMES];
    uint8_t prelude_at, prelude_count;
    bool ended;          /* nothing more is begun */
    bool is_over;        /* and all is sent, the gzip stream's trailer too */
    bool failed;         /* no memory: what was sent so far has no end */
    struct frame *frame; /* held while it is being sent */
    const char *bytes;   /* what is left of it, or of a gzip stream's header or trailer */
    size_t left;
    uint64_t last_seq; /* of the last tick begun */
    struct gzip *gzip; /* NULL: plain */
    struct gzip_sum sum;
    char trailer[GZIP_TRAILER_BYTES];
};

/*
 * Begins at the track's present: what is left out since tick `since` (0: nothing was known), a
 * hello, one complete tick, the newest list of processes, and all frames from then on. The track
 * and the gzip outlive it; NULL: plain. 0, or -ENOMEM with nothing to finish.
 */
int cursor_join(struct cursor *cursor, struct track *track, struct gzip *gzip, uint64_t since,
                const char *why) MUST_CHECK;

/* Begins at the frame with this number, for a client that was at tick `since`. */
void cursor_resume(struct cursor *cursor, struct track *track, struct gzip *gzip, uint64_t since,
                   uint64_t number);

void cursor_finish(struct cursor *cursor);

/* Copies up to room bytes; 0: it has caught up with its track, or is over, or failed. */
size_t cursor_read(struct cursor *cursor, char *out, size_t room);

/* Whether its track is done with and leads on to another one. */
static inline bool cursor_leads_on(const struct cursor *cursor)
{
    return !cursor->frame && cursor->prelude_at == cursor->prelude_count &&
           cursor->number == cursor->track->end && cursor->track->onward;
}

/* Goes on at that other track. */
void cursor_move_on(struct cursor *cursor, struct track *onward);

/* Ends after the frame that is begun. */
void cursor_end(struct cursor *cursor);

#endif

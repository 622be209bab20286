/* A walk over the minutes, with the ticks where these are needed; for walk.h. */
#ifndef TACHO_DAEMON_HIKE_H
#define TACHO_DAEMON_HIKE_H

#include "daemon/walker.h"

struct hike {
    struct walker walker;
    struct archive_list minutes;
    bool whole_minutes;   /* they are as good as ticks */
    uint64_t oldest_tick; /* the first that is not only in minutes */
    uint64_t next;        /* the first tick that was not yet dealt with */
    struct archived archived;
    size_t buckets[SEGMENT_POINTS_MAX]; /* of the parts that count and are to be read; others are
                                           WALK_NO_BUCKET, as all are at first */
    bool some;                          /* there is one */
};

/* All the way. 0, or as walk_read(). */
int hike_walk(struct hike *hike) MUST_CHECK;

#endif

/* The buckets of a walk as they are opened, one after the other; for walk.h. */
#ifndef TACHO_DAEMON_WALK_BUCKETS_H
#define TACHO_DAEMON_WALK_BUCKETS_H

#include "daemon/walk.h"

/* In the place of a bucket: what does not count, or is not wanted. */
#define WALK_NO_BUCKET SIZE_MAX

struct walk_buckets {
    const struct walk_query *query;
    struct walk *walk; /* what is made */
    size_t capacity;
    size_t values_across; /* of one bucket, which count against value_max */
    size_t mark_capacity;
    int64_t counted_ms; /* time of what counted last */
};

/* The walk's counts of series, histograms and quantiles are those of the query already. */
void walk_buckets_init(struct walk_buckets *buckets, const struct walk_query *query,
                       struct walk *walk);

/*
 * The bucket of this time, which goes on from what counted before unless a run begins; ticks and
 * minutes come in order. seq is the tick's. 0, 1 if there are enough (every_tick), -E2BIG or
 * -ENOMEM.
 */
int walk_buckets_open(struct walk_buckets *buckets, int64_t time_ms, bool run_begins, uint64_t seq,
                      size_t *bucket) MUST_CHECK;

/* Keeps the flags of a tick that counts, if it has any. 0 or -ENOMEM. */
int walk_buckets_mark(struct walk_buckets *buckets, const struct tick *tick) MUST_CHECK;

#endif

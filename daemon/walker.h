/* What a walk has with it on its way; for walk.h. */
#ifndef TACHO_DAEMON_WALKER_H
#define TACHO_DAEMON_WALKER_H

#include <errno.h>

#include "daemon/points.h"
#include "daemon/walk_histograms.h"

struct walker {
    struct archive *archive;
    const struct history *history;
    const struct walk_query *query;
    struct walk *walk;
    struct walk_buckets buckets;
    struct walk_histograms histograms;
    struct archive_list seconds;
    struct rate_rule *rules; /* of each series, as the next two */
    struct rate_baseline *baselines;
    uint64_t *row;
    uint64_t lead_ticks; /* so many before the first one that counts give its rates a baseline */
    struct tick former;  /* the last one that was stepped over; its seq is 0 before the first */
    struct archived archived;
    uint64_t words[MINUTE_FIELDS * SEGMENT_POINTS_MAX];
};

/*
 * Walks over the ticks from..to, inclusive, that are there and have not been stepped over. 0, 1 if
 * there are enough, or as walk_read().
 */
int walker_step(struct walker *walker, uint64_t from, uint64_t to) MUST_CHECK;

static inline bool walker_is_cancelled(const struct walker *walker)
{
    return walker->query->cancelled && atomic_load(walker->query->cancelled);
}

/* Whether an entry has anything of the span. Minutes are known by their start. */
static inline bool walker_wants(const struct walker *walker, const struct archive_entry *entry)
{
    int64_t last_ms = entry->last_ms + (entry->part == ARCHIVE_MINUTES ? MINUTE_MS - 1 : 0);

    return last_ms >= walker->query->from_ms && entry->first_ms < walker->query->to_ms;
}

/* Whether it says nothing of the segment that this came of opening or reading it. */
static inline bool walker_fails(int result)
{
    return result == -ENOMEM || result == -EMFILE || result == -ENFILE || result == -EFBIG ||
           result == -ECANCELED;
}

#endif

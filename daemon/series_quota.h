/*
 * How many series applications may have, all together: what the host is described by keeps its
 * room. What ended is not counted here, though it keeps its slot for as long as the head has rows
 * of it: the table refuses what would need more slots than this (series_table_limit_applications),
 * and takes it when they are free. Main loop only.
 */
#ifndef TACHO_DAEMON_SERIES_QUOTA_H
#define TACHO_DAEMON_SERIES_QUOTA_H

#include <stdbool.h>
#include <stddef.h>

/* Of CORE_MAX_SERIES. */
#define SERIES_QUOTA_APPLICATIONS 6000

struct series_quota {
    size_t used, max;
};

/* False if no more may be: the series is dropped. What was taken is given back when it ends. */
static inline bool series_quota_take(struct series_quota *quota, size_t count)
{
    if (count > quota->max - quota->used)
        return false;
    quota->used += count;
    return true;
}

static inline void series_quota_give(struct series_quota *quota, size_t count)
{
    quota->used -= count;
}

#endif

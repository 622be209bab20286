/*
 * Follows the ring tick by tick and keeps the present and the newest catalog for one reader. Each
 * has its own; one thread uses it.
 */
#ifndef TACHO_DAEMON_FOLLOWER_H
#define TACHO_DAEMON_FOLLOWER_H

#include "daemon/present.h"

struct follower {
    struct history *history;
    struct series_table *table;
    struct present present;
    struct catalog *catalog; /* at least as new as the last tick followed; held */
    uint64_t *words;
    uint64_t next_seq;
};

/* The history and the table outlive it. 0 or -ENOMEM. */
int follower_init(struct follower *follower, struct history *history, struct series_table *table,
                  uint32_t max_series, uint32_t interval_ms) MUST_CHECK;
void follower_finish(struct follower *follower);

/* Before the first tick is taken: begins at this one, as if nothing had been before. */
void follower_seek(struct follower *follower, uint64_t seq);

/* Whether there is a newer tick than the last one taken. */
static inline bool follower_is_behind(const struct follower *follower)
{
    return history_last(follower->history) >= follower->next_seq;
}

/*
 * Takes the next tick, or the oldest that is still there if the next is not. False when there is
 * no newer one.
 */
bool follower_advance(struct follower *follower);

#endif

/*
 * One target: it is asked right after a tick of its slot, and what it said is written at the next
 * tick after it was whole. Main loop only.
 */
#ifndef TACHO_DAEMON_SCRAPE_TARGET_H
#define TACHO_DAEMON_SCRAPE_TARGET_H

#include "daemon/fetch.h"
#include "daemon/scrape_board.h"
#include "daemon/scrape_cache.h"
#include "daemon/scrape_config.h"

/* What targets have in common; outlives them. */
struct scrape_common {
    struct fetcher *fetcher; /* NULL until there is a target */
    struct task_runner *tasks;
    struct series_quota *quota;
    struct drops drops;
    struct scrape_slots slots;
    int64_t tick_ns; /* the interval of the ticks */
};

struct scrape_target;

/* The configuration outlives it, or is replaced. 0 or -errno. */
int scrape_target_new(struct scrape_common *common, const struct scrape_config *config,
                      struct scrape_target **out) MUST_CHECK;
void scrape_target_free(struct scrape_target *target);

const struct scrape_config *scrape_target_config(const struct scrape_target *target);

/* The same configuration, read anew. */
void scrape_target_replace_config(struct scrape_target *target, const struct scrape_config *config);

/*
 * At each tick, for all targets before any is sampled: its own series are its own, before another
 * target may expose what is named the same, and are taken from one that did before.
 */
void scrape_target_claim(struct scrape_target *target, struct sink *sink);

/* At each tick: writes what it said since the one before, and sees whether it is due. */
void scrape_target_sample(struct scrape_target *target, struct sink *sink);

/* Asks no more, and forgets the configuration; what is left is to end its series. */
void scrape_target_stop(struct scrape_target *target);

/* Its series end. */
void scrape_target_end(struct scrape_target *target, struct sink *sink);

/* Whether it is to be asked; asks it. */
bool scrape_target_is_due(const struct scrape_target *target);
void scrape_target_start(struct scrape_target *target);

/* A list of targets, each in one at most; pop gives NULL from an empty one. */
void scrape_target_push(struct scrape_target **list, struct scrape_target *target);
struct scrape_target *scrape_target_pop(struct scrape_target **list);

const struct scrape_status *scrape_target_status(const struct scrape_target *target);

#endif

/*
 * What a stream shows of its series at one of its ticks: the present, or where only every nth tick
 * is sent what the series did since the one before.
 */
#ifndef TACHO_DAEMON_SHOWN_H
#define TACHO_DAEMON_SHOWN_H

#include "daemon/follower.h"
#include "daemon/select.h"

/* Ticks of one span at most: a block of the ring, which may be read as a whole. */
#define SHOWN_MAX_EVERY HISTORY_BLOCK_TICKS

struct shown_rule {
    uint32_t every; /* ticks whose number is a multiple of it; 1: all */
    bool raw;       /* what grows is shown as it is, not as a rate */
};

/* The first tick after seq that a stream of this rule sends. */
static inline uint64_t shown_next(const struct shown_rule *rule, uint64_t seq)
{
    return (seq / rule->every + 1) * rule->every;
}

/*
 * Reads the newest tick of the rule that the follower knows, and a word of each series. Over a span
 * gauges are the plain mean of its ticks, rates that of all its time, what only grows is the last
 * value; a series without a value in the span keeps the present one, which may be newer. The tick's
 * flags are those of all ticks of the span; its seq is 0 before the first, with absent words. 0 or
 * -ENOMEM.
 */
int shown_read(const struct shown_rule *rule, const struct follower *follower,
               const struct selection *selection, struct tick *tick, uint64_t *words) MUST_CHECK;

/* Whether spans of so many series can be read at once. */
bool shown_fits(const struct shown_rule *rule, size_t series_count);

/* -EINVAL with the problem filled if spans of so many series are too much to read at once. */
int shown_check(const struct shown_rule *rule, size_t series_count,
                struct problem *problem) MUST_CHECK;

#endif

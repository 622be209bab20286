/*
 * From the ticks of one series to buckets of a step: average, minimum, maximum, last. Pure.
 *
 * Buckets are aligned to multiples of the step in wall time. A bucket never joins two runs: when
 * the wall clock was set back, the buckets after it follow in the order of the ticks, with their
 * times as they are.
 */
#ifndef TACHO_DAEMON_AGGREGATE_H
#define TACHO_DAEMON_AGGREGATE_H

#include "daemon/scope.h"
#include "daemon/summary.h"

/* Which bucket each tick falls into, and the buckets' times. */
struct buckets {
    size_t tick_count;
    const struct tick *ticks; /* not owned; in order */
    size_t skip;              /* ticks at the front that only give the first rate its baseline */
    size_t *of_tick;          /* bucket of ticks[skip + i] */
    int64_t *time_ms;         /* start of each bucket, gaps included */
    size_t count;
};

/*
 * Lays out buckets of step_ms for the ticks behind the first `skip`. At most `limit` buckets: empty
 * ones are left out beyond it. 0 or -ENOMEM.
 */
int buckets_init(struct buckets *buckets, const struct tick *ticks, size_t tick_count, size_t skip,
                 int64_t step_ms, size_t limit) MUST_CHECK;
void buckets_finish(struct buckets *buckets);

/*
 * Fills out[aggregate][bucket] with words; SAMPLE_ABSENT where the bucket holds no value (a NaN is
 * none). words has one word per tick. With a rule they are a counter's, and what is aggregated is
 * its rate; averages are weighted by the time that each rate covers. NULL: the words as they are.
 */
void buckets_aggregate(const struct buckets *buckets, const uint64_t *words,
                       const struct rate_rule *rule, uint64_t *const out[AGGREGATE_COUNT]);

#endif

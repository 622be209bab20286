/*
 * The ticks of a span of time and what the series did in them: what a history and an average are
 * made of. What one request may read is bounded.
 */
#ifndef TACHO_DAEMON_RANGE_H
#define TACHO_DAEMON_RANGE_H

#include "daemon/aggregate.h"
#include "daemon/history.h"
#include "daemon/problem.h"

/* Series times ticks (or buckets) times columns: tens of milliseconds. */
#define RANGE_MAX_VALUES 100000

struct range {
    const struct history *history;
    struct tick *ticks; /* those of the span, after some that the first rates start from */
    size_t count;
    size_t skip; /* how many of those there are */
    struct buckets buckets;
    uint64_t *words; /* room for one series */
};

/* Ticks up to last_seq whose wall time is in [from_ms, to_ms). 0 or -ENOMEM. */
int range_read(const struct history *history, int64_t from_ms, int64_t to_ms, uint64_t last_seq,
               struct range *out) MUST_CHECK;

/* Ticks of the last span_ms up to last_seq, by the clock that no one sets. 0 or -ENOMEM. */
int range_read_last(const struct history *history, int64_t span_ms, uint64_t last_seq,
                    struct range *out) MUST_CHECK;

/*
 * The ticks from..to, inclusive, of which some may have left the ring, and for their rates so many
 * before them. 0 or -ENOMEM.
 */
int range_read_ticks(const struct history *history, uint64_t from, uint64_t to, size_t lead,
                     struct range *out) MUST_CHECK;

void range_finish(struct range *range);

/* Lays out its buckets: of step_ms and at most `limit`, one a tick, or one. 0 or -ENOMEM. */
int range_divide(struct range *range, int64_t step_ms, size_t limit) MUST_CHECK;
int range_split(struct range *range) MUST_CHECK;
int range_join(struct range *range) MUST_CHECK;

/* -EINVAL with the problem filled if so many series and columns of the range are too much. */
int range_check(const struct range *range, size_t series_count, size_t column_count,
                struct problem *problem) MUST_CHECK;

/*
 * Fills out[aggregate][bucket]: of the rates if wanted, else of the values. interval_ms is that of
 * the ticks.
 */
void range_aggregate(struct range *range, const struct series *series, bool rates,
                     uint32_t interval_ms, uint64_t *const out[AGGREGATE_COUNT]);

#endif

/*
 * The newest ticks, which the head has, and what the series did in them: what an average of a span
 * that ends now is made of. What one request may read is bounded.
 */
#ifndef TACHO_DAEMON_RANGE_H
#define TACHO_DAEMON_RANGE_H

#include "daemon/history.h"
#include "daemon/problem.h"
#include "daemon/summary.h"

/* Series times ticks: tens of milliseconds. */
#define RANGE_MAX_VALUES 100000

struct range {
    const struct history *history;
    struct tick *ticks; /* those of the span, after some that the first rates start from */
    size_t count;
    size_t skip;     /* how many of those there are */
    uint64_t *words; /* room for one series */
};

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

/* -EINVAL with the problem filled if so many series are too much. */
int range_check(const struct range *range, size_t series_count, struct problem *problem) MUST_CHECK;

/*
 * Fills out with a word for each aggregate: of the rates if wanted, weighted by the time that each
 * covers, else of the values; SAMPLE_ABSENT where there is none. interval_ms is that of the ticks.
 */
void range_aggregate(const struct range *range, const struct series *series, bool rates,
                     uint32_t interval_ms, uint64_t out[AGGREGATE_COUNT]);

#endif

/*
 * What a history is read with: one pass, in the order of the ticks, over the archive and then the
 * head, which gives a summary for each series and bucket of time. Blocks on files: workers only.
 *
 * Buckets are aligned to multiples of the step in wall time and never join two runs: when the wall
 * clock was set back, those after it follow in the order of the ticks, with their times as they
 * are. Gaps are empty buckets. Rates are those of all ticks, whichever are asked for: the first
 * one of a span starts from the tick before it.
 *
 * Where the step is of whole minutes, minutes are read in place of their ticks, but for those that
 * the span cuts. What is older than all ticks is read as minutes at any step: a minute is then at
 * its start. Minutes are exact but for the extremes of rates, which have the digits of a float, and
 * for the last rate of a bucket, which is the mean of its last minute. They have no values of
 * counters (`raw`) but the last. What can be read in neither way is a gap.
 *
 * Of a histogram a summary is of the values that it counted, each as its bucket has it: their
 * number is the weight, and the last word is the mean of the last tick that has any (of its minute,
 * where that is read). It has quantiles beside that, of all its values in a bucket of time; where
 * nothing but these is wanted, a summary has the weight alone.
 */
#ifndef TACHO_DAEMON_WALK_H
#define TACHO_DAEMON_WALK_H

#include "daemon/archive.h"
#include "daemon/history.h"
#include "daemon/summary.h"

#define WALK_MAX_MARKS 10000
#define WALK_NUMBER    SIZE_MAX

struct walk_query {
    int64_t from_ms, to_ms; /* wall time: [from_ms, to_ms) */
    int64_t step_ms;
    uint64_t last_seq;    /* the newest tick to be read; the series' catalog was got after it */
    uint32_t interval_ms; /* of ticks */
    const struct series *const *series;
    size_t series_count;
    bool raw; /* of counters their values, not their rates */
    bool wanted[AGGREGATE_COUNT];
    size_t bucket_max;       /* empty buckets are left out beyond it */
    size_t value_max;        /* of buckets times series and what is wanted of each */
    const double *quantiles; /* wanted of histograms, each from 0 to 1 */
    size_t quantile_count;
    size_t width_max; /* of all histograms that are added up at a time, for quantiles: in buckets */
    bool every_tick;  /* one bucket a tick, of those after since_seq; no more than bucket_max */
    uint64_t since_seq;
    const _Atomic bool *cancelled; /* looked at now and then; NULL: never */
};

struct walk {
    size_t bucket_count;
    int64_t *time_ms;          /* of each bucket its start; with every_tick, the tick's time */
    uint64_t *seqs;            /* with every_tick: each bucket's tick; else NULL */
    struct summary *summaries; /* [bucket][series] */
    size_t series_count;
    bool *rates;         /* of each series: summaries are of rates */
    size_t *histograms;  /* of each series: its place among those; WALK_NUMBER: it is none */
    uint64_t *quantiles; /* [bucket][histogram][quantile], words; NULL if none is wanted */
    size_t histogram_count, quantile_count;
    struct tick *marks; /* those with flags, up to WALK_MAX_MARKS; of a minute, as at its start */
    size_t mark_count;
    uint64_t last_seq; /* the newest tick that counts; 0: none */
};

/*
 * Reads. The walk is to be finished after success. 0, -E2BIG if there would be more than value_max
 * values, -EFBIG if histograms are wider than width_max, -ECANCELED, or -ENOMEM, -EMFILE, -ENFILE.
 */
int walk_read(struct archive *archive, const struct history *history,
              const struct walk_query *query, struct walk *out) MUST_CHECK;
void walk_finish(struct walk *walk);

/* SAMPLE_ABSENT where there is no value. */
static inline uint64_t walk_word(const struct walk *walk, size_t series, size_t bucket,
                                 enum aggregate aggregate)
{
    return summary_word(&walk->summaries[bucket * walk->series_count + series], walk->rates[series],
                        aggregate);
}

/* The same of a series that is a histogram. */
static inline uint64_t walk_quantile(const struct walk *walk, size_t series, size_t bucket,
                                     size_t quantile)
{
    const size_t row = bucket * walk->histogram_count + walk->histograms[series];

    return walk->quantiles[row * walk->quantile_count + quantile];
}

/*
 * The step below which a history from this time on has no more detail: MINUTE_MS where there are
 * minutes that are older than all ticks, else 0. Or -ENOMEM.
 */
int64_t walk_finest_step(struct archive *archive, const struct history *history,
                         int64_t from_ms) MUST_CHECK;

#endif

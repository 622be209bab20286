/*
 * What is asked of the history: the parameters of /v1/history but for the selection. Pure.
 *
 * There are two kinds of question. One is about a span of time, in buckets of a step. The other,
 * since=, wants every tick after a position once, a page of them at a time.
 */
#ifndef TACHO_DAEMON_HISTORY_QUERY_H
#define TACHO_DAEMON_HISTORY_QUERY_H

#include "daemon/format.h"
#include "daemon/query.h"
#include "daemon/summary.h"

#define HISTORY_QUANTILES_MAX  8
#define HISTORY_QUANTILE_BYTES 24 /* of a column's name, such as "quantile_0.99" */
#define HISTORY_COLUMNS_MAX    (AGGREGATE_COUNT + HISTORY_QUANTILES_MAX)
#define HISTORY_WAIT_MAX_MS    (60 * 1000)
#define HISTORY_POINTS_MAX     10000

/* A quantile of histograms, and what its column is called. */
struct history_quantile {
    double q; /* above 0 and below 1 */
    char name[HISTORY_QUANTILE_BYTES];
};

struct history_query {
    bool follows;                    /* since= was given: of what comes next all is 0 */
    int64_t from_ms, to_ms, step_ms; /* inclusive, exclusive, a multiple of the interval */
    uint64_t since;                  /* the last tick that is known already; may be 0 */
    int64_t wait_ms;                 /* for a tick after it; 0: not */
    size_t points;                   /* ticks of an answer at most */
    bool wanted[AGGREGATE_COUNT];    /* columns */
    struct history_quantile quantiles[HISTORY_QUANTILES_MAX]; /* and of histograms these */
    size_t quantile_count;
    bool raw; /* counters as they are, not their rates */
    enum format format;
    enum json_digits digits;
};

/* What a question is understood by. */
struct history_context {
    uint32_t interval_ms; /* of ticks */
    const char *epoch;    /* of the ring */
    uint64_t last_seq;    /* its newest tick: nothing can be known that is newer */
    int64_t now_ms;       /* wall time */
};

/* 0, or -EINVAL with the problem filled. */
int history_query_parse(const struct query *query, const struct history_context *context,
                        struct history_query *out, struct problem *problem) MUST_CHECK;

/* "avg", "min", "max" or "last". */
const char *aggregate_name(enum aggregate aggregate);

#endif

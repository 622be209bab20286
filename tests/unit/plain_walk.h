/* What a walk has to give, made from a chronicle's arrays with no thought of speed. */
#ifndef TACHO_TESTS_UNIT_PLAIN_WALK_H
#define TACHO_TESTS_UNIT_PLAIN_WALK_H

#include "daemon/walk.h"
#include "tests/unit/chronicle.h"

#define PLAIN_WALK_QUANTILES 3

struct plain_bucket {
    int64_t time_ms;
    uint64_t seq; /* the first tick that counts; 0: empty */
    uint64_t words[CHRONICLE_SERIES][AGGREGATE_COUNT];
    uint64_t quantiles[CHRONICLE_HISTOGRAMS][PLAIN_WALK_QUANTILES];
};

struct plain_walk {
    struct plain_bucket *buckets;
    size_t count;
    uint64_t last_seq;
    size_t mark_count; /* of ticks */
};

/*
 * oldest_tick: ticks before it are minutes alone, of which a part counts whose minute begins in the
 * span. UINT64_MAX: all are.
 */
void plain_walk(const struct chronicle *chronicle, const struct walk_query *query,
                uint64_t oldest_tick, struct plain_walk *out);
void plain_walk_finish(struct plain_walk *plain);

/* A query of all series, aggregates and some quantiles up to the newest tick, with room for all. */
struct walk_query walk_query_of(const struct chronicle *chronicle, int64_t from_ms, int64_t to_ms,
                                int64_t step_ms);

/* Fails unless the word is the wanted one, but for a relative error. */
void expect_close(uint64_t word, uint64_t wanted, double error, const char *what, size_t series,
                  size_t bucket);

/* Fails unless a walk gives what it has to. minutes: some of it is read from these. */
void check_walk(const struct chronicle *chronicle, const struct walk_query *query,
                uint64_t oldest_tick, bool minutes);

#endif

/* A scrape target without sockets, for tests of its cache. Failures are the test's. */
#ifndef TACHO_TESTS_UNIT_SCRAPE_BENCH_H
#define TACHO_TESTS_UNIT_SCRAPE_BENCH_H

#include "daemon/scrape_cache.h"
#include "tests/unit/fake_sink.h"

/* What the target's labels, but for job="app", are in the name of each series. */
#define OWN "env=\"test\",instance=\"a:1\""

struct scrape_bench {
    struct fake_sink fake;
    struct series_quota quota;
    struct drops drops;
    struct scrape_slots slots;
    struct scrape_cache *cache;
    struct exposition exposition;
};

/* Of samples, for an exposition of the bench; no line may be wrong. */
extern const struct exposition_visitor scrape_bench_visitor;

/* The quota is 1,000; three labels. Finishing sees to it that the quota got all back. */
void scrape_bench_begin(struct scrape_bench *bench, size_t max_series);
void scrape_bench_finish(struct scrape_bench *bench);

/* Another cache of the same quota and slots, with the first labels only. */
struct scrape_cache *scrape_bench_cache(struct scrape_bench *bench, size_t label_count,
                                        size_t max_series);

/* A whole scrape, and with the tick after it. */
void scrape_bench_feed(struct scrape_bench *bench, const char *text);
void scrape_bench_scrape(struct scrape_bench *bench, const char *text);

/* The value of a series in this tick. */
void scrape_bench_expect(struct scrape_bench *bench, const char *name, double value);

#endif

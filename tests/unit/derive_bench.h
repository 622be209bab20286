/* A sampler without collectors, for tests of derived series: the test puts raw values into ticks.
 */
#ifndef TACHO_TESTS_UNIT_DERIVE_BENCH_H
#define TACHO_TESTS_UNIT_DERIVE_BENCH_H

#include "daemon/derive.h"
#include "tests/unit/model.h"

#define DERIVE_BENCH_SERIES 128

struct derive_bench {
    struct model model; /* its tick is the one begun */
    struct derive *derive;
    struct present present;
    uint32_t bound_version; /* of the catalog that derive knows */
};

/* For at most so many series (DERIVE_BENCH_SERIES or less); the first tick is begun. */
void derive_bench_make(struct derive_bench *bench, uint32_t max_series);
void derive_bench_remove(struct derive_bench *bench);

/* A raw value of the tick begun; see model_put(). */
void derive_bench_put(struct derive_bench *bench, const char *name, const char *labels,
                      double value);

/* Derives, ends the tick and begins the next one, so much later. */
void derive_bench_next(struct derive_bench *bench, int64_t after_ms);

/* The word of a derived series in the tick that was ended last. */
uint64_t derive_bench_value(struct derive_bench *bench, const char *name, const char *labels);

#endif

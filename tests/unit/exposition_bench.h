/* Series made by hand, of any name and labels, and the exposition that they make. */
#ifndef TACHO_TESTS_UNIT_EXPOSITION_BENCH_H
#define TACHO_TESTS_UNIT_EXPOSITION_BENCH_H

#include "daemon/exposition_layout.h"
#include "daemon/series_make.h"
#include "tests/unit/support.h"

struct exposition_bench {
    uint32_t max_series;
    struct series **series; /* by ascending id */
    size_t count;
    struct present present;
    struct bucket_board *buckets;
    size_t left_out; /* of the last exposition */
};

void exposition_bench_make(struct exposition_bench *bench, uint32_t max_series);
void exposition_bench_remove(struct exposition_bench *bench);

/* One more series, which has this value; of a sparse one the value is said to the buckets once. */
struct series *exposition_bench_add(struct exposition_bench *bench, struct metric metric,
                                    const struct label *labels, size_t label_count, double value);

/* The exposition, to be freed; without what is told of those left out unless EXPOSE_SELECTED. */
char *exposition_bench_text(struct exposition_bench *bench, enum exposition_format format,
                            unsigned scopes);

/* Fails the test unless the whole of it is this, and so many series were left out. */
void exposition_bench_expect(struct exposition_bench *bench, enum exposition_format format,
                             const char *wanted, size_t left_out);

#endif

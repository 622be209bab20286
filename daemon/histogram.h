/*
 * Sparse histograms of values that are not negative: how many fell into each of 65,535 buckets
 * whose bounds grow by 1.01/0.99. So any quantile is known to one in a hundred, over any span, by
 * adding the buckets up. Pure but for memory.
 */
#ifndef TACHO_DAEMON_HISTOGRAM_H
#define TACHO_DAEMON_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "daemon/scope.h"

/* The bucket of 0, of what is below it, and of what is no number. */
#define HISTOGRAM_ZERO INT16_MIN

/* Bucket i has the values above γ^(i-1) up to γ^i, with γ = 1.01/0.99. */
int16_t histogram_bucket(double value);

/* What stands for all values of the bucket: none of them is further from it than 1 %. */
double histogram_value(int16_t bucket);

/* How many fell into one bucket. */
struct histogram_count {
    int16_t bucket;
    uint64_t count;
};

/* Histograms added up. All zero is an empty one. */
struct histogram {
    struct histogram_count *counts; /* the first `sorted` by bucket, each of which is there once */
    size_t count, capacity, sorted;
};

void histogram_finish(struct histogram *histogram);

/* Empties it and keeps its memory. */
static inline void histogram_clear(struct histogram *histogram)
{
    histogram->count = histogram->sorted = 0;
}

/* Adds pairs, in any order. 0, or -ENOMEM with none of them added. */
int histogram_add(struct histogram *histogram, const struct histogram_pair *pairs,
                  size_t count) MUST_CHECK;

/*
 * The least value that at least a share q of all, from 0 to 1, do not exceed: with 0 the smallest
 * and with 1 the largest one. NaN if there are none.
 */
double histogram_quantile(struct histogram *histogram, double q);

/* The mean of all; NaN if there are none. */
double histogram_mean(const struct histogram *histogram);

#endif

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

/* The same values, for who needs many: a table costs 512 powers, and then each is a product. */
struct histogram_scale {
    double coarse[256], fine[256];
};

void histogram_scale_init(struct histogram_scale *scale);

static inline double histogram_scale_value(const struct histogram_scale *scale, int16_t bucket)
{
    unsigned place = (unsigned)(bucket - INT16_MIN);

    return bucket == HISTOGRAM_ZERO ? 0 : scale->coarse[place >> 8] * scale->fine[place & 255];
}

/*
 * Histograms added up: a count of each bucket between the least and the greatest, since latencies
 * of six decades are not a thousand. All zero is an empty one.
 */
struct histogram {
    uint64_t *counts; /* of the buckets from first on; 0 but for those of low to high - 1 */
    size_t width;     /* so many */
    int32_t first, low, high;
    uint64_t zeros; /* in HISTOGRAM_ZERO, which is not among them */
    uint64_t total; /* all there are */
};

void histogram_finish(struct histogram *histogram);

/* Empties it and keeps its memory. */
void histogram_clear(struct histogram *histogram);

/* Adds pairs, in any order. 0, or -ENOMEM with none of them added. */
int histogram_add(struct histogram *histogram, const struct histogram_pair *pairs,
                  size_t count) MUST_CHECK;

/*
 * The least value that at least a share q of all, from 0 to 1, do not exceed: with 0 the smallest
 * and with 1 the largest one. NaN if there are none.
 */
double histogram_quantile(const struct histogram *histogram, double q);

/*
 * The same of pairs alone, each bucket once, for shares that ascend: count_q of them, into *out.
 * Costs what the pairs are, however far apart; sorts them by bucket.
 */
void histogram_pair_quantiles(struct histogram_pair *pairs, size_t count, const double *q,
                              size_t count_q, double *out);

/* At most so many pairs make it up. */
size_t histogram_pair_limit(const struct histogram *histogram);

/* Its pairs by ascending bucket, with UINT32_MAX for what is more, and how many they are. */
size_t histogram_pairs(const struct histogram *histogram, struct histogram_pair *out);

#endif

#include "daemon/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GAMMA (1.01 / 0.99)
/* Memory grows by so many buckets at a time: two and a half times in value. */
#define STEP 48

int16_t histogram_bucket(double value)
{
    double bucket;

    if (!(value > 0))
        return HISTOGRAM_ZERO;
    bucket = ceil(log(value) / log(GAMMA));
    if (bucket <= INT16_MIN)
        return INT16_MIN + 1;
    return bucket < INT16_MAX ? (int16_t)bucket : INT16_MAX;
}

double histogram_value(int16_t bucket)
{
    return bucket == HISTOGRAM_ZERO ? 0 : pow(GAMMA, bucket) * (2 / (GAMMA + 1));
}

void histogram_scale_init(struct histogram_scale *scale)
{
    for (int i = 0; i < 256; i++) {
        scale->coarse[i] = pow(GAMMA, i * 256 + INT16_MIN);
        scale->fine[i] = pow(GAMMA, i) * (2 / (GAMMA + 1));
    }
}

void histogram_finish(struct histogram *histogram)
{
    free(histogram->counts);
    *histogram = (struct histogram){0};
}

void histogram_clear(struct histogram *histogram)
{
    if (histogram->low < histogram->high)
        memset(&histogram->counts[histogram->low - histogram->first], 0,
               (size_t)(histogram->high - histogram->low) * sizeof *histogram->counts);
    histogram->low = histogram->high = histogram->first;
    histogram->zeros = histogram->total = 0;
}

/* Makes the array reach from a bucket to before another, beside what it has. */
static int widen(struct histogram *histogram, int32_t low, int32_t high)
{
    const int32_t end = histogram->first + (int32_t)histogram->width;
    int32_t first = histogram->first, last = end;
    uint64_t *larger;

    if (histogram->width == 0)
        first = last = low;
    if (low < first)
        first = low - STEP;
    if (high > last)
        last = high + STEP;
    if (histogram->width > 0 && first == histogram->first && last == end)
        return 0;
    larger = calloc((size_t)(last - first), sizeof *larger);
    if (!larger)
        return -ENOMEM;
    if (histogram->width > 0)
        memcpy(&larger[histogram->first - first], histogram->counts,
               histogram->width * sizeof *larger);
    else
        histogram->low = histogram->high = first;
    free(histogram->counts);
    histogram->counts = larger;
    histogram->first = first;
    histogram->width = (size_t)(last - first);
    return 0;
}

/* Takes note of the buckets from low to high - 1, which it has room for. */
static void stretch(struct histogram *histogram, int32_t low, int32_t high)
{
    bool is_empty = histogram->low == histogram->high;

    if (is_empty || low < histogram->low)
        histogram->low = low;
    if (is_empty || high > histogram->high)
        histogram->high = high;
}

int histogram_add(struct histogram *histogram, const struct histogram_pair *pairs, size_t count)
{
    int32_t low = INT32_MAX, high = INT32_MIN;

    for (size_t i = 0; i < count; i++) {
        const int32_t bucket = pairs[i].bucket;

        if (bucket == HISTOGRAM_ZERO || pairs[i].increment == 0)
            continue;
        low = bucket < low ? bucket : low;
        high = bucket >= high ? bucket + 1 : high;
    }
    if (low < high) {
        if (widen(histogram, low, high) < 0)
            return -ENOMEM;
        stretch(histogram, low, high);
    }
    for (size_t i = 0; i < count; i++) {
        histogram->total += pairs[i].increment;
        if (pairs[i].bucket == HISTOGRAM_ZERO)
            histogram->zeros += pairs[i].increment;
        else if (pairs[i].increment > 0)
            histogram->counts[pairs[i].bucket - histogram->first] += pairs[i].increment;
    }
    return 0;
}

/* Less what the product may be rounded up by: 0.07 of 100 are 7. */
static double rank_of(double q, uint64_t total)
{
    return q * (double)total * (1 - 0x1p-50);
}

double histogram_quantile(const struct histogram *histogram, double q)
{
    const double rank = rank_of(q, histogram->total);
    uint64_t seen = histogram->zeros;
    int32_t last = HISTOGRAM_ZERO;

    if (histogram->total == 0)
        return NAN;
    if (seen > 0 && (double)seen >= rank)
        return 0;
    for (int32_t bucket = histogram->low; bucket < histogram->high; bucket++) {
        const uint64_t count = histogram->counts[bucket - histogram->first];

        if (count == 0)
            continue;
        seen += count;
        last = bucket;
        if ((double)seen >= rank)
            break;
    }
    return histogram_value((int16_t)last);
}

static int compare_pairs(const void *one, const void *other)
{
    return ((const struct histogram_pair *)one)->bucket -
           ((const struct histogram_pair *)other)->bucket;
}

void histogram_pair_quantiles(struct histogram_pair *pairs, size_t count, const double *q,
                              size_t count_q, double *out)
{
    uint64_t total = 0, seen = 0;
    size_t at = 0;

    qsort(pairs, count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < count; i++)
        total += pairs[i].increment;
    for (size_t i = 0; i < count_q; i++) {
        const double rank = rank_of(q[i], total);

        /* What was seen ends before the pair at `at`, which is one that is not empty. */
        while (at < count &&
               (pairs[at].increment == 0 || (double)(seen + pairs[at].increment) < rank))
            seen += pairs[at++].increment;
        out[i] = total > 0 ? histogram_value(pairs[at].bucket) : NAN;
    }
}

size_t histogram_pair_limit(const struct histogram *histogram)
{
    return (size_t)(histogram->high - histogram->low) + 1;
}

static struct histogram_pair pair_of(int32_t bucket, uint64_t count)
{
    return (struct histogram_pair){(int16_t)bucket,
                                   count < UINT32_MAX ? (uint32_t)count : UINT32_MAX};
}

size_t histogram_pairs(const struct histogram *histogram, struct histogram_pair *out)
{
    struct histogram_pair *at = out;

    if (histogram->zeros > 0)
        *at++ = pair_of(HISTOGRAM_ZERO, histogram->zeros);
    for (int32_t bucket = histogram->low; bucket < histogram->high; bucket++) {
        const uint64_t count = histogram->counts[bucket - histogram->first];

        if (count > 0)
            *at++ = pair_of(bucket, count);
    }
    return (size_t)(at - out);
}

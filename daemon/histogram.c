#include "daemon/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define GAMMA (1.01 / 0.99)

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

void histogram_finish(struct histogram *histogram)
{
    free(histogram->counts);
    *histogram = (struct histogram){0};
}

static int compare_buckets(const void *a, const void *b)
{
    const struct histogram_count *one = a, *other = b;

    return one->bucket - other->bucket;
}

/* Sorts what was added, and joins what is of one bucket. */
static void settle(struct histogram *histogram)
{
    struct histogram_count *counts = histogram->counts;
    size_t kept = 0;

    if (histogram->sorted == histogram->count)
        return;
    qsort(counts, histogram->count, sizeof *counts, compare_buckets);
    for (size_t i = 1; i < histogram->count; i++) {
        if (counts[i].bucket == counts[kept].bucket)
            counts[kept].count += counts[i].count;
        else
            counts[++kept] = counts[i];
    }
    histogram->count = histogram->sorted = kept + 1;
}

/* Room for so many more. What can be joined is, before memory is asked for. */
static int reserve(struct histogram *histogram, size_t more)
{
    struct histogram_count *larger;
    size_t capacity;

    if (histogram->count + more <= histogram->capacity)
        return 0;
    settle(histogram);
    if (histogram->count + more <= histogram->capacity / 2)
        return 0;
    capacity = 2 * (histogram->count + more);
    larger = reallocarray(histogram->counts, capacity, sizeof *larger);
    if (!larger)
        return -ENOMEM;
    histogram->counts = larger;
    histogram->capacity = capacity;
    return 0;
}

int histogram_add(struct histogram *histogram, const struct histogram_pair *pairs, size_t count)
{
    if (reserve(histogram, count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].increment > 0)
            histogram->counts[histogram->count++] =
                (struct histogram_count){pairs[i].bucket, pairs[i].increment};
    }
    return 0;
}

static uint64_t total(const struct histogram *histogram)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < histogram->count; i++)
        sum += histogram->counts[i].count;
    return sum;
}

double histogram_quantile(struct histogram *histogram, double q)
{
    uint64_t seen = 0;
    double rank = q * (double)total(histogram);

    settle(histogram);
    for (size_t i = 0; i < histogram->count; i++) {
        seen += histogram->counts[i].count;
        if ((double)seen >= rank || i + 1 == histogram->count)
            return histogram_value(histogram->counts[i].bucket);
    }
    return NAN;
}

double histogram_mean(const struct histogram *histogram)
{
    double sum = 0;

    if (histogram->count == 0)
        return NAN;
    for (size_t i = 0; i < histogram->count; i++)
        sum += (double)histogram->counts[i].count * histogram_value(histogram->counts[i].bucket);
    return sum / (double)total(histogram);
}

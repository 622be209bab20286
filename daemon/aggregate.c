#include "daemon/aggregate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int64_t floor_to(int64_t time_ms, int64_t step_ms)
{
    return time_ms - time_ms % step_ms; /* times are after 1970 */
}

/* Opens the bucket of a tick at this time, and empty ones for the gap before it. */
static void open_bucket(struct buckets *buckets, int64_t start_ms, int64_t step_ms, size_t limit)
{
    if (buckets->count > 0 && buckets->time_ms[buckets->count - 1] < start_ms) {
        int64_t time_ms = buckets->time_ms[buckets->count - 1] + step_ms;

        for (; time_ms < start_ms && buckets->count < limit; time_ms += step_ms)
            buckets->time_ms[buckets->count++] = time_ms;
    }
    buckets->time_ms[buckets->count++] = start_ms;
}

int buckets_init(struct buckets *buckets, const struct tick *ticks, size_t tick_count, size_t skip,
                 int64_t step_ms, size_t limit)
{
    *buckets = (struct buckets){.ticks = ticks, .tick_count = tick_count, .skip = skip};
    /* Every tick may open one of its own after the limit is reached by empty ones. */
    buckets->time_ms = calloc(limit + tick_count + 1, sizeof *buckets->time_ms);
    buckets->of_tick = calloc(tick_count + 1, sizeof *buckets->of_tick);
    if (!buckets->time_ms || !buckets->of_tick) {
        buckets_finish(buckets);
        return -ENOMEM;
    }
    for (size_t i = skip; i < tick_count; i++) {
        int64_t start_ms = floor_to(ticks[i].time_ms, step_ms);
        bool set_back = i > skip && ticks[i].time_ms < ticks[i - 1].time_ms;

        if (buckets->count == 0 || set_back || buckets->time_ms[buckets->count - 1] != start_ms)
            open_bucket(buckets, start_ms, step_ms, limit);
        buckets->of_tick[i - skip] = buckets->count - 1;
    }
    return 0;
}

void buckets_finish(struct buckets *buckets)
{
    free(buckets->time_ms);
    free(buckets->of_tick);
    *buckets = (struct buckets){0};
}

/* What one bucket has seen so far. */
struct sum {
    double sum, weight, min, max, last;
};

static void add(struct sum *sum, double value, double weight)
{
    if (sum->weight == 0) {
        sum->min = value;
        sum->max = value;
    }
    sum->min = value < sum->min ? value : sum->min;
    sum->max = value > sum->max ? value : sum->max;
    sum->last = value;
    sum->sum += value * weight;
    sum->weight += weight;
}

static void write_bucket(const struct sum *sum, size_t bucket, uint64_t *const out[AGGREGATE_COUNT])
{
    bool some = sum->weight > 0;

    out[AGGREGATE_AVG][bucket] = some ? sample_word(sum->sum / sum->weight) : SAMPLE_ABSENT;
    out[AGGREGATE_MIN][bucket] = some ? sample_word(sum->min) : SAMPLE_ABSENT;
    out[AGGREGATE_MAX][bucket] = some ? sample_word(sum->max) : SAMPLE_ABSENT;
    out[AGGREGATE_LAST][bucket] = some ? sample_word(sum->last) : SAMPLE_ABSENT;
}

void buckets_aggregate(const struct buckets *buckets, const uint64_t *words,
                       const struct rate_rule *rule, uint64_t *const out[AGGREGATE_COUNT])
{
    struct rate_baseline baseline = RATE_NO_BASELINE;
    struct sum sum = {0};
    size_t bucket = 0;

    for (size_t i = 0; i < buckets->tick_count; i++) {
        const struct tick *tick = &buckets->ticks[i];
        const struct rate_baseline former = baseline;
        uint64_t word = words[i];
        double weight = 1;

        if (i > 0 && tick->seq != tick[-1].seq + 1)
            baseline = RATE_NO_BASELINE; /* others lie between, outside of what was asked for */
        if (rule) {
            word = rate_step(&baseline, tick, word, rule);
            weight = (double)(tick->mono_ns - former.mono_ns);
        }
        if (i < buckets->skip)
            continue;
        for (; bucket < buckets->of_tick[i - buckets->skip]; bucket++) {
            write_bucket(&sum, bucket, out);
            sum = (struct sum){0};
        }
        if (!isnan(sample_value(word))) /* the absent pattern is one */
            add(&sum, sample_value(word), weight);
    }
    for (; bucket < buckets->count; bucket++) {
        write_bucket(&sum, bucket, out);
        sum = (struct sum){0};
    }
}

#include "daemon/aggregate.h"

#include <errno.h>
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

static void write_bucket(const struct summary *summary, bool rates, size_t bucket,
                         uint64_t *const out[AGGREGATE_COUNT])
{
    for (unsigned i = 0; i < AGGREGATE_COUNT; i++)
        out[i][bucket] = summary_word(summary, rates, (enum aggregate)i);
}

/* rule: NULL for values as they are. */
static void add_tick(struct summary *summary, const struct rate_rule *rule, uint64_t word,
                     const struct rate_increase *increase)
{
    if (rule)
        summary_add_increase(summary, increase);
    else
        summary_add_value(summary, word);
}

void buckets_aggregate(const struct buckets *buckets, const uint64_t *words,
                       const struct rate_rule *rule, uint64_t *const out[AGGREGATE_COUNT])
{
    struct rate_baseline baseline = RATE_NO_BASELINE;
    struct summary summary = SUMMARY_EMPTY;
    size_t bucket = 0;

    for (size_t i = 0; i < buckets->tick_count; i++) {
        const struct tick *tick = &buckets->ticks[i];
        struct rate_increase increase = {0};

        if (i > 0 && tick->seq != tick[-1].seq + 1)
            baseline = RATE_NO_BASELINE; /* others lie between, outside of what was asked for */
        if (rule)
            increase = rate_advance(&baseline, tick, words[i], rule);
        if (i < buckets->skip)
            continue;
        for (; bucket < buckets->of_tick[i - buckets->skip]; bucket++) {
            write_bucket(&summary, rule != NULL, bucket, out);
            summary = SUMMARY_EMPTY;
        }
        add_tick(&summary, rule, words[i], &increase);
    }
    for (; bucket < buckets->count; bucket++) {
        write_bucket(&summary, rule != NULL, bucket, out);
        summary = SUMMARY_EMPTY;
    }
}

#include "daemon/walk_buckets.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY 16

void walk_buckets_init(struct walk_buckets *buckets, const struct walk_query *query,
                       struct walk *walk)
{
    size_t aggregate_count = 0;

    *buckets = (struct walk_buckets){.query = query, .walk = walk, .counted_ms = INT64_MIN};
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        aggregate_count += query->wanted[i];
    buckets->values_across =
        walk->series_count * aggregate_count + walk->histogram_count * walk->quantile_count;
    /* A selection of nothing has buckets, too. */
    if (buckets->values_across == 0)
        buckets->values_across = 1;
}

/* Words of quantiles that one bucket has. */
static size_t quantiles_across(const struct walk *walk)
{
    return walk->histogram_count * walk->quantile_count;
}

static int grow(struct walk_buckets *buckets)
{
    struct walk *walk = buckets->walk;
    size_t capacity = buckets->capacity ? 2 * buckets->capacity : FIRST_CAPACITY;
    struct summary *summaries;
    uint64_t *seqs;
    int64_t *time_ms = reallocarray(walk->time_ms, capacity, sizeof *time_ms);

    if (!time_ms)
        return -ENOMEM;
    walk->time_ms = time_ms;
    summaries = reallocarray(walk->summaries, capacity * walk->series_count + 1, sizeof *summaries);
    if (!summaries)
        return -ENOMEM;
    walk->summaries = summaries;
    if (quantiles_across(walk) > 0) {
        uint64_t *quantiles =
            reallocarray(walk->quantiles, capacity * quantiles_across(walk), sizeof *quantiles);

        if (!quantiles)
            return -ENOMEM;
        walk->quantiles = quantiles;
    }
    if (buckets->query->every_tick) {
        seqs = reallocarray(walk->seqs, capacity, sizeof *seqs);
        if (!seqs)
            return -ENOMEM;
        walk->seqs = seqs;
    }
    buckets->capacity = capacity;
    return 0;
}

static int append(struct walk_buckets *buckets, int64_t time_ms, uint64_t seq)
{
    struct walk *walk = buckets->walk;
    const size_t quantile_count = quantiles_across(walk);
    struct summary *summaries;

    if ((walk->bucket_count + 1) * buckets->values_across > buckets->query->value_max)
        return -E2BIG;
    if (walk->bucket_count == buckets->capacity && grow(buckets) < 0)
        return -ENOMEM;
    walk->time_ms[walk->bucket_count] = time_ms;
    if (walk->seqs)
        walk->seqs[walk->bucket_count] = seq;
    summaries = walk->summaries + walk->bucket_count * walk->series_count;
    for (size_t i = 0; i < walk->series_count; i++)
        summaries[i] = SUMMARY_EMPTY;
    for (size_t i = 0; i < quantile_count; i++)
        walk->quantiles[walk->bucket_count * quantile_count + i] = SAMPLE_ABSENT;
    walk->bucket_count++;
    return 0;
}

static int append_gap(struct walk_buckets *buckets, int64_t end_ms)
{
    const struct walk_query *query = buckets->query;
    const struct walk *walk = buckets->walk;
    int64_t time_ms;
    int result = 0;

    if (walk->bucket_count == 0)
        return 0;
    time_ms = walk->time_ms[walk->bucket_count - 1] + query->step_ms;
    for (; time_ms < end_ms && walk->bucket_count < query->bucket_max && result == 0;
         time_ms += query->step_ms)
        result = append(buckets, time_ms, 0);
    return result;
}

int walk_buckets_open(struct walk_buckets *buckets, int64_t time_ms, bool run_begins, uint64_t seq,
                      size_t *bucket)
{
    const struct walk_query *query = buckets->query;
    const struct walk *walk = buckets->walk;
    int64_t start_ms = query->every_tick ? time_ms : time_ms - time_ms % query->step_ms;
    int result = 0;

    if (query->every_tick && walk->bucket_count == query->bucket_max)
        return 1;
    if (query->every_tick) {
        result = append(buckets, start_ms, seq);
    } else if (walk->bucket_count == 0 || run_begins ||
               walk->time_ms[walk->bucket_count - 1] != start_ms) {
        result = append_gap(buckets, start_ms);
        if (result == 0)
            result = append(buckets, start_ms, seq);
    }
    *bucket = walk->bucket_count - 1;
    buckets->counted_ms = time_ms;
    return result;
}

int walk_buckets_mark(struct walk_buckets *buckets, const struct tick *tick)
{
    struct walk *walk = buckets->walk;

    if (tick->flags == 0 || walk->mark_count == WALK_MAX_MARKS)
        return 0;
    if (walk->mark_count == buckets->mark_capacity) {
        size_t capacity = buckets->mark_capacity ? 2 * buckets->mark_capacity : FIRST_CAPACITY;
        struct tick *larger = reallocarray(walk->marks, capacity, sizeof *larger);

        if (!larger)
            return -ENOMEM;
        walk->marks = larger;
        buckets->mark_capacity = capacity;
    }
    walk->marks[walk->mark_count++] = *tick;
    return 0;
}

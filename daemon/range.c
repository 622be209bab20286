#include "daemon/range.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/clock.h"

/* One more for the tick that is read and then found to be outside. */
static int range_init(struct range *range, const struct history *history)
{
    *range = (struct range){.history = history};
    range->ticks = calloc(HISTORY_HEAD_TICKS + 1, sizeof *range->ticks);
    range->words = calloc(HISTORY_HEAD_TICKS + 1, sizeof *range->words);
    if (range->ticks && range->words)
        return 0;
    range_finish(range);
    return -ENOMEM;
}

void range_finish(struct range *range)
{
    buckets_finish(&range->buckets);
    free(range->ticks);
    free(range->words);
    *range = (struct range){0};
}

int range_read(const struct history *history, int64_t from_ms, int64_t to_ms, uint64_t last_seq,
               struct range *out)
{
    struct range range;

    if (range_init(&range, history) < 0)
        return -ENOMEM;
    for (uint64_t seq = history_first(history); seq <= last_seq && range.count < HISTORY_HEAD_TICKS;
         seq++) {
        struct tick *tick = &range.ticks[range.count];

        if (history_read_tick(history, seq, tick) < 0)
            continue;
        if (tick->time_ms >= from_ms && tick->time_ms < to_ms) {
            range.count++;
        } else if (range.count == range.skip) {
            range.ticks[0] = *tick;
            range.count = range.skip = 1;
        }
    }
    *out = range;
    return 0;
}

int range_read_last(const struct history *history, int64_t span_ms, uint64_t last_seq,
                    struct range *out)
{
    struct tick last;
    struct range range;
    int64_t from_ns;

    if (range_init(&range, history) < 0)
        return -ENOMEM;
    *out = range;
    if (history_read_tick(history, last_seq, &last) < 0)
        return 0;
    from_ns = last.mono_ns - span_ms * NS_PER_MS;
    for (uint64_t seq = history_first(history); seq <= last_seq && range.count < HISTORY_HEAD_TICKS;
         seq++) {
        struct tick *tick = &range.ticks[range.count];

        if (history_read_tick(history, seq, tick) < 0)
            continue;
        /* Before a reboot the clock was another one, and mostly further. */
        if (tick->mono_ns > from_ns && tick->mono_ns <= last.mono_ns) {
            range.count++;
        } else {
            range.ticks[0] = *tick;
            range.count = range.skip = 1;
        }
    }
    *out = range;
    return 0;
}

int range_read_ticks(const struct history *history, uint64_t from, uint64_t to, size_t lead,
                     struct range *out)
{
    struct range range;

    if (range_init(&range, history) < 0)
        return -ENOMEM;
    for (uint64_t seq = from > lead ? from - lead : 1;
         seq <= to && range.count < HISTORY_HEAD_TICKS; seq++) {
        if (history_read_tick(history, seq, &range.ticks[range.count]) < 0)
            continue;
        range.skip += seq < from;
        range.count++;
    }
    *out = range;
    return 0;
}

int range_divide(struct range *range, int64_t step_ms, size_t limit)
{
    return buckets_init(&range->buckets, range->ticks, range->count, range->skip, step_ms, limit);
}

int range_split(struct range *range)
{
    struct buckets *buckets = &range->buckets;
    const size_t count = range->count - range->skip;

    *buckets = (struct buckets){.ticks = range->ticks,
                                .tick_count = range->count,
                                .skip = range->skip,
                                .of_tick = calloc(count + 1, sizeof *buckets->of_tick),
                                .time_ms = calloc(count + 1, sizeof *buckets->time_ms),
                                .count = count};
    if (!buckets->of_tick || !buckets->time_ms)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        buckets->of_tick[i] = i;
        buckets->time_ms[i] = range->ticks[range->skip + i].time_ms;
    }
    return 0;
}

int range_join(struct range *range)
{
    struct buckets *buckets = &range->buckets;

    *buckets = (struct buckets){.ticks = range->ticks,
                                .tick_count = range->count,
                                .skip = range->skip,
                                .of_tick = calloc(range->count + 1, sizeof *buckets->of_tick),
                                .time_ms = calloc(1, sizeof *buckets->time_ms),
                                .count = 1};
    return buckets->of_tick && buckets->time_ms ? 0 : -ENOMEM;
}

int range_check(const struct range *range, size_t series_count, size_t column_count,
                struct problem *problem)
{
    /* A gap is filled with empty buckets, of which there may be more than ticks. */
    size_t rows = range->count > range->buckets.count ? range->count : range->buckets.count;

    if (series_count * rows * column_count <= RANGE_MAX_VALUES)
        return 0;
    return problem_set(problem, 400, NULL,
                       "%zu series at %zu times with %zu columns each are more than the %d values "
                       "that one request may ask: select fewer series, fewer aggregates or a "
                       "shorter span",
                       series_count, rows, column_count, RANGE_MAX_VALUES);
}

void range_aggregate(struct range *range, const struct series *series, bool rates,
                     uint32_t interval_ms, uint64_t *const out[AGGREGATE_COUNT])
{
    const struct rate_rule rule = rate_rule_of(series, interval_ms);

    /* Ticks are contiguous but where a row was overwritten meanwhile or the span excludes some. */
    for (size_t i = 0; i < range->count; i++)
        history_read_column(range->history, series, range->ticks[i].seq, 1, &range->words[i]);
    buckets_aggregate(&range->buckets, range->words, rates ? &rule : NULL, out);
}

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
    free(range->ticks);
    free(range->words);
    *range = (struct range){0};
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

int range_check(const struct range *range, size_t series_count, struct problem *problem)
{
    if (series_count * range->count <= RANGE_MAX_VALUES)
        return 0;
    return problem_set(problem, 400, NULL,
                       "%zu series at %zu times are more than the %d values that one request may "
                       "ask: select fewer series or a shorter span",
                       series_count, range->count, RANGE_MAX_VALUES);
}

/* Ticks are contiguous but where a row was overwritten meanwhile or the span excludes some. */
static void read_words(const struct range *range, const struct series *series)
{
    for (size_t i = 0; i < range->count; i++) {
        range->words[i] = SAMPLE_ABSENT;
        /* A histogram's word is no value. */
        if (series->type == SAMPLE_NUMBER)
            history_read_column(range->history, series, range->ticks[i].seq, 1, &range->words[i]);
    }
}

void range_aggregate(const struct range *range, const struct series *series, bool rates,
                     uint32_t interval_ms, uint64_t out[AGGREGATE_COUNT])
{
    const struct rate_rule rule = rate_rule_of(series, interval_ms);
    struct rate_baseline baseline = RATE_NO_BASELINE;
    struct summary summary = SUMMARY_EMPTY;

    read_words(range, series);
    for (size_t i = 0; i < range->count; i++) {
        const struct tick *tick = &range->ticks[i];
        struct rate_increase increase = {0};

        if (i > 0 && tick->seq != tick[-1].seq + 1)
            baseline = RATE_NO_BASELINE; /* others lie between, outside of what was asked for */
        if (rates)
            increase = rate_advance(&baseline, tick, range->words[i], &rule);
        if (i < range->skip)
            continue;
        if (rates)
            summary_add_increase(&summary, &increase);
        else
            summary_add_value(&summary, range->words[i]);
    }
    for (unsigned i = 0; i < AGGREGATE_COUNT; i++)
        out[i] = summary_word(&summary, rates, (enum aggregate)i);
}

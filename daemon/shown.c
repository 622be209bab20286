#include "daemon/shown.h"

#include <errno.h>

#include "daemon/range.h"

static uint64_t present_word(const struct shown_rule *rule, const struct present *present,
                             const struct series *series)
{
    const struct present_value *value = present_of(present, series);

    if (!rule->raw)
        return present_shown(present, series);
    return value->id == series->id ? value->word : SAMPLE_ABSENT;
}

static uint64_t span_word(const struct shown_rule *rule, struct range *range,
                          const struct series *series, uint32_t interval_ms)
{
    uint64_t words[AGGREGATE_COUNT];

    range_aggregate(range, series, series->cumulative && !rule->raw, interval_ms, words);
    return words[series->cumulative && rule->raw ? AGGREGATE_LAST : AGGREGATE_AVG];
}

static int read_span(const struct shown_rule *rule, const struct follower *follower,
                     const struct selection *selection, struct tick *tick, uint64_t *words)
{
    const struct present *present = &follower->present;
    uint64_t seq = present->tick.seq - present->tick.seq % rule->every;
    struct range range = {0};
    int result;

    *tick = present->tick;
    tick->seq = seq;
    if (seq == 0) {
        for (size_t i = 0; i < selection->count; i++)
            words[i] = SAMPLE_ABSENT;
        return 0;
    }
    result = range_read_ticks(follower->history, seq - rule->every + 1, seq, 1, &range);
    if (result == 0) {
        uint32_t flags = 0;

        for (size_t i = range.skip; i < range.count; i++) {
            *tick = range.ticks[i];
            flags |= range.ticks[i].flags;
        }
        tick->seq = seq;
        tick->flags = flags;
    }
    for (size_t i = 0; i < selection->count && result == 0; i++) {
        const struct series *series = selection->series[i];

        words[i] = span_word(rule, &range, series, present->interval_ms);
        if (sample_is_absent(words[i]) && series->interval_ms > present->interval_ms)
            words[i] = present_word(rule, present, series);
    }
    range_finish(&range);
    return result;
}

int shown_read(const struct shown_rule *rule, const struct follower *follower,
               const struct selection *selection, struct tick *tick, uint64_t *words)
{
    const struct present *present = &follower->present;

    if (rule->every > 1)
        return read_span(rule, follower, selection, tick, words);
    *tick = present->tick;
    for (size_t i = 0; i < selection->count; i++)
        words[i] = present_word(rule, present, selection->series[i]);
    return 0;
}

bool shown_fits(const struct shown_rule *rule, size_t series_count)
{
    return rule->every == 1 || series_count * rule->every <= RANGE_MAX_VALUES;
}

int shown_check(const struct shown_rule *rule, size_t series_count, struct problem *problem)
{
    if (shown_fits(rule, series_count))
        return 0;
    return problem_set(problem, 400, "every",
                       "%zu series over %u ticks each are more than the %d values that are read at "
                       "once; select fewer series or a shorter span",
                       series_count, rule->every, RANGE_MAX_VALUES);
}

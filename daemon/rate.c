#include "daemon/rate.h"

#include "daemon/clock.h"

struct rate_rule rate_rule_of(const struct series *series, uint32_t tick_interval_ms)
{
    return (struct rate_rule){
        .every_tick = series->interval_ms <= tick_interval_ms,
        .wraps_at = series->wraps_at,
        .rate_max = series->rate_max,
    };
}

/*
 * What a counter grew by; negative when it began anew. Only one that was in the upper half of its
 * range, and would not have run faster than it can, has wrapped.
 */
static double growth(double former, double value, double seconds, const struct rate_rule *rule)
{
    double wrapped = value - former + rule->wraps_at;
    bool may_wrap = rule->wraps_at > 0 && former >= rule->wraps_at / 2 && former < rule->wraps_at;

    if (value >= former || !may_wrap || wrapped > rule->rate_max * seconds)
        return value - former;
    return wrapped;
}

struct rate_increase rate_advance(struct rate_baseline *baseline, const struct tick *tick,
                                  uint64_t word, const struct rate_rule *rule)
{
    const struct rate_increase none = {0};
    struct rate_increase increase;
    struct rate_baseline former;

    if (tick->flags & (TICK_RESUMED | TICK_BOOT))
        baseline->word = SAMPLE_ABSENT;
    if (sample_is_absent(word)) {
        if (rule->every_tick || word == SAMPLE_GONE)
            baseline->word = SAMPLE_ABSENT;
        return none;
    }
    former = *baseline;
    *baseline = (struct rate_baseline){.word = word, .mono_ns = tick->mono_ns};
    if (sample_is_absent(former.word) || tick->mono_ns <= former.mono_ns)
        return none;
    increase.covered_ns = tick->mono_ns - former.mono_ns;
    increase.delta = growth(sample_value(former.word), sample_value(word),
                            (double)increase.covered_ns / (double)NS_PER_SECOND, rule);
    return increase.delta >= 0 ? increase : none; /* a reset, or a NaN */
}

uint64_t rate_step(struct rate_baseline *baseline, const struct tick *tick, uint64_t word,
                   const struct rate_rule *rule)
{
    struct rate_increase increase = rate_advance(baseline, tick, word, rule);

    return increase.covered_ns > 0 ? sample_word(rate_of_increase(&increase)) : SAMPLE_ABSENT;
}

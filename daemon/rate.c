#include "daemon/rate.h"

#include "daemon/clock.h"

uint64_t rate_step(struct rate_baseline *baseline, const struct tick *tick, uint64_t word,
                   bool every_tick)
{
    struct rate_baseline former;
    double delta, seconds;

    if (tick->flags & (TICK_RESUMED | TICK_BOOT))
        baseline->word = SAMPLE_ABSENT;
    if (sample_is_absent(word)) {
        if (every_tick)
            baseline->word = SAMPLE_ABSENT;
        return SAMPLE_ABSENT;
    }
    former = *baseline;
    *baseline = (struct rate_baseline){.word = word, .mono_ns = tick->mono_ns};
    if (sample_is_absent(former.word) || tick->mono_ns <= former.mono_ns)
        return SAMPLE_ABSENT;
    delta = sample_value(word) - sample_value(former.word);
    if (!(delta >= 0)) /* a reset, or a NaN */
        return SAMPLE_ABSENT;
    seconds = (double)(tick->mono_ns - former.mono_ns) / (double)NS_PER_SECOND;
    return sample_word(delta / seconds);
}

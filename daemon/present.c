#include "daemon/present.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/clock.h"

int present_init(struct present *present, uint32_t max_series, uint32_t interval_ms)
{
    *present = (struct present){.interval_ms = interval_ms, .capacity = max_series};
    present->values = calloc(max_series, sizeof *present->values);
    return present->values ? 0 : -ENOMEM;
}

void present_finish(struct present *present)
{
    free(present->values);
    present->values = NULL;
}

static void follow_series(struct present *present, const struct tick *tick, uint64_t word,
                          const struct series *series)
{
    struct present_value *value = &present->values[series->slot];
    uint64_t rate = SAMPLE_ABSENT;
    int64_t kept_ns;

    if (value->id != series->id) {
        *value = (struct present_value){.word = SAMPLE_ABSENT,
                                        .rate = SAMPLE_ABSENT,
                                        .baseline = RATE_NO_BASELINE,
                                        .id = series->id};
    }
    if (series->cumulative) {
        const struct rate_rule rule = rate_rule_of(series, present->interval_ms);

        rate = rate_step(&value->baseline, tick, word, &rule);
    }
    if (!sample_is_absent(word)) {
        value->former.word = value->word;
        value->former.rate = value->rate;
        value->former.mono_ns = value->mono_ns;
        value->word = word;
        value->rate = rate;
        value->mono_ns = tick->mono_ns;
        return;
    }
    /* A tenth of an interval is allowed for ticks that come a little early or late. */
    kept_ns = (int64_t)series->interval_ms * NS_PER_MS * 19 / 10;
    if (word == SAMPLE_GONE || tick->mono_ns - value->mono_ns > kept_ns) {
        value->word = SAMPLE_ABSENT;
        value->rate = SAMPLE_ABSENT;
    }
}

void present_follow(struct present *present, const struct tick *tick, const uint64_t *words,
                    uint32_t slot_count, const struct catalog *catalog)
{
    bool jumped = present->tick.seq != 0 && tick->seq != present->tick.seq + 1;

    for (size_t i = 0; i < catalog->count; i++) {
        const struct series *series = catalog->series[i];
        /* A histogram has no one number that stands for it. */
        uint64_t word = series->slot < slot_count && series->type == SAMPLE_NUMBER
                            ? words[series->slot]
                            : SAMPLE_ABSENT;

        if (jumped)
            present->values[series->slot].baseline = RATE_NO_BASELINE;
        follow_series(present, tick, word, series);
    }
    present->tick = *tick;
}

void present_seed(struct present *present, const struct present *other, const struct series *series,
                  int64_t before_mono_ns)
{
    const struct present_value *known = present_of(other, series);
    struct present_value *value = &present->values[series->slot];
    bool is_last = known->mono_ns < before_mono_ns;
    uint64_t word = is_last ? known->word : known->former.word;

    if (known->id != series->id || sample_is_absent(word) ||
        (!is_last && known->former.mono_ns >= before_mono_ns))
        return;
    *value = (struct present_value){.word = word,
                                    .rate = is_last ? known->rate : known->former.rate,
                                    .mono_ns = is_last ? known->mono_ns : known->former.mono_ns,
                                    .id = series->id};
    value->baseline = (struct rate_baseline){.word = series->cumulative ? word : SAMPLE_ABSENT,
                                             .mono_ns = value->mono_ns};
}

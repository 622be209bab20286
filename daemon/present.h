/*
 * The present: the last value and rate of every series, made by following the ticks in order.
 * Each loop that shows or derives present values keeps one of its own; nothing is shared.
 *
 * A series keeps its last value until it has had none for two of its own intervals, or until what
 * it stands for has gone; then it is absent.
 */
#ifndef TACHO_DAEMON_PRESENT_H
#define TACHO_DAEMON_PRESENT_H

#include "daemon/history.h"
#include "daemon/rate.h"
#include "daemon/series.h"

struct present_value {
    uint64_t word;   /* raw value, or SAMPLE_ABSENT */
    uint64_t rate;   /* per second, or SAMPLE_ABSENT; absent where the series is not cumulative */
    int64_t mono_ns; /* when it was read */
    struct {
        uint64_t word, rate;
        int64_t mono_ns; /* 0: there was none */
    } former;            /* the value before it, for who follows again what was before */
    struct rate_baseline baseline;
    uint32_t id; /* of the series that this slot is following */
};

struct present {
    struct tick tick; /* the last one followed; seq 0 before the first */
    uint32_t interval_ms;
    uint32_t capacity;
    struct present_value *values; /* by slot */
};

int present_init(struct present *present, uint32_t max_series, uint32_t interval_ms) MUST_CHECK;
void present_finish(struct present *present);

/*
 * Follows one more tick. words has the row's slot_count words; the catalog is at least as new as
 * the row. Ticks that were left out in between cost the rates their baseline.
 */
void present_follow(struct present *present, const struct tick *tick, const uint64_t *words,
                    uint32_t slot_count, const struct catalog *catalog);

/*
 * Takes over what another present knows of this series from before a time: its last value before
 * that, and what the next rate starts from. Nothing if it knows of none.
 */
void present_seed(struct present *present, const struct present *other, const struct series *series,
                  int64_t before_mono_ns);

static inline const struct present_value *present_of(const struct present *present,
                                                     const struct series *series)
{
    return &present->values[series->slot];
}

/* What is shown of a series as its one number: the rate if it is cumulative, else the value. */
static inline uint64_t present_shown(const struct present *present, const struct series *series)
{
    const struct present_value *value = present_of(present, series);

    if (value->id != series->id)
        return SAMPLE_ABSENT;
    return series->cumulative ? value->rate : value->word;
}

#endif

/*
 * The one place where rates come from: Δvalue / Δmeasured monotonic time, and null wherever that
 * would be a lie (EDGE-CASES.md rows 4 to 8 and 25).
 */
#ifndef TACHO_DAEMON_RATE_H
#define TACHO_DAEMON_RATE_H

#include "daemon/clock.h"
#include "daemon/sample.h"
#include "daemon/series.h"
#include "daemon/tick.h"

/* The last value that the next one is compared with. */
struct rate_baseline {
    uint64_t word;   /* SAMPLE_ABSENT: there is none */
    int64_t mono_ns; /* when it was read */
};

#define RATE_NO_BASELINE ((struct rate_baseline){.word = SAMPLE_ABSENT})

/* How a series' values are to be understood. */
struct rate_rule {
    bool every_tick; /* it has a value at each tick: an absent one means that it went away */
    double wraps_at; /* as struct metric has them; 0: it does not wrap */
    double rate_max;
};

struct rate_rule rate_rule_of(const struct series *series, uint32_t tick_interval_ms);

/* What a counter did up to a tick. */
struct rate_increase {
    double delta;       /* what it grew by */
    int64_t covered_ns; /* in this time; 0: nothing is known of it */
};

/*
 * Takes the value of one tick and gives what it grew by since the one before; nothing is known for
 * the first value, after a decrease that is no wrap (a reset), after a suspend or a reboot, and
 * after SAMPLE_GONE. Call it for every tick in order, also for those in which the series is absent.
 */
struct rate_increase rate_advance(struct rate_baseline *baseline, const struct tick *tick,
                                  uint64_t word, const struct rate_rule *rule);

/* Per second. Something is known of the increase. */
static inline double rate_of_increase(const struct rate_increase *increase)
{
    return increase->delta / ((double)increase->covered_ns / (double)NS_PER_SECOND);
}

/* As rate_advance, but gives the rate per second as a word; SAMPLE_ABSENT when there is none. */
uint64_t rate_step(struct rate_baseline *baseline, const struct tick *tick, uint64_t word,
                   const struct rate_rule *rule);

#endif

/*
 * What is kept of the values of a span: enough for their average, minimum, maximum and last one,
 * and two spans may be joined afterwards. Pure.
 *
 * Of gauges the sum is that of the values and the weight their number. Of what only grows, the
 * minimum and maximum are of its rates per second, the sum is what it grew by, and the weight the
 * nanoseconds in which it did.
 */
#ifndef TACHO_DAEMON_SUMMARY_H
#define TACHO_DAEMON_SUMMARY_H

#include <math.h>
#include <stdint.h>

#include "daemon/rate.h"

enum aggregate { AGGREGATE_AVG, AGGREGATE_MIN, AGGREGATE_MAX, AGGREGATE_LAST, AGGREGATE_COUNT };

struct summary {
    double min, max;
    double sum;
    double weight; /* 0: there was no value */
    uint64_t last; /* word; SAMPLE_ABSENT if there was none */
};

#define SUMMARY_EMPTY                                                                              \
    ((struct summary){.min = (double)INFINITY, .max = (double)-INFINITY, .last = SAMPLE_ABSENT})

static inline void summary_add(struct summary *summary, double value, double amount, double weight)
{
    summary->min = value < summary->min ? value : summary->min;
    summary->max = value > summary->max ? value : summary->max;
    summary->sum += amount;
    summary->weight += weight;
}

/* Adds a value as it was read; one that is absent or not a number is none. */
static inline void summary_add_value(struct summary *summary, uint64_t word)
{
    double value = sample_value(word);

    if (isnan(value)) /* the absent patterns are, too */
        return;
    summary_add(summary, value, value, 1);
    summary->last = word;
}

/*
 * Adds what a counter did up to one tick; one without time is none. The rate becomes the last word:
 * where the last reading is wanted, set it instead.
 */
static inline void summary_add_increase(struct summary *summary,
                                        const struct rate_increase *increase)
{
    double rate;

    if (increase->covered_ns == 0)
        return;
    rate = rate_of_increase(increase);
    summary_add(summary, rate, increase->delta, (double)increase->covered_ns);
    summary->last = sample_word(rate);
}

/* Adds all of a later span. */
void summary_merge(struct summary *summary, const struct summary *later);

/* rates: the summary is of rates. SAMPLE_ABSENT where there is no such value. */
uint64_t summary_word(const struct summary *summary, bool rates, enum aggregate aggregate);

#endif

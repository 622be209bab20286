#include "daemon/summary.h"

#include "daemon/clock.h"

static void add(struct summary *summary, double value, double amount, double weight)
{
    summary->min = value < summary->min ? value : summary->min;
    summary->max = value > summary->max ? value : summary->max;
    summary->sum += amount;
    summary->weight += weight;
}

void summary_add_value(struct summary *summary, uint64_t word)
{
    double value = sample_value(word);

    if (isnan(value)) /* the absent patterns are, too */
        return;
    add(summary, value, value, 1);
    summary->last = word;
}

void summary_add_increase(struct summary *summary, const struct rate_increase *increase)
{
    double rate;

    if (increase->covered_ns == 0)
        return;
    rate = rate_of_increase(increase);
    add(summary, rate, increase->delta, (double)increase->covered_ns);
    summary->last = sample_word(rate);
}

void summary_merge(struct summary *summary, const struct summary *later)
{
    summary->min = later->min < summary->min ? later->min : summary->min;
    summary->max = later->max > summary->max ? later->max : summary->max;
    summary->sum += later->sum;
    summary->weight += later->weight;
    if (!sample_is_absent(later->last))
        summary->last = later->last;
}

uint64_t summary_word(const struct summary *summary, bool rates, enum aggregate aggregate)
{
    double unit = rates ? (double)NS_PER_SECOND : 1;

    if (aggregate == AGGREGATE_LAST)
        return summary->last;
    if (!(summary->weight > 0))
        return SAMPLE_ABSENT;
    if (aggregate == AGGREGATE_AVG)
        return sample_word(summary->sum / (summary->weight / unit));
    return sample_word(aggregate == AGGREGATE_MIN ? summary->min : summary->max);
}

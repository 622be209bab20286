#include "daemon/summary.h"

#include "daemon/clock.h"

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

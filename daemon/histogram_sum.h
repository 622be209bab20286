/* Histograms of many ticks, joined to one of each point. */
#ifndef TACHO_DAEMON_HISTOGRAM_SUM_H
#define TACHO_DAEMON_HISTOGRAM_SUM_H

#include "daemon/segment.h"

/* All zero before the first begin. */
struct histogram_sum {
    uint32_t
        counts[SEGMENT_POINTS_MAX]; /* pairs of each point; SEGMENT_NO_PAIRS: it has no value */
    struct histogram_pair *pairs;   /* of all points but the last, in order; by bucket in each */
    size_t pair_count, capacity;
    size_t point;          /* the last one added to */
    struct histogram last; /* and what it has */
};

/* Begins anew: no point has a value. */
void histogram_sum_begin(struct histogram_sum *sum);

/* Adds a histogram to a point, which is none before the last one added to. 0 or -ENOMEM. */
int histogram_sum_add(struct histogram_sum *sum, size_t point, const struct histogram_pair *pairs,
                      size_t count) MUST_CHECK;

/*
 * Adds the series to a segment, after which another is to be begun; one that is beyond a segment's
 * bounds is left out. 0 or -ENOMEM.
 */
int histogram_sum_write(struct histogram_sum *sum, struct segment_writer *writer,
                        uint32_t id) MUST_CHECK;

void histogram_sum_finish(struct histogram_sum *sum);

#endif

/*
 * What a walk makes of histograms; for walk.h. For quantiles each one is added up over a bucket of
 * time, and gives its words when the next bucket has something of it: so memory is for one bucket
 * at a time, however long the walk is.
 */
#ifndef TACHO_DAEMON_WALK_HISTOGRAMS_H
#define TACHO_DAEMON_WALK_HISTOGRAMS_H

#include "daemon/histogram.h"
#include "daemon/segment.h"
#include "daemon/walk_buckets.h"

struct walk_sum;

struct walk_histograms {
    const struct walk_query *query;
    struct walk *walk;     /* what is made */
    struct walk_sum *sums; /* of each histogram; NULL if no quantile is wanted */
    size_t width;          /* of them all */
    bool summarizes; /* an aggregate is wanted, so that the weight of quantiles is not enough */
    struct histogram_scale scale;
    struct histogram_pair *pairs; /* of one row, as many as its tail has */
    uint32_t *counts;             /* of each histogram: its own of these, in order */
};

/* Fills what the walk says of histograms, but for their words. 0, or -ENOMEM: to be finished too.
 */
int walk_histograms_init(struct walk_histograms *histograms, const struct walk_query *query,
                         struct walk *walk) MUST_CHECK;
void walk_histograms_finish(struct walk_histograms *histograms);

/*
 * Adds what a series has at the points of a segment, where it is the histogram of this index, to
 * the bucket of each, which is none before the last one that the series was added to. 0, -EFBIG,
 * -ECANCELED, or as segment_read_histogram().
 */
int walk_histograms_read(struct walk_histograms *histograms, const struct segment *segment,
                         size_t index, size_t series, const size_t *buckets) MUST_CHECK;

/*
 * The same for all histograms at a tick of the head. It is copied first: what was read is the
 * tick's if it is still there after that.
 */
void walk_histograms_copy(struct walk_histograms *histograms, const struct history *history,
                          uint64_t seq);
int walk_histograms_add_copied(struct walk_histograms *histograms, size_t bucket) MUST_CHECK;

/* All is added. */
void walk_histograms_end(struct walk_histograms *histograms);

#endif

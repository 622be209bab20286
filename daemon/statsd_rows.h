/*
 * StatsD's way into the tick: takes what the table was told since the tick before and writes it.
 *
 *     counters   NAME, cumulative, from 0
 *     gauges     NAME
 *     sets       NAME, how many different members since the tick before
 *     timers, histograms, distributions
 *                NAME, a sparse histogram; NAME{quantile="0.5"|"0.95"|"0.99"} of this tick, absent
 * in one in which nothing happened; NAME_count and NAME_sum, cumulative, which the board of buckets
 * has too
 *
 * A silent series keeps its total or value while the table has it. Main loop only.
 */
#ifndef TACHO_DAEMON_STATSD_ROWS_H
#define TACHO_DAEMON_STATSD_ROWS_H

#include "daemon/bucket_board.h"
#include "daemon/drops.h"
#include "daemon/series_quota.h"
#include "daemon/statsd_table.h"

struct statsd_rows;

/* All outlive it. 0 or -ENOMEM. */
int statsd_rows_new(struct statsd_table *table, struct drops *drops, struct series_quota *quota,
                    struct bucket_board *buckets, struct statsd_rows **out) MUST_CHECK;
void statsd_rows_free(struct statsd_rows *rows); /* NULL is a no-op */

/* sampler_source's sample(): arg is the struct statsd_rows. */
void statsd_rows_sample(void *arg, struct sink *sink);

#endif

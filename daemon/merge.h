/*
 * Makes the minutes of segments of ticks that have none yet, and joins those of many segments, so
 * that a long time is read from few. For one worker at a time; may block where segments are files.
 */
#ifndef TACHO_DAEMON_MERGE_H
#define TACHO_DAEMON_MERGE_H

#include "daemon/archive.h"
#include "daemon/minutes.h"
#include "daemon/series.h"

/* So many segments are open at once. */
#define MERGE_MAX_SEGMENTS 64

struct merge {
    struct archive *archive;
    struct series_table *table;
    uint32_t interval_ms;
    struct minutes_baselines baselines; /* behind the last segment that minutes were made of */
    struct segment_writer *writer;      /* anybody's who works with this one */
};

/* Both outlive it. 0 or -ENOMEM. */
int merge_init(struct merge *merge, struct archive *archive, struct series_table *table,
               uint32_t interval_ms) MUST_CHECK;
void merge_finish(struct merge *merge);

/* Does all there is to do. 0, -ENOMEM, -EMFILE or -ENFILE; what is damaged is passed over. */
int merge_run(struct merge *merge) MUST_CHECK;

#endif

/* From the summaries of minutes to a segment's columns and back; for minutes.h. */
#ifndef TACHO_DAEMON_MINUTE_COLUMNS_H
#define TACHO_DAEMON_MINUTE_COLUMNS_H

#include "daemon/points.h"
#include "daemon/summary.h"

/* Some 45 KB: not for a stack. */
struct minute_columns {
    size_t count;
    struct minute minutes[SEGMENT_POINTS_MAX];
    struct summary summaries[SEGMENT_POINTS_MAX]; /* of one series; last: the last reading */
    int64_t heads[MINUTE_HEADS][SEGMENT_POINTS_MAX];
    uint64_t fields[MINUTE_FIELDS][SEGMENT_POINTS_MAX];
};

/* Begins a segment of these minutes. */
void minute_columns_begin(struct minute_columns *columns, struct segment_writer *writer);

/* Forgets the summaries: those of another series follow. */
void minute_columns_clear(struct minute_columns *columns);

/* Adds the series with these summaries, if it has any. 0 or -ENOMEM. */
int minute_columns_add(struct minute_columns *columns, struct segment_writer *writer, uint32_t id,
                       bool cumulative) MUST_CHECK;

#endif

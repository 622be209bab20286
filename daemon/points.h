/*
 * What the points of the archive's segments are: ticks, or minutes. A minute belongs to one run of
 * the wall clock; one that a segment begins or ends in has a part in each.
 */
#ifndef TACHO_DAEMON_POINTS_H
#define TACHO_DAEMON_POINTS_H

#include "daemon/segment.h"
#include "daemon/tick.h"

#define MINUTE_MS INT64_C(60000)

/* The heads of SEGMENT_TICKS: members of struct tick. */
enum tick_head {
    TICK_HEAD_SEQ,
    TICK_HEAD_TIME_MS,
    TICK_HEAD_MONO_NS,
    TICK_HEAD_FLAGS,
    TICK_HEADS,
};

/* The heads of SEGMENT_MINUTES: members of struct minute. */
enum minute_head {
    MINUTE_HEAD_TIME_MS,
    MINUTE_HEAD_FIRST_SEQ,
    MINUTE_HEAD_LAST_SEQ,
    MINUTE_HEAD_FLAGS,
    MINUTE_HEAD_COVERED_NS,
    MINUTE_HEAD_TICK_COUNT,
    MINUTE_HEADS,
};

/*
 * The fields of a series in SEGMENT_MINUTES, members of struct summary as words. Of counters
 * minimum and maximum are rounded to a float, the weight is stored less the minute's covered time,
 * and the last word is the last reading.
 */
enum minute_field {
    MINUTE_FIELD_MIN,
    MINUTE_FIELD_MAX,
    MINUTE_FIELD_SUM,
    MINUTE_FIELD_WEIGHT,
    MINUTE_FIELD_LAST,
    MINUTE_FIELDS,
};

/* Beside enum tick_flag: the wall clock was set back before its first tick, a run begins. */
#define MINUTE_SET_BACK (UINT32_C(1) << 30)

struct minute {
    int64_t time_ms; /* its start, a multiple of MINUTE_MS */
    uint64_t first_seq, last_seq;
    uint32_t flags;     /* of all its ticks, and MINUTE_SET_BACK */
    int64_t covered_ns; /* up to its ticks, from the ones before them */
    uint32_t tick_count;
};

static inline int64_t minute_start_ms(int64_t time_ms)
{
    return time_ms - time_ms % MINUTE_MS; /* times are after 1970 */
}

static inline bool points_are_ticks(const struct segment *segment)
{
    return segment->kind == SEGMENT_TICKS && segment->head_count == TICK_HEADS &&
           segment->field_count == 1;
}

static inline bool points_are_minutes(const struct segment *segment)
{
    return segment->kind == SEGMENT_MINUTES && segment->head_count == MINUTE_HEADS &&
           segment->field_count == MINUTE_FIELDS;
}

/* A point of a segment of ticks; its catalog is not kept. */
static inline struct tick points_tick(const struct segment *segment, size_t point)
{
    return (struct tick){
        .seq = (uint64_t)segment->heads[TICK_HEAD_SEQ][point],
        .time_ms = segment->heads[TICK_HEAD_TIME_MS][point],
        .mono_ns = segment->heads[TICK_HEAD_MONO_NS][point],
        .flags = (uint32_t)segment->heads[TICK_HEAD_FLAGS][point],
    };
}

/* A point of a segment of minutes. */
static inline struct minute points_minute(const struct segment *segment, size_t point)
{
    return (struct minute){
        .time_ms = segment->heads[MINUTE_HEAD_TIME_MS][point],
        .first_seq = (uint64_t)segment->heads[MINUTE_HEAD_FIRST_SEQ][point],
        .last_seq = (uint64_t)segment->heads[MINUTE_HEAD_LAST_SEQ][point],
        .flags = (uint32_t)segment->heads[MINUTE_HEAD_FLAGS][point],
        .covered_ns = segment->heads[MINUTE_HEAD_COVERED_NS][point],
        .tick_count = (uint32_t)segment->heads[MINUTE_HEAD_TICK_COUNT][point],
    };
}

#endif

/*
 * Minutes, which are kept for longer than ticks: made of each segment of ticks, and joined to
 * segments of up to SEGMENT_POINTS_MAX. Pure; any one thread.
 */
#ifndef TACHO_DAEMON_MINUTES_H
#define TACHO_DAEMON_MINUTES_H

#include "daemon/archive.h"
#include "daemon/points.h"
#include "daemon/summary.h"

/* How a series of the archive is to be understood. */
struct minutes_rule {
    bool cumulative;
    struct rate_rule rate;
};

/* Where that is looked up; find gives false for what is no longer known, which is left out. */
struct minutes_rules {
    bool (*find)(void *arg, uint32_t id, struct minutes_rule *out);
    void *arg;
};

/* What the rates of the next segment start from. All zero: there is nothing before it. */
struct minutes_baselines {
    struct minutes_baseline {
        uint32_t id;
        bool every_tick; /* of its rule */
        struct rate_baseline baseline;
    } * items; /* by id */
    size_t count;
    struct tick last; /* the tick before; its seq is 0 if there is none */
};

void minutes_baselines_finish(struct minutes_baselines *baselines);

/*
 * Appends to out a segment of the minutes that this segment of ticks touches, and moves the
 * baselines on to its end. Segments are given in order; where ticks lie between two of them rates
 * begin anew. A column that is damaged is left out. 0, -EBADMSG if these are no ticks, or -ENOMEM,
 * -EIO with out to be thrown away and the baselines empty.
 */
int minutes_make(const struct segment *ticks, struct minutes_baselines *baselines,
                 const struct minutes_rules *rules, struct segment_writer *writer,
                 struct buffer *out) MUST_CHECK;

/*
 * How many points the chunks, segments of minutes in order, have when joined: parts of one minute
 * become one if they are of one run and no tick is missing between them.
 */
size_t minutes_joined_count(const struct segment *const *chunks, size_t chunk_count);

/*
 * Appends to out a segment of the chunks joined. 0, -E2BIG if that is more than SEGMENT_POINTS_MAX,
 * -EBADMSG if one is not of minutes, or -ENOMEM, -EIO with out to be thrown away.
 */
int minutes_merge(const struct segment *const *chunks, size_t chunk_count,
                  const struct minutes_rules *rules, struct segment_writer *writer,
                  struct buffer *out) MUST_CHECK;

/*
 * What a series did in a minute, from the words that segment_read() gave of it; last is the last
 * reading.
 */
struct summary minutes_summary(const struct segment *minutes, const uint64_t *words, size_t point,
                               bool cumulative);

#endif

#include <errno.h>
#include <stdlib.h>

#include "daemon/histogram_sum.h"
#include "daemon/minute_columns.h"
#include "daemon/minutes.h"

/* Chunks that are being joined, and where in each of them the next series is. */
struct joining {
    const struct segment *const *chunks;
    size_t chunk_count;
    size_t *next;        /* a chunk: index of its first series that is not yet joined */
    uint16_t *points;    /* a part, those of all chunks in order: its point of what is joined */
    size_t *first_parts; /* a chunk: index of its first part in points */
    struct segment_writer *writer;
    uint64_t words[MINUTE_FIELDS * SEGMENT_POINTS_MAX];
    struct histogram_sum histogram;
    struct minute_columns columns;
};

static bool goes_on(const struct minute *minute, const struct minute *part)
{
    return part->time_ms == minute->time_ms && !(part->flags & MINUTE_SET_BACK) &&
           part->first_seq == minute->last_seq + 1;
}

static void join(struct minute *minute, const struct minute *part)
{
    minute->last_seq = part->last_seq;
    minute->flags |= part->flags;
    minute->covered_ns += part->covered_ns;
    minute->tick_count += part->tick_count;
}

size_t minutes_joined_count(const struct segment *const *chunks, size_t chunk_count)
{
    struct minute minute = {0};
    size_t count = 0;

    for (size_t i = 0; i < chunk_count; i++) {
        for (size_t k = 0; k < chunks[i]->point_count; k++) {
            const struct minute part = points_minute(chunks[i], k);

            if (count > 0 && goes_on(&minute, &part)) {
                join(&minute, &part);
            } else {
                minute = part;
                count++;
            }
        }
    }
    return count;
}

static void lay_out(struct joining *joining)
{
    struct minute_columns *columns = &joining->columns;
    struct minute *minute = NULL;
    size_t parts = 0;

    for (size_t i = 0; i < joining->chunk_count; i++) {
        joining->first_parts[i] = parts;
        for (size_t k = 0; k < joining->chunks[i]->point_count; k++) {
            const struct minute part = points_minute(joining->chunks[i], k);

            if (minute && goes_on(minute, &part)) {
                join(minute, &part);
            } else {
                minute = &columns->minutes[columns->count++];
                *minute = part;
            }
            joining->points[parts++] = (uint16_t)(columns->count - 1);
        }
    }
}

/* The lowest id that is not yet joined, with the index of a chunk that has it. */
static bool find_next(const struct joining *joining, uint32_t *id, size_t *chunk)
{
    uint32_t lowest = 0;
    bool found = false;

    for (size_t i = 0; i < joining->chunk_count; i++) {
        uint32_t candidate;

        if (joining->next[i] == joining->chunks[i]->series_count)
            continue;
        candidate = segment_id(joining->chunks[i], joining->next[i]);
        if (found && candidate >= lowest)
            continue;
        lowest = candidate;
        *chunk = i;
        found = true;
    }
    *id = lowest;
    return found;
}

static int add_summaries(struct joining *joining, size_t chunk, size_t index, bool cumulative)
{
    const struct segment *segment = joining->chunks[chunk];
    const uint16_t *points = joining->points + joining->first_parts[chunk];
    int result = segment_read(segment, index, joining->words);

    for (size_t i = 0; i < segment->point_count && result == 0; i++) {
        const struct summary summary = minutes_summary(segment, joining->words, i, cumulative);

        summary_merge(&joining->columns.summaries[points[i]], &summary);
    }
    return result;
}

static int add_histograms(struct joining *joining, size_t chunk, size_t index)
{
    const struct segment *segment = joining->chunks[chunk];
    const uint16_t *points = joining->points + joining->first_parts[chunk];
    uint32_t counts[SEGMENT_POINTS_MAX];
    AUTO_FREE struct histogram_pair *pairs = NULL;
    const struct histogram_pair *at;
    int result = segment_read_histogram(segment, index, counts, &pairs);

    at = pairs;
    for (size_t i = 0; i < segment->point_count && result == 0; i++) {
        if (counts[i] == SEGMENT_NO_PAIRS)
            continue;
        result = histogram_sum_add(&joining->histogram, points[i], at, counts[i]);
        at += counts[i];
    }
    return result;
}

/* A column that is damaged in one chunk is absent there. */
static int join_series(struct joining *joining, uint32_t id, bool is_histogram, bool cumulative)
{
    minute_columns_clear(&joining->columns);
    histogram_sum_begin(&joining->histogram);
    for (size_t i = 0; i < joining->chunk_count; i++) {
        const struct segment *segment = joining->chunks[i];
        size_t index = joining->next[i];
        int result = 0;

        if (index == segment->series_count || segment_id(segment, index) != id)
            continue;
        joining->next[i]++;
        if (is_histogram && segment_is_histogram(segment, index))
            result = add_histograms(joining, i, index);
        else if (!is_histogram && !segment_is_histogram(segment, index))
            result = add_summaries(joining, i, index, cumulative);
        if (result < 0 && result != -EBADMSG)
            return result;
    }
    if (is_histogram)
        return histogram_sum_write(&joining->histogram, joining->writer, id);
    return minute_columns_add(&joining->columns, joining->writer, id, cumulative);
}

static void skip_series(struct joining *joining, uint32_t id)
{
    for (size_t i = 0; i < joining->chunk_count; i++) {
        size_t index = joining->next[i];

        if (index < joining->chunks[i]->series_count && segment_id(joining->chunks[i], index) == id)
            joining->next[i]++;
    }
}

static int join_all(struct joining *joining, const struct minutes_rules *rules, struct buffer *out)
{
    uint32_t id;
    size_t chunk;

    lay_out(joining);
    minute_columns_begin(&joining->columns, joining->writer);
    while (find_next(joining, &id, &chunk)) {
        bool is_histogram = segment_is_histogram(joining->chunks[chunk], joining->next[chunk]);
        struct minutes_rule rule;
        int result;

        if (!rules->find(rules->arg, id, &rule)) {
            skip_series(joining, id);
            continue;
        }
        result = join_series(joining, id, is_histogram, rule.cumulative);
        if (result < 0)
            return result;
    }
    return segment_end(joining->writer, out);
}

int minutes_merge(const struct segment *const *chunks, size_t chunk_count,
                  const struct minutes_rules *rules, struct segment_writer *writer,
                  struct buffer *out)
{
    struct joining *joining;
    size_t *indexes;
    uint16_t *points;
    int result = -ENOMEM;

    for (size_t i = 0; i < chunk_count; i++) {
        if (!points_are_minutes(chunks[i]))
            return -EBADMSG;
    }
    if (minutes_joined_count(chunks, chunk_count) > SEGMENT_POINTS_MAX)
        return -E2BIG;
    joining = calloc(1, sizeof *joining);
    indexes = calloc(2 * chunk_count + 1, sizeof *indexes);
    points = calloc(chunk_count * SEGMENT_POINTS_MAX + 1, sizeof *points);
    if (joining && indexes && points) {
        joining->chunks = chunks;
        joining->chunk_count = chunk_count;
        joining->next = indexes;
        joining->first_parts = indexes + chunk_count;
        joining->points = points;
        joining->writer = writer;
        result = join_all(joining, rules, out);
        histogram_sum_finish(&joining->histogram);
    }
    free(joining);
    free(indexes);
    free(points);
    return result;
}

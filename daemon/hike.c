#include "daemon/hike.h"

#include <errno.h>

#include "daemon/minutes.h"

/* So often minutes may be merged under a walk. */
#define MAX_RENEWALS 8

enum use { USE_NOTHING, USE_MINUTE, USE_TICKS };

static enum use use_of(const struct hike *hike, const struct minute *minute)
{
    const struct walk_query *query = hike->walker.query;
    const int64_t end_ms = minute->time_ms + MINUTE_MS;
    bool is_inside = minute->time_ms >= query->from_ms && end_ms <= query->to_ms;

    if (minute->time_ms >= query->to_ms || end_ms <= query->from_ms)
        return USE_NOTHING;
    if (minute->first_seq < hike->next || minute->last_seq > query->last_seq ||
        (minute->first_seq >= hike->oldest_tick && !(hike->whole_minutes && is_inside)))
        return USE_TICKS;
    return minute->time_ms >= query->from_ms ? USE_MINUTE : USE_NOTHING;
}

/* As a bucket takes it: the last word of a rate is one. */
static void merge(struct walk *walk, size_t bucket, size_t series, struct summary *summary,
                  bool cumulative)
{
    if (walk->rates[series]) {
        summary->last = summary_word(summary, true, AGGREGATE_AVG);
    } else if (cumulative) {
        uint64_t last = summary->last;

        *summary = SUMMARY_EMPTY;
        summary->last = last;
    }
    summary_merge(&walk->summaries[bucket * walk->series_count + series], summary);
}

/* Both read the parts of a series that were given buckets. */
static int read_numbers(struct hike *hike, size_t index, size_t i)
{
    struct walker *walker = &hike->walker;
    const struct segment *segment = &hike->archived.segment;
    const bool cumulative = walker->query->series[i]->cumulative;
    int result = segment_read(segment, index, walker->words);

    for (size_t k = 0; k < segment->point_count && result == 0; k++) {
        struct summary summary;

        if (hike->buckets[k] == WALK_NO_BUCKET)
            continue;
        summary = minutes_summary(segment, walker->words, k, cumulative);
        merge(walker->walk, hike->buckets[k], i, &summary, cumulative);
    }
    return result;
}

static int read_parts(struct hike *hike, struct archive_entry *entry)
{
    struct walker *walker = &hike->walker;
    const struct segment *segment = &hike->archived.segment;

    for (size_t i = 0; i < walker->query->series_count && hike->some; i++) {
        const struct series *series = walker->query->series[i];
        int index = segment_find(segment, series->stored_id);
        int result;

        if (index < 0 ||
            segment_is_histogram(segment, (size_t)index) != (series->type == SAMPLE_HISTOGRAM))
            continue;
        result = series->type == SAMPLE_HISTOGRAM
                     ? walk_histograms_read(&walker->histograms, segment, (size_t)index, i,
                                            hike->buckets)
                     : read_numbers(hike, (size_t)index, i);
        if (walker_fails(result))
            return result;
        if (result < 0)
            archive_note_damage(walker->archive, entry, result);
    }
    for (size_t k = 0; k < SEGMENT_POINTS_MAX; k++)
        hike->buckets[k] = WALK_NO_BUCKET;
    hike->some = false;
    return 0;
}

static int count_minute(struct hike *hike, const struct minute *minute, size_t point)
{
    struct walk_buckets *buckets = &hike->walker.buckets;
    const struct tick mark = {.seq = minute->first_seq,
                              .time_ms = minute->time_ms,
                              .flags = minute->flags & ~MINUTE_SET_BACK};
    bool run_begins =
        (minute->flags & MINUTE_SET_BACK) || minute->time_ms < minute_start_ms(buckets->counted_ms);
    int result = walk_buckets_open(buckets, minute->time_ms, run_begins, minute->first_seq,
                                   &hike->buckets[point]);

    if (result == 0)
        result = walk_buckets_mark(buckets, &mark);
    hike->some = true;
    hike->walker.walk->last_seq = minute->last_seq;
    return result;
}

/* Ticks before this one that no minute was used for. */
static int step_before(struct hike *hike, uint64_t seq)
{
    const uint64_t last_seq = hike->walker.query->last_seq;
    const uint64_t to = seq <= last_seq ? seq - 1 : last_seq;

    return hike->next <= to ? walker_step(&hike->walker, hike->next, to) : 0;
}

static int walk_segment(struct hike *hike, struct archive_entry *entry)
{
    const struct segment *segment = &hike->archived.segment;
    int result = 0;

    for (size_t i = 0; i < segment->point_count && result == 0; i++) {
        const struct minute minute = points_minute(segment, i);
        enum use use = use_of(hike, &minute);

        if (use == USE_TICKS || minute.last_seq < hike->next)
            continue;
        if (hike->next < minute.first_seq) {
            result = read_parts(hike, entry);
            if (result == 0)
                result = step_before(hike, minute.first_seq);
        }
        if (result == 0 && use == USE_MINUTE)
            result = count_minute(hike, &minute, i);
        hike->next = minute.last_seq + 1;
    }
    return result == 0 ? read_parts(hike, entry) : result;
}

/* -ENODATA if it was removed meanwhile. */
static int walk_entry(struct hike *hike, struct archive_entry *entry)
{
    struct walker *walker = &hike->walker;
    int result;

    if (walker_is_cancelled(walker))
        return -ECANCELED;
    if (!walker_wants(walker, entry)) {
        result = step_before(hike, entry->first_seq);
        hike->next = entry->last_seq + 1;
        return result;
    }
    result = archive_open(walker->archive, entry, &hike->archived);
    if (result == 0) {
        if (points_are_minutes(&hike->archived.segment))
            result = walk_segment(hike, entry);
        archived_finish(&hike->archived);
        return result;
    }
    /* Its ticks may be there. */
    return walker_fails(result) || result == -ENODATA ? result : 0;
}

/* Another has taken the place of what was removed, unless it was the oldest. */
static int renew(struct hike *hike)
{
    struct archive_list list;

    if (archive_list(hike->walker.archive, ARCHIVE_MINUTES, &list) < 0)
        return -ENOMEM;
    archive_list_finish(&hike->minutes);
    hike->minutes = list;
    return 0;
}

static int walk_minutes(struct hike *hike)
{
    unsigned renewals = 0;
    int result = 0;

    for (size_t i = 0; i < hike->minutes.count && result == 0; i++) {
        struct archive_entry *entry = hike->minutes.entries[i];

        if (!hike->whole_minutes && entry->first_seq >= hike->oldest_tick)
            break;
        if (entry->last_seq < hike->next || entry->first_seq > hike->walker.query->last_seq)
            continue;
        result = walk_entry(hike, entry);
        if (result == -ENODATA) {
            result = 0;
            if (renewals++ < MAX_RENEWALS) {
                result = renew(hike);
                i = SIZE_MAX; /* from the first on; what is done is passed over */
            }
        }
    }
    return result;
}

int hike_walk(struct hike *hike)
{
    const struct walk_query *query = hike->walker.query;
    int result = 0;

    if (query->every_tick)
        hike->next = query->since_seq + 1;
    else
        result = walk_minutes(hike);
    if (result == 0)
        result = step_before(hike, UINT64_MAX);
    return result < 0 ? result : 0;
}

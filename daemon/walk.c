#include "daemon/walk.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/minutes.h"
#include "daemon/walker.h"

#define NOT_COUNTED SIZE_MAX
/* So often minutes may be merged under a walk. */
#define MAX_RENEWALS 8

/* A walk over the minutes, with the ticks where these are needed. */
struct hike {
    struct walker walker;
    struct archive_list minutes;
    bool whole_minutes;   /* they are as good as ticks */
    uint64_t oldest_tick; /* the first that is not only in minutes */
    uint64_t next;        /* the first tick that was not yet dealt with */
    struct archived archived;
    size_t buckets[SEGMENT_POINTS_MAX]; /* of the parts that count and are to be read, else NONE */
    bool some;                          /* there is one */
};

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

/* Reads the parts that were given buckets. */
static int read_parts(struct hike *hike, struct archive_entry *entry)
{
    struct walker *walker = &hike->walker;
    const struct segment *segment = &hike->archived.segment;

    for (size_t i = 0; i < walker->query->series_count && hike->some; i++) {
        const struct series *series = walker->query->series[i];
        int index = segment_find(segment, series->stored_id);
        int result;

        if (index < 0 || series->type != SAMPLE_NUMBER ||
            segment_is_histogram(segment, (size_t)index))
            continue;
        result = segment_read(segment, (size_t)index, walker->words);
        if (walker_fails(result))
            return result;
        if (result < 0)
            archive_note_damage(walker->archive, entry, result);
        for (size_t k = 0; k < segment->point_count && result == 0; k++) {
            struct summary summary;

            if (hike->buckets[k] == NOT_COUNTED)
                continue;
            summary = minutes_summary(segment, walker->words, k, series->cumulative);
            merge(walker->walk, hike->buckets[k], i, &summary, series->cumulative);
        }
    }
    for (size_t k = 0; k < SEGMENT_POINTS_MAX; k++)
        hike->buckets[k] = NOT_COUNTED;
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

static int walk_all(struct hike *hike)
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

/* The oldest tick that can be read as such; UINT64_MAX if none can. */
static uint64_t oldest_tick(const struct archive_list *seconds, const struct history *history,
                            int64_t *time_ms)
{
    const uint64_t last = history_last(history);
    struct tick tick;

    if (seconds->count > 0) {
        *time_ms = seconds->entries[0]->first_ms;
        return seconds->entries[0]->first_seq;
    }
    for (uint64_t seq = history_first(history); seq <= last; seq++) {
        if (history_read_tick(history, seq, &tick) == 0) {
            *time_ms = tick.time_ms;
            return seq;
        }
    }
    *time_ms = INT64_MAX;
    return UINT64_MAX;
}

/* Of counters as they are, minutes know the last value alone. */
static bool are_minutes_enough(const struct walk_query *query)
{
    bool last_alone = !query->wanted[AGGREGATE_AVG] && !query->wanted[AGGREGATE_MIN] &&
                      !query->wanted[AGGREGATE_MAX];

    if (query->step_ms % MINUTE_MS != 0)
        return false;
    for (size_t i = 0; i < query->series_count && query->raw && !last_alone; i++) {
        if (query->series[i]->cumulative)
            return false;
    }
    return true;
}

/* A series of a longer interval may have missed a value. */
static uint64_t lead_of(const struct series *series, uint32_t interval_ms)
{
    return 1 + (series->interval_ms > interval_ms ? 2 * (uint64_t)series->interval_ms / interval_ms
                                                  : 0);
}

static int begin(struct hike *hike, const struct walk_query *query, struct walk *walk)
{
    struct walker *walker = &hike->walker;
    const size_t count = query->series_count;
    int64_t time_ms;

    walk->rates = calloc(count + 1, sizeof *walk->rates);
    walker->rules = calloc(count + 1, sizeof *walker->rules);
    walker->baselines = calloc(count + 1, sizeof *walker->baselines);
    walker->row = calloc(count + 1, sizeof *walker->row);
    if (!walk->rates || !walker->rules || !walker->baselines || !walker->row ||
        archive_list(walker->archive, ARCHIVE_MINUTES, &hike->minutes) < 0 ||
        archive_list(walker->archive, ARCHIVE_SECONDS, &walker->seconds) < 0)
        return -ENOMEM;
    walk->series_count = count;
    walker->lead_ticks = 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t lead = lead_of(query->series[i], query->interval_ms);

        walk->rates[i] = query->series[i]->cumulative && !query->raw;
        walker->rules[i] = rate_rule_of(query->series[i], query->interval_ms);
        walker->baselines[i] = RATE_NO_BASELINE;
        if (walk->rates[i] && lead > walker->lead_ticks)
            walker->lead_ticks = lead;
    }
    walk_buckets_init(&walker->buckets, query, walk);
    for (size_t i = 0; i < SEGMENT_POINTS_MAX; i++)
        hike->buckets[i] = NOT_COUNTED;
    hike->whole_minutes = are_minutes_enough(query);
    hike->oldest_tick = oldest_tick(&walker->seconds, walker->history, &time_ms);
    hike->next = 1;
    return 0;
}

static void end(struct hike *hike)
{
    archive_list_finish(&hike->minutes);
    archive_list_finish(&hike->walker.seconds);
    free(hike->walker.rules);
    free(hike->walker.baselines);
    free(hike->walker.row);
}

int walk_read(struct archive *archive, const struct history *history,
              const struct walk_query *query, struct walk *out)
{
    AUTO_FREE struct hike *hike = calloc(1, sizeof *hike);
    struct walk walk = {0};
    int result;

    if (!hike)
        return -ENOMEM;
    hike->walker.archive = archive;
    hike->walker.history = history;
    hike->walker.query = query;
    hike->walker.walk = &walk;
    result = begin(hike, query, &walk);
    if (result == 0)
        result = walk_all(hike);
    end(hike);
    if (result == 0)
        *out = walk;
    else
        walk_finish(&walk);
    return result;
}

void walk_finish(struct walk *walk)
{
    free(walk->time_ms);
    free(walk->seqs);
    free(walk->summaries);
    free(walk->rates);
    free(walk->marks);
    *walk = (struct walk){0};
}

int64_t walk_finest_step(struct archive *archive, const struct history *history, int64_t from_ms)
{
    struct archive_list minutes, seconds;
    uint64_t oldest;
    int64_t time_ms, step_ms;

    if (archive_list(archive, ARCHIVE_MINUTES, &minutes) < 0)
        return -ENOMEM;
    if (archive_list(archive, ARCHIVE_SECONDS, &seconds) < 0) {
        archive_list_finish(&minutes);
        return -ENOMEM;
    }
    oldest = oldest_tick(&seconds, history, &time_ms);
    step_ms = minutes.count > 0 && minutes.entries[0]->first_seq < oldest && from_ms < time_ms
                  ? MINUTE_MS
                  : 0;
    archive_list_finish(&minutes);
    archive_list_finish(&seconds);
    return step_ms;
}

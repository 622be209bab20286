#include "daemon/walk.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/hike.h"

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
        if (query->series[i]->cumulative && query->series[i]->type == SAMPLE_NUMBER)
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
    int result;

    walk->rates = calloc(count + 1, sizeof *walk->rates);
    walker->rules = calloc(count + 1, sizeof *walker->rules);
    walker->baselines = calloc(count + 1, sizeof *walker->baselines);
    walker->row = calloc(count + 1, sizeof *walker->row);
    if (!walk->rates || !walker->rules || !walker->baselines || !walker->row ||
        archive_list(walker->archive, ARCHIVE_MINUTES, &hike->minutes) < 0 ||
        archive_list(walker->archive, ARCHIVE_SECONDS, &walker->seconds) < 0)
        return -ENOMEM;
    result = walk_histograms_init(&walker->histograms, query, walk);
    if (result < 0)
        return result;
    walk->series_count = count;
    walker->lead_ticks = 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t lead = lead_of(query->series[i], query->interval_ms);

        walk->rates[i] =
            query->series[i]->cumulative && !query->raw && query->series[i]->type == SAMPLE_NUMBER;
        walker->rules[i] = rate_rule_of(query->series[i], query->interval_ms);
        walker->baselines[i] = RATE_NO_BASELINE;
        if (walk->rates[i] && lead > walker->lead_ticks)
            walker->lead_ticks = lead;
    }
    walk_buckets_init(&walker->buckets, query, walk);
    for (size_t i = 0; i < SEGMENT_POINTS_MAX; i++)
        hike->buckets[i] = WALK_NO_BUCKET;
    hike->whole_minutes = are_minutes_enough(query);
    hike->oldest_tick = oldest_tick(&walker->seconds, walker->history, &time_ms);
    hike->next = 1;
    return 0;
}

static void end(struct hike *hike)
{
    archive_list_finish(&hike->minutes);
    archive_list_finish(&hike->walker.seconds);
    walk_histograms_finish(&hike->walker.histograms);
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
        result = hike_walk(hike);
    if (result == 0)
        walk_histograms_end(&hike->walker.histograms);
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
    free(walk->histograms);
    free(walk->quantiles);
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

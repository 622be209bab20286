#include "daemon/walker.h"

#include <errno.h>
#include <stdlib.h>

/* The ticks of one block that are stepped over, and what becomes of each. */
struct block {
    size_t begin, end; /* points of the segment */
    struct tick ticks[SEGMENT_POINTS_MAX];
    size_t buckets[SEGMENT_POINTS_MAX];   /* or WALK_NO_BUCKET */
    bool begins_anew[SEGMENT_POINTS_MAX]; /* others are missing before it */
    bool counts;                          /* one of them at least */
};

static bool is_histogram(const struct walker *walker, size_t series)
{
    return walker->walk->histograms[series] != WALK_NUMBER;
}

/* Gives the tick its bucket, or none, and makes it the former one. */
static int judge(struct walker *walker, const struct tick *tick, uint64_t from, bool *begins_anew,
                 size_t *bucket)
{
    const struct walk_query *query = walker->query;
    const struct tick former = walker->former;
    bool follows = former.seq != 0 && tick->seq == former.seq + 1;
    bool run_begins =
        (follows && tick->time_ms < former.time_ms) || tick->time_ms < walker->buckets.counted_ms;
    int result = 0;

    *begins_anew = !follows;
    *bucket = WALK_NO_BUCKET;
    if (tick->seq >= from && tick->time_ms >= query->from_ms && tick->time_ms < query->to_ms) {
        result = walk_buckets_open(&walker->buckets, tick->time_ms, run_begins, tick->seq, bucket);
        if (result == 0)
            result = walk_buckets_mark(&walker->buckets, tick);
        if (result == 0)
            walker->walk->last_seq = tick->seq;
    }
    walker->former = *tick;
    return result;
}

/* One series at ticks that follow each other, all of one bucket or of none. */
static void count_run(struct walker *walker, size_t series, const struct tick *ticks,
                      const bool *begins_anew, const uint64_t *words, size_t count, size_t bucket)
{
    const struct walk *walk = walker->walk;
    struct summary *place =
        bucket == WALK_NO_BUCKET ? NULL : &walk->summaries[bucket * walk->series_count + series];
    /* Not in its place: what is local is kept in registers. */
    struct summary summary = place ? *place : SUMMARY_EMPTY;

    if (walk->rates[series]) {
        struct rate_baseline *baseline = &walker->baselines[series];

        for (size_t i = 0; i < count; i++) {
            struct rate_increase increase;

            if (begins_anew[i])
                *baseline = RATE_NO_BASELINE;
            increase = rate_advance(baseline, &ticks[i], words[i], &walker->rules[series]);
            summary_add_increase(&summary, &increase);
        }
    } else if (place) {
        for (size_t i = 0; i < count; i++)
            summary_add_value(&summary, words[i]);
    }
    if (place)
        *place = summary;
}

static void count_column(struct walker *walker, size_t series, const struct block *block,
                         const uint64_t *words)
{
    size_t next;

    for (size_t i = block->begin; i < block->end; i = next) {
        for (next = i + 1; next < block->end && block->buckets[next] == block->buckets[i];)
            next++;
        count_run(walker, series, block->ticks + i, block->begins_anew + i, words + i, next - i,
                  block->buckets[i]);
    }
}

static int judge_block(struct walker *walker, const struct segment *segment, uint64_t from,
                       uint64_t to, struct block *block)
{
    int result = 0;

    *block = (struct block){0};
    for (size_t i = 0; i < SEGMENT_POINTS_MAX; i++)
        block->buckets[i] = WALK_NO_BUCKET;
    for (size_t i = 0; i < segment->point_count && result == 0; i++) {
        block->ticks[i] = points_tick(segment, i);
        if (block->ticks[i].seq > to)
            break;
        if (block->ticks[i].seq <= walker->former.seq) {
            block->begin = block->end = i + 1;
            continue;
        }
        result = judge(walker, &block->ticks[i], from, &block->begins_anew[i], &block->buckets[i]);
        if (result == 0)
            block->end = i + 1;
        block->counts = block->counts || block->buckets[i] != WALK_NO_BUCKET;
    }
    return result;
}

/* A series that has no column is absent: index is negative. */
static int step_numbers(struct walker *walker, size_t series, int index, const struct block *block)
{
    const struct segment *segment = &walker->archived.segment;
    int result = 0;

    if (index >= 0)
        result = segment_read(segment, (size_t)index, walker->words);
    for (size_t k = 0; k < segment->point_count && index < 0; k++)
        walker->words[k] = SAMPLE_ABSENT;
    if (result == 0)
        count_column(walker, series, block, walker->words);
    else /* What it had in these ticks is not known: there is no rate across them. */
        walker->baselines[series] = RATE_NO_BASELINE;
    return result;
}

static int step_histograms(struct walker *walker, size_t series, int index,
                           const struct block *block)
{
    if (index < 0)
        return 0;
    return walk_histograms_read(&walker->histograms, &walker->archived.segment, (size_t)index,
                                series, block->buckets);
}

static int step_columns(struct walker *walker, struct archive_entry *entry,
                        const struct block *block)
{
    const struct segment *segment = &walker->archived.segment;

    for (size_t i = 0; i < walker->walk->series_count; i++) {
        int index, result;

        /* Of the ticks before the span, only rates know anything. */
        if (!block->counts && !walker->walk->rates[i])
            continue;
        index = segment_find(segment, walker->query->series[i]->stored_id);
        if (index >= 0 && segment_is_histogram(segment, (size_t)index) != is_histogram(walker, i))
            continue;
        result = is_histogram(walker, i) ? step_histograms(walker, i, index, block)
                                         : step_numbers(walker, i, index, block);
        if (walker_fails(result))
            return result;
        if (result < 0)
            archive_note_damage(walker->archive, entry, result);
    }
    return 0;
}

static int step_entry(struct walker *walker, struct archive_entry *entry, uint64_t from,
                      uint64_t to)
{
    const struct segment *segment = &walker->archived.segment;
    struct block block;
    int result, enough;

    if (walker_is_cancelled(walker))
        return -ECANCELED;
    result = archive_open(walker->archive, entry, &walker->archived);
    if (result < 0)
        return walker_fails(result) ? result : 0;
    if (points_are_ticks(segment)) {
        enough = judge_block(walker, segment, from, to, &block);
        result = enough < 0 ? enough : step_columns(walker, entry, &block);
        if (result == 0)
            result = enough;
    }
    archived_finish(&walker->archived);
    return result;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The newest tick of the archive, as it was listed. */
static uint64_t sealed_seq(const struct walker *walker)
{
    const struct archive_list *list = &walker->seconds;

    return list->count > 0 ? list->entries[list->count - 1]->last_seq : 0;
}

/*
 * The first of these ticks of the head that counts, or has just left it; UINT64_MAX if there is
 * none.
 */
static uint64_t first_in_head(const struct walker *walker, uint64_t from, uint64_t to)
{
    const struct walk_query *query = walker->query;
    struct tick tick;

    const uint64_t last = history_last(walker->history);

    for (uint64_t seq = from; seq <= to && seq <= last; seq++) {
        if (history_read_tick(walker->history, seq, &tick) == 0
                ? tick.time_ms >= query->from_ms && tick.time_ms < query->to_ms
                : seq < history_first(walker->history))
            return seq;
    }
    return UINT64_MAX;
}

static uint64_t lead_before(const struct walker *walker, uint64_t seq)
{
    return seq > walker->lead_ticks ? seq - walker->lead_ticks : 1;
}

/*
 * Steps over the entries that count, and those before them that their rates start from: looked for
 * from the newest on, `lead` being the oldest tick that those behind need.
 */
static int step_entries(struct walker *walker, uint64_t from, uint64_t to, uint64_t lead)
{
    const struct archive_list *list = &walker->seconds;
    bool *needed = calloc(list->count + 1, sizeof *needed);
    int result = 0;

    if (!needed)
        return -ENOMEM;
    for (size_t i = list->count; i-- > 0;) {
        const struct archive_entry *entry = list->entries[i];
        bool counts =
            entry->last_seq >= from && entry->first_seq <= to && walker_wants(walker, entry);

        needed[i] = counts || (entry->last_seq >= lead && entry->first_seq <= to);
        if (counts) {
            uint64_t first = lead_before(walker, later(entry->first_seq, from));

            lead = lead < first ? lead : first;
        }
    }
    for (size_t i = 0; i < list->count && result == 0; i++) {
        if (needed[i] && list->entries[i]->last_seq > walker->former.seq)
            result = step_entry(walker, list->entries[i], from, to);
    }
    free(needed);
    return result;
}

/* Steps over one tick of the head; -ENODATA if it is not there. */
static int step_row(struct walker *walker, uint64_t seq, uint64_t from)
{
    const struct walk_query *query = walker->query;
    struct tick tick;
    bool begins_anew;
    size_t bucket;
    int result = history_read_tick(walker->history, seq, &tick);

    if (result < 0)
        return result;
    for (size_t i = 0; i < query->series_count; i++)
        history_read_column(walker->history, query->series[i], seq, 1, &walker->row[i]);
    walk_histograms_copy(&walker->histograms, walker->history, seq);
    /* While it is there, all that was read was its. */
    result = history_read_tick(walker->history, seq, &tick);
    if (result < 0)
        return result;
    result = judge(walker, &tick, from, &begins_anew, &bucket);
    for (size_t i = 0; i < query->series_count && result == 0; i++) {
        if (!is_histogram(walker, i))
            count_run(walker, i, &tick, &begins_anew, &walker->row[i], 1, bucket);
    }
    if (result == 0 && bucket != WALK_NO_BUCKET)
        result = walk_histograms_add_copied(&walker->histograms, bucket);
    return result;
}

/* Steps over what the head has from seq on. -EAGAIN if ticks have left it before that. */
static int step_head(struct walker *walker, uint64_t seq, uint64_t from, uint64_t to)
{
    const uint64_t last = history_last(walker->history);
    int result = 0;

    for (; seq <= to && seq <= last && result == 0; seq++) {
        if (seq % SEGMENT_POINTS_MAX == 0 && walker_is_cancelled(walker))
            return -ECANCELED;
        result = step_row(walker, seq, from);
        if (result == -ENODATA)
            result = seq < history_first(walker->history) ? -EAGAIN : 0;
    }
    return result;
}

/* Takes a new look at the archive. */
static int renew(struct walker *walker)
{
    struct archive_list list;

    if (archive_list(walker->archive, ARCHIVE_SECONDS, &list) < 0)
        return -ENOMEM;
    archive_list_finish(&walker->seconds);
    walker->seconds = list;
    return 0;
}

int walker_step(struct walker *walker, uint64_t from, uint64_t to)
{
    for (;;) {
        const uint64_t sealed = sealed_seq(walker);
        const uint64_t next = later(from, later(sealed, walker->former.seq) + 1);
        const uint64_t first = history_first(walker->history);
        uint64_t head, lead;
        int result;

        /* What left the head may have been sealed since. If not, it is nowhere. */
        if (next <= to && next < first) {
            if (renew(walker) < 0)
                return -ENOMEM;
            if (sealed_seq(walker) > sealed)
                continue;
        }
        head = first_in_head(walker, later(next, first), to);
        lead = head == UINT64_MAX ? head : lead_before(walker, head);
        result = step_entries(walker, from, to, lead);
        if (result != 0 || head == UINT64_MAX)
            return result;
        lead = later(lead, later(walker->former.seq + 1, history_first(walker->history)));
        result = step_head(walker, lead < head ? lead : head, from, to);
        if (result != -EAGAIN)
            return result;
    }
}

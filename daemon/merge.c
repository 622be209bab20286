#include "daemon/merge.h"

#include <errno.h>
#include <stdlib.h>

/* --- what a stored id means --- */

struct rules {
    const struct series **series; /* by stored id */
    size_t count;
    uint32_t interval_ms;
};

static int compare_stored_ids(const void *a, const void *b)
{
    const struct series *left = *(const struct series *const *)a;
    const struct series *right = *(const struct series *const *)b;

    return (left->stored_id > right->stored_id) - (left->stored_id < right->stored_id);
}

static int rules_init(struct rules *rules, const struct catalog *catalog, uint32_t interval_ms)
{
    *rules =
        (struct rules){.count = catalog->count + catalog->past_count, .interval_ms = interval_ms};
    rules->series = calloc(rules->count + 1, sizeof(struct series *));
    if (!rules->series)
        return -ENOMEM;
    for (size_t i = 0; i < rules->count; i++)
        rules->series[i] = catalog->series[i];
    qsort(rules->series, rules->count, sizeof(struct series *), compare_stored_ids);
    return 0;
}

static bool find_rule(void *arg, uint32_t id, struct minutes_rule *out)
{
    const struct rules *rules = arg;
    size_t low = 0, high = rules->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (rules->series[middle]->stored_id < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == rules->count || rules->series[low]->stored_id != id)
        return false;
    *out = (struct minutes_rule){
        .cumulative = rules->series[low]->cumulative,
        .rate = rate_rule_of(rules->series[low], rules->interval_ms),
    };
    return true;
}

/* --- minutes of ticks --- */

/* The segment is not to blame, and it is tried again. */
static bool is_shortage(int result)
{
    return result == -ENOMEM || result == -EMFILE || result == -ENFILE;
}

/* Minutes of the entry's ticks as a segment; the baselines move on to its end. */
static int make_minutes(struct merge *merge, const struct minutes_rules *rules,
                        struct archive_entry *entry, struct buffer *out)
{
    struct archived archived;
    int result = archive_open(merge->archive, entry, &archived);

    if (result < 0)
        return result;
    result = minutes_make(&archived.segment, &merge->baselines, rules, merge->writer, out);
    if (result < 0 && !is_shortage(result))
        archive_note_damage(merge->archive, entry, result);
    archived_finish(&archived);
    return result;
}

/* After a start: what the first rates begin from is at the end of the segment before. */
static int prime(struct merge *merge, const struct minutes_rules *rules,
                 struct archive_entry *entry)
{
    struct buffer unused = {0};
    int result = make_minutes(merge, rules, entry, &unused);

    buffer_finish(&unused);
    return is_shortage(result) ? result : 0;
}

static int add_minutes(struct merge *merge, const struct minutes_rules *rules,
                       struct archive_entry *entry)
{
    const struct archive_entry what = {.part = ARCHIVE_MINUTES,
                                       .first_seq = entry->first_seq,
                                       .last_seq = entry->last_seq,
                                       .first_ms = minute_start_ms(entry->first_ms),
                                       .last_ms = minute_start_ms(entry->last_ms)};
    struct buffer segment = {0};
    int result = make_minutes(merge, rules, entry, &segment);

    if (result == 0)
        return archive_add(merge->archive, &what, &segment);
    buffer_finish(&segment);
    return is_shortage(result) ? result : 0;
}

static int catch_up(struct merge *merge, const struct minutes_rules *rules)
{
    const uint64_t done_seq = archive_last_seq(merge->archive, ARCHIVE_MINUTES);
    struct archive_list list;
    int result = archive_list(merge->archive, ARCHIVE_SECONDS, &list);

    if (result < 0)
        return result;
    for (size_t i = 0; i < list.count && result == 0; i++) {
        struct archive_entry *entry = list.entries[i];

        if (entry->first_seq <= done_seq)
            continue;
        if (i > 0 && merge->baselines.last.seq != list.entries[i - 1]->last_seq)
            result = prime(merge, rules, list.entries[i - 1]);
        if (result == 0)
            result = add_minutes(merge, rules, entry);
    }
    archive_list_finish(&list);
    return result;
}

/* --- many segments of minutes --- */

/* The most points that they can have together. */
static size_t points_bound(const struct archive_list *list)
{
    size_t bound = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct archive_entry *entry = list->entries[i];

        bound += (size_t)((entry->last_ms - entry->first_ms) / MINUTE_MS) + 1;
        /* Where one goes on in the minute in which the other ended they share it. */
        bound -= i > 0 && entry->first_ms == list->entries[i - 1]->last_ms;
    }
    return bound;
}

static int open_all(struct merge *merge, const struct archive_list *list, struct archived *opened,
                    size_t *count)
{
    int result = 0;

    for (*count = 0; *count < list->count && result == 0; *count += result == 0)
        result = archive_open(merge->archive, list->entries[*count], &opened[*count]);
    return result;
}

/* What was damaged stays as it is, and apart. */
static int join(struct merge *merge, const struct minutes_rules *rules,
                const struct archive_list *list)
{
    const size_t bound = points_bound(list);
    struct archive_entry what = {.part = ARCHIVE_MINUTES,
                                 .first_seq = list->entries[0]->first_seq,
                                 .first_ms = list->entries[0]->first_ms,
                                 .last_ms = list->entries[0]->last_ms};
    struct archived opened[MERGE_MAX_SEGMENTS];
    const struct segment *segments[MERGE_MAX_SEGMENTS];
    struct buffer segment = {0};
    size_t count;
    int result = open_all(merge, list, opened, &count);

    for (size_t i = 0; i < count; i++)
        segments[i] = &opened[i].segment;
    if (result == 0)
        result = minutes_merge(segments, count, rules, merge->writer, &segment);
    for (size_t i = 0; i < count; i++)
        archived_finish(&opened[i]);
    if (result < 0) {
        buffer_finish(&segment);
        return result;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct archive_entry *entry = list->entries[i];

        what.last_seq = entry->last_seq;
        what.first_ms = entry->first_ms < what.first_ms ? entry->first_ms : what.first_ms;
        what.last_ms = entry->last_ms > what.last_ms ? entry->last_ms : what.last_ms;
    }
    what.merged = bound > SEGMENT_POINTS_MAX / 2;
    return archive_replace(merge->archive, list, &what, &segment);
}

/* From this entry on, as many as make one segment; fewer than could are not joined yet. */
static size_t take_run(const struct archive_list *list, size_t from, bool *is_complete)
{
    struct archive_list run = {.entries = list->entries + from};

    *is_complete = true;
    while (run.count < MERGE_MAX_SEGMENTS) {
        if (from + run.count == list->count) {
            *is_complete = false;
            return run.count;
        }
        if (list->entries[from + run.count]->merged)
            return run.count;
        run.count++;
        if (points_bound(&run) > SEGMENT_POINTS_MAX)
            return run.count - 1;
    }
    return run.count;
}

static int join_all(struct merge *merge, const struct minutes_rules *rules)
{
    struct archive_list list;
    int result = archive_list(merge->archive, ARCHIVE_MINUTES, &list);

    if (result < 0)
        return result;
    for (size_t from = 0; from < list.count && result != -ENOMEM;) {
        bool is_complete;
        struct archive_list run = {.entries = list.entries + from,
                                   .count = take_run(&list, from, &is_complete)};

        /* Steps of the clock and missing ticks make more points than are seen from without. */
        do {
            result = is_complete && run.count > 1 ? join(merge, rules, &run) : 0;
        } while (result == -E2BIG && (run.count /= 2) > 1);
        from += run.count > 0 ? run.count : 1;
    }
    archive_list_finish(&list);
    return result == -ENOMEM ? result : 0;
}

int merge_init(struct merge *merge, struct archive *archive, struct series_table *table,
               uint32_t interval_ms)
{
    *merge = (struct merge){.archive = archive, .table = table, .interval_ms = interval_ms};
    merge->writer = segment_writer_new();
    return merge->writer ? 0 : -ENOMEM;
}

void merge_finish(struct merge *merge)
{
    minutes_baselines_finish(&merge->baselines);
    segment_writer_free(merge->writer);
}

int merge_run(struct merge *merge)
{
    struct catalog *catalog = catalog_get(merge->table);
    struct rules rules;
    int result = rules_init(&rules, catalog, merge->interval_ms);

    if (result == 0) {
        const struct minutes_rules given = {.find = find_rule, .arg = &rules};

        result = catch_up(merge, &given);
        if (result == 0)
            result = join_all(merge, &given);
    }
    free(rules.series);
    catalog_put(catalog);
    return result;
}

#include "collectors/survey_series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"

/* Where findings are by their keys: open addressing, 1 more than an index or 0. */
struct places {
    uint32_t *at;
    size_t count; /* a power of 2 */
};

/* FNV-1a. */
static uint32_t hash_of(struct span key)
{
    uint32_t hash = 2166136261U;

    for (size_t index = 0; index < key.length; index++)
        hash = (hash ^ (unsigned char)key.at[index]) * 16777619U;
    return hash;
}

static int places_init(struct places *places, size_t count)
{
    places->count = 16;
    while (places->count < count * 2)
        places->count *= 2;
    places->at = calloc(places->count, sizeof *places->at);
    return places->at != NULL ? 0 : -ENOMEM;
}

/* The place of the finding with this key, or the empty one where it belongs. */
static uint32_t *find(const struct places *places, const struct findings *findings, struct span key)
{
    size_t place = hash_of(key) & (places->count - 1);

    while (places->at[place] != 0) {
        struct span other = findings_key(findings, &findings->items[places->at[place] - 1]);

        if (other.length == key.length && memcmp(other.at, key.at, key.length) == 0)
            break;
        place = (place + 1) & (places->count - 1);
    }
    return &places->at[place];
}

/* Of several with one key the first counts. */
static void leave_first_ones(struct findings *findings, const struct places *places)
{
    size_t kept = 0;

    for (size_t index = 0; index < findings->count; index++) {
        struct finding finding = findings->items[index];
        uint32_t *place = find(places, findings, findings_key(findings, &finding));

        if (*place != 0)
            continue;
        findings->items[kept++] = finding;
        *place = (uint32_t)kept;
    }
    findings->count = kept;
}

/* Room for so many more. */
static int reserve_ends(struct survey_ends *ends, size_t count)
{
    struct sink_series *items =
        array_reserve(ends->items, &ends->capacity, ends->count + count, sizeof *items);

    if (items == NULL)
        return -ENOMEM;
    ends->items = items;
    return 0;
}

/* Whether a series is told as it was before; who writes a text file may change what it says. */
static bool says_the_same(const struct findings *before, size_t former, const struct findings *now,
                          size_t index)
{
    const struct metric one = findings_metric(before, &before->items[former]);
    const struct metric other = findings_metric(now, &now->items[index]);

    return one.kind == other.kind && one.cumulative == other.cumulative &&
           strcmp(one.help, other.help) == 0;
}

/*
 * Gives each finding the series that its key had before; those that none has are to end. One that
 * is told otherwise is declared anew, and ends where that makes it another.
 */
static int move_series(struct survey_series *series, struct findings *findings,
                       struct survey_ends *ends)
{
    struct sink_series *items = calloc(findings->count + 1, sizeof *items);
    struct places places = {0};

    if (items == NULL || reserve_ends(ends, series->shown.count + 1) < 0 ||
        places_init(&places, findings->count) < 0) {
        free(items);
        return -ENOMEM;
    }
    leave_first_ones(findings, &places);
    for (size_t index = 0; index < series->shown.count; index++) {
        struct span key = findings_key(&series->shown, &series->shown.items[index]);
        uint32_t place = *find(&places, findings, key);

        if (place != 0 && says_the_same(&series->shown, index, findings, place - 1))
            items[place - 1] = series->items[index];
        else
            ends->items[ends->count++] = series->items[index];
    }
    free(places.at);
    free(series->items);
    series->items = items;
    return 0;
}

static void write_one(struct sink *sink, struct sink_series *series,
                      const struct findings *findings, const struct finding *finding)
{
    if (sink_lacks(sink, series)) {
        struct label labels[FINDINGS_LABELS_MAX];
        const struct metric metric = findings_metric(findings, finding);

        findings_labels(findings, finding, labels);
        sink_want(sink, series, &metric, labels, finding->label_count, finding->flags);
    }
    sink_set(sink, series->slot, finding->value);
}

int survey_series_write(struct survey_series *series, struct findings *findings,
                        struct survey_ends *ends, struct sink *sink)
{
    const struct findings former = series->shown;

    if (!findings_are_alike(&series->shown, findings)) {
        int result = move_series(series, findings, ends);

        if (result < 0)
            return result;
    }
    /* The two take turns: what was shown is room for the next reading. */
    series->shown = *findings;
    *findings = former;
    findings->trouble = series->shown.trouble;
    for (size_t index = 0; index < series->shown.count; index++)
        write_one(sink, &series->items[index], &series->shown, &series->shown.items[index]);
    return 0;
}

void survey_series_drop(struct survey_series *series, struct survey_ends *ends, struct sink *sink)
{
    bool room = reserve_ends(ends, series->shown.count + 1) == 0;

    for (size_t index = 0; index < series->shown.count; index++) {
        if (room)
            ends->items[ends->count++] = series->items[index];
        else
            sink_drop(sink, &series->items[index]);
    }
    survey_series_finish(series);
}

static bool has_slot(const struct sink_series *series, size_t count)
{
    return series->declared && series->slot < count;
}

void survey_series_mark(const struct survey_series *series, uint8_t *slots, size_t count)
{
    for (size_t index = 0; index < series->shown.count; index++) {
        const struct sink_series *item = &series->items[index];

        if (has_slot(item, count))
            slots[item->slot / 8] |= (uint8_t)(1U << item->slot % 8);
    }
}

void survey_ends_release(struct survey_ends *ends, const uint8_t *slots, size_t count,
                         struct sink *sink)
{
    for (size_t index = 0; index < ends->count; index++) {
        struct sink_series *item = &ends->items[index];

        if (!has_slot(item, count) || (slots[item->slot / 8] >> item->slot % 8 & 1) == 0)
            sink_drop(sink, item);
    }
    ends->count = 0;
}

void survey_ends_finish(struct survey_ends *ends)
{
    free(ends->items);
    *ends = (struct survey_ends){0};
}

void survey_series_finish(struct survey_series *series)
{
    findings_finish(&series->shown);
    free(series->items);
    series->items = NULL;
}

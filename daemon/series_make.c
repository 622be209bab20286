#include "daemon/series_make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/hash.h"

/* The former text's hash is the key: each length is part of it, so "a","b" and "ab","" differ. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text));
}

uint64_t series_hash(uint64_t key, const char *name, const struct label *labels, size_t count)
{
    uint64_t hash = hash_text(key, name);

    for (size_t i = 0; i < count; i++) {
        hash = hash_text(hash, labels[i].key);
        hash = hash_text(hash, labels[i].value);
    }
    return hash;
}

bool series_is(const struct series *series, const char *name, const struct label *labels,
               size_t count)
{
    if (series->label_count != count || strcmp(series->name, name) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(series->labels[i].key, labels[i].key) != 0 ||
            strcmp(series->labels[i].value, labels[i].value) != 0)
            return false;
    }
    return true;
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

int series_sort_labels(const struct label *labels, size_t count,
                       struct label sorted[SERIES_LABELS_MAX])
{
    if (count > SERIES_LABELS_MAX)
        return -EINVAL;
    if (count == 0)
        return 0;
    memcpy(sorted, labels, count * sizeof *labels);
    qsort(sorted, count, sizeof *sorted, compare_labels);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i - 1].key, sorted[i].key) == 0)
            return -EINVAL;
    }
    return 0;
}

bool series_goes_on(const struct series *series, const struct series_identity *identity)
{
    const struct metric *metric = identity->metric;

    return series->type == identity->type && series->kind == metric->kind &&
           series->cumulative == metric->cumulative && strcmp(series->unit, metric->unit) == 0 &&
           series_is(series, metric->name, identity->labels, identity->label_count);
}

bool series_equals(const struct series *one, const struct series *other)
{
    return one->id == other->id && one->stored_id == other->stored_id && one->kind == other->kind &&
           one->type == other->type && one->cumulative == other->cumulative &&
           one->flags == other->flags && one->interval_ms == other->interval_ms &&
           sample_word(one->wraps_at) == sample_word(other->wraps_at) &&
           sample_word(one->rate_max) == sample_word(other->rate_max) &&
           strcmp(one->unit, other->unit) == 0 && strcmp(one->help, other->help) == 0 &&
           series_is(one, other->name, other->labels, other->label_count);
}

bool series_says(const struct series *series, const struct metric *metric, unsigned flags,
                 uint32_t interval_ms)
{
    return series->flags == flags && series->interval_ms == interval_ms &&
           sample_word(series->rate_max) == sample_word(metric->rate_max) &&
           strcmp(series->help, metric->help) == 0;
}

static const char *copy_text(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*at, text, size);

    *at += size;
    return copy;
}

/* One allocation: the series, its labels, its texts. */
struct series *series_make(const struct metric *metric, const struct label *labels, size_t count)
{
    size_t size = sizeof(struct series) + count * sizeof(struct label) + strlen(metric->name) + 1 +
                  strlen(metric->unit) + 1 + strlen(metric->help) + 1;
    struct series *series;
    struct label *own;
    char *text;

    for (size_t i = 0; i < count; i++)
        size += strlen(labels[i].key) + 1 + strlen(labels[i].value) + 1;
    series = calloc(1, size);
    if (!series)
        return NULL;
    own = (struct label *)(series + 1);
    text = (char *)(own + count);
    series->name = copy_text(&text, metric->name);
    series->unit = copy_text(&text, metric->unit);
    series->help = copy_text(&text, metric->help);
    for (size_t i = 0; i < count; i++) {
        own[i].key = copy_text(&text, labels[i].key);
        own[i].value = copy_text(&text, labels[i].value);
    }
    series->labels = own;
    series->label_count = count;
    series->kind = metric->kind;
    series->cumulative = metric->cumulative;
    series->wraps_at = metric->wraps_at;
    series->rate_max = metric->rate_max;
    atomic_init(&series->references, 1);
    return series;
}

struct series *series_make_of(const struct series_identity *identity, unsigned flags,
                              uint32_t interval_ms)
{
    struct series *series = series_make(identity->metric, identity->labels, identity->label_count);

    if (!series)
        return NULL;
    series->type = identity->type;
    series->flags = flags;
    series->interval_ms = interval_ms;
    return series;
}

struct series *series_copy(const struct series *series)
{
    const struct metric metric = {.name = series->name,
                                  .unit = series->unit,
                                  .help = series->help,
                                  .kind = series->kind,
                                  .cumulative = series->cumulative,
                                  .wraps_at = series->wraps_at,
                                  .rate_max = series->rate_max};
    struct series *copy = series_make(&metric, series->labels, series->label_count);

    if (!copy)
        return NULL;
    copy->id = series->id;
    copy->stored_id = series->stored_id;
    copy->slot = series->slot;
    copy->type = series->type;
    copy->flags = series->flags;
    copy->interval_ms = series->interval_ms;
    copy->hash = series->hash;
    return copy;
}

struct series *series_hold(struct series *series)
{
    atomic_fetch_add(&series->references, 1);
    return series;
}

void series_put(struct series *series)
{
    if (series && atomic_fetch_sub(&series->references, 1) == 1)
        free(series);
}

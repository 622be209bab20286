#include "daemon/series.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/past.h"
#include "daemon/series_make.h"

struct entry {
    struct series *series; /* NULL: the slot is free */
    uint64_t hash;         /* beside the pointer, so that a search reads one line of cache */
    uint64_t released_seq; /* last tick that may hold a value; 0 while it is in use */
    uint32_t next;         /* slot of the next entry with this bucket, or NO_SLOT */
    bool unclaimed;        /* brought back by a restart, and not declared since */
};

#define NO_SLOT UINT32_MAX
/* This part of the limit is kept for what is one of a kind. */
#define RESERVED_SHARE 10

struct series_table {
    struct entry *entries; /* by slot */
    uint32_t *buckets;     /* by hash: the first entry's slot */
    uint32_t bucket_mask;  /* their number, a power of two, less one */
    uint32_t first_free;   /* no slot below it is free */
    uint32_t max_series;
    uint32_t slot_count;
    uint32_t live;
    uint32_t next_id;
    uint32_t version;
    bool changed;
    uint64_t refused;
    uint32_t unclaimed;
    struct past past;
    pthread_mutex_t lock; /* guards catalog, for the time of a swap or a reference */
    struct catalog *catalog;
};

static struct catalog *catalog_alloc(size_t count)
{
    struct catalog *catalog = calloc(1, sizeof *catalog + count * sizeof(struct series *));

    if (catalog)
        atomic_init(&catalog->references, 1);
    return catalog;
}

int series_table_new(uint32_t max_series, struct series_table **out)
{
    struct series_table *table = calloc(1, sizeof *table);
    uint32_t buckets = 1;

    if (!table)
        return -ENOMEM;
    /* Chains of a few entries: fewer pages are touched than with a bucket for each. */
    while (buckets < max_series / 4)
        buckets *= 2;
    table->entries = calloc(max_series, sizeof *table->entries);
    table->buckets = malloc(buckets * sizeof *table->buckets);
    table->catalog = catalog_alloc(0);
    if (past_init(&table->past, max_series) < 0 || !table->entries || !table->buckets ||
        !table->catalog) {
        past_finish(&table->past);
        free(table->entries);
        free(table->buckets);
        free(table->catalog);
        free(table);
        return -ENOMEM;
    }
    memset(table->buckets, 0xff, buckets * sizeof *table->buckets); /* NO_SLOT each */
    table->bucket_mask = buckets - 1;
    table->max_series = max_series;
    table->next_id = 1;
    pthread_mutex_init(&table->lock, NULL);
    *out = table;
    return 0;
}

void series_table_free(struct series_table *table)
{
    if (!table)
        return;
    for (uint32_t slot = 0; slot < table->slot_count; slot++)
        series_put(table->entries[slot].series);
    past_finish(&table->past);
    catalog_put(table->catalog);
    pthread_mutex_destroy(&table->lock);
    free(table->entries);
    free(table->buckets);
    free(table);
}

static uint32_t *bucket_of(struct series_table *table, uint64_t hash)
{
    return &table->buckets[(uint32_t)hash & table->bucket_mask];
}

static struct entry *find_entry(struct series_table *table, uint64_t hash, const char *name,
                                const struct label *labels, size_t count)
{
    uint32_t slot = *bucket_of(table, hash);

    for (; slot != NO_SLOT; slot = table->entries[slot].next) {
        struct entry *entry = &table->entries[slot];

        if (entry->hash == hash && series_is(entry->series, name, labels, count))
            return entry;
    }
    return NULL;
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static int sort_labels(const struct label *labels, size_t count, struct label *sorted)
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

/* The lowest, so that rows stay short. There is one. */
static uint32_t take_free_slot(struct series_table *table)
{
    uint32_t slot = table->first_free;

    while (slot < table->slot_count && table->entries[slot].series)
        slot++;
    table->first_free = slot + 1;
    if (slot == table->slot_count)
        table->slot_count++;
    return slot;
}

static void add_entry(struct series_table *table, struct series *series)
{
    uint32_t *bucket = bucket_of(table, series->hash);

    table->entries[series->slot] =
        (struct entry){.series = series, .hash = series->hash, .next = *bucket};
    *bucket = series->slot;
    table->live++;
    table->changed = true;
}

static void remove_entry(struct series_table *table, uint32_t slot)
{
    struct entry *entry = &table->entries[slot];
    uint32_t *link = bucket_of(table, entry->hash);

    while (*link != slot)
        link = &table->entries[*link].next;
    *link = entry->next;
    table->unclaimed -= entry->unclaimed;
    series_put(entry->series);
    *entry = (struct entry){0};
    if (slot < table->first_free)
        table->first_free = slot;
    table->live--;
    table->changed = true;
}

/* A series is immutable: another one takes its place, with its id and its slot. */
static int change_series(struct series_table *table, struct entry *entry,
                         const struct metric *metric, const struct label *labels, unsigned flags,
                         uint32_t interval_ms, enum sample_type type)
{
    const struct series *former = entry->series;
    struct series *series = series_make(metric, labels, former->label_count);

    if (!series)
        return -ENOMEM;
    series->id = former->id;
    series->stored_id = former->stored_id;
    series->slot = former->slot;
    series->hash = former->hash;
    series->interval_ms = interval_ms;
    series->type = type;
    series->flags = flags;
    series_put(entry->series);
    entry->series = series;
    table->changed = true;
    return 0;
}

/*
 * Devices by the hundred must not keep out what there is one of, nor what the page shows first: the
 * last tenth is not for series that are told apart by labels only.
 */
static bool has_room(const struct series_table *table, size_t label_count, unsigned flags)
{
    bool one_of_many = label_count > 0 && !(flags & (SERIES_DERIVED | SERIES_OWN));
    uint32_t reserve = one_of_many ? table->max_series / RESERVED_SHARE : 0;

    return table->live < table->max_series - reserve;
}

int series_table_declare(struct series_table *table, const struct metric *metric,
                         const struct label *labels, size_t label_count, unsigned flags,
                         uint32_t interval_ms, enum sample_type type, uint32_t *slot)
{
    struct label sorted[SERIES_LABELS_MAX] = {0};
    struct series *series;
    struct entry *entry;
    uint64_t hash;
    int result;

    *slot = SINK_NO_SLOT;
    result = sort_labels(labels, label_count, sorted);
    if (result < 0)
        return result;
    hash = series_hash(metric->name, sorted, label_count, type);
    entry = find_entry(table, hash, metric->name, sorted, label_count);
    if (entry && (flags & SERIES_APPLICATION) && !(entry->series->flags & SERIES_APPLICATION))
        return -EEXIST;
    if (entry) {
        entry->released_seq = 0;
        *slot = entry->series->slot;
        if (!entry->unclaimed && entry->series->flags == flags &&
            sample_word(entry->series->rate_max) == sample_word(metric->rate_max))
            return 0;
        table->unclaimed -= entry->unclaimed;
        entry->unclaimed = false;
        return change_series(table, entry, metric, sorted, flags, interval_ms, type);
    }
    if (!has_room(table, label_count, flags)) {
        table->refused++;
        return -ENOSPC;
    }
    series = series_make(metric, sorted, label_count);
    if (!series)
        return -ENOMEM;
    series->hash = hash;
    series->flags = flags;
    series->interval_ms = interval_ms;
    series->type = type;
    series->id = table->next_id++;
    series->stored_id = past_take(&table->past, hash, metric->name, sorted, label_count);
    if (series->stored_id == 0)
        series->stored_id = series->id;
    series->slot = take_free_slot(table);
    add_entry(table, series);
    *slot = series->slot;
    return 0;
}

void series_table_release(struct series_table *table, uint32_t slot, uint64_t seq)
{
    struct entry *entry = slot < table->slot_count ? &table->entries[slot] : NULL;

    if (entry && entry->series && entry->released_seq == 0)
        entry->released_seq = seq;
}

size_t series_table_collect(struct series_table *table, uint64_t first_seq)
{
    size_t count = 0;

    for (uint32_t slot = 0; slot < table->slot_count && count < SERIES_COLLECT_MAX; slot++) {
        struct entry *entry = &table->entries[slot];

        if (entry->released_seq == 0 || entry->released_seq >= first_seq)
            continue;
        past_add(&table->past, entry->series, entry->released_seq);
        remove_entry(table, slot);
        count++;
    }
    return count;
}

void series_table_forget(struct series_table *table, uint64_t first_seq)
{
    if (past_forget(&table->past, first_seq) > 0)
        table->changed = true;
}

int series_table_restore(struct series_table *table, const struct series *stored, uint64_t last_seq)
{
    struct series *series;

    if (stored->id < table->next_id)
        return -EINVAL;
    if (last_seq == 0 && table->live == table->max_series)
        return -ENOSPC;
    series = series_copy(stored);
    if (!series)
        return -ENOMEM;
    series->hash = series_hash(series->name, series->labels, series->label_count, series->type);
    table->next_id = series->id + 1;
    if (last_seq != 0) {
        past_add(&table->past, series, last_seq);
        series_put(series);
        table->changed = true;
        return 0;
    }
    series->slot = take_free_slot(table);
    add_entry(table, series);
    table->entries[series->slot].unclaimed = true;
    table->unclaimed++;
    return 0;
}

void series_table_skip_ids(struct series_table *table, uint32_t count)
{
    table->next_id += count;
}

void series_table_release_unclaimed(struct series_table *table, uint32_t interval_ms, uint64_t seq)
{
    for (uint32_t slot = 0; table->unclaimed > 0 && slot < table->slot_count; slot++) {
        struct entry *entry = &table->entries[slot];

        if (!entry->unclaimed || entry->series->interval_ms > interval_ms)
            continue;
        entry->unclaimed = false;
        table->unclaimed--;
        series_table_release(table, slot, seq);
    }
}

static int compare_ids(const void *a, const void *b)
{
    uint32_t left = (*(struct series *const *)a)->id;
    uint32_t right = (*(struct series *const *)b)->id;

    return (left > right) - (left < right);
}

int series_table_publish(struct series_table *table)
{
    struct catalog *catalog, *former;

    if (!table->changed)
        return 0;
    catalog = catalog_alloc(table->live + table->past.count);
    if (!catalog)
        return -ENOMEM;
    for (uint32_t slot = 0; slot < table->slot_count; slot++) {
        struct series *series = table->entries[slot].series;

        if (series)
            catalog->series[catalog->count++] = series_hold(series);
    }
    qsort(catalog->series, catalog->count, sizeof(struct series *), compare_ids);
    for (size_t i = 0; i < table->past.count; i++)
        catalog->series[catalog->count + catalog->past_count++] =
            series_hold(table->past.entries[i].series);
    qsort(catalog->series + catalog->count, catalog->past_count, sizeof(struct series *),
          compare_ids);
    catalog->slot_count = table->slot_count;
    catalog->version = ++table->version;
    table->changed = false;

    pthread_mutex_lock(&table->lock);
    former = table->catalog;
    table->catalog = catalog;
    pthread_mutex_unlock(&table->lock);
    catalog_put(former);
    return 1;
}

uint64_t series_table_refused(const struct series_table *table)
{
    return table->refused;
}

struct catalog *catalog_get(struct series_table *table)
{
    struct catalog *catalog;

    pthread_mutex_lock(&table->lock);
    catalog = catalog_hold(table->catalog);
    pthread_mutex_unlock(&table->lock);
    return catalog;
}

struct catalog *catalog_hold(struct catalog *catalog)
{
    atomic_fetch_add(&catalog->references, 1);
    return catalog;
}

void catalog_put(struct catalog *catalog)
{
    if (!catalog || atomic_fetch_sub(&catalog->references, 1) != 1)
        return;
    for (size_t i = 0; i < catalog->count + catalog->past_count; i++)
        series_put(catalog->series[i]);
    free(catalog);
}

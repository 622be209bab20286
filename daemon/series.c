#include "daemon/series.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/catalog.h"
#include "daemon/hash.h"
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
    uint32_t of_applications; /* of the live ones, and how many may be */
    uint32_t max_of_applications;
    uint64_t hash_key;
    uint32_t next_id;
    uint32_t version;
    bool changed;
    uint64_t refused;
    uint32_t unclaimed;
    struct past past;
    pthread_mutex_t lock; /* guards catalog, for the time of a swap or a reference */
    struct catalog *catalog;
};

int series_table_new(uint32_t max_series, struct series_table **out)
{
    struct series_table *table = calloc(1, sizeof *table);
    uint32_t buckets = 1;

    if (!table)
        return -ENOMEM;
    if (hash_make_key(&table->hash_key) < 0) {
        free(table);
        return -EIO;
    }
    /* Chains of a few entries: fewer pages are touched than with a bucket for each. */
    while (buckets < max_series / 4)
        buckets *= 2;
    table->entries = calloc(max_series, sizeof *table->entries);
    table->buckets = malloc(buckets * sizeof *table->buckets);
    table->catalog = catalog_new(0);
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
    table->max_series = table->max_of_applications = max_series;
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

void series_table_limit_applications(struct series_table *table, uint32_t max)
{
    table->max_of_applications = max;
}

static uint32_t *bucket_of(struct series_table *table, uint64_t hash)
{
    return &table->buckets[(uint32_t)hash & table->bucket_mask];
}

static bool is_live(const struct entry *entry)
{
    return entry->released_seq == 0 && !entry->unclaimed;
}

/*
 * The entry that goes on as this one, if there is one. What is written now has its name and labels
 * to itself among applications: -EEXIST.
 */
static int find_entry(struct series_table *table, uint64_t hash,
                      const struct series_identity *identity, unsigned flags, struct entry **out)
{
    bool taken = false;
    uint32_t slot = *bucket_of(table, hash);

    *out = NULL;
    for (; slot != NO_SLOT; slot = table->entries[slot].next) {
        struct entry *entry = &table->entries[slot];
        const struct series *series = entry->series;

        if (entry->hash != hash ||
            !series_is(series, identity->metric->name, identity->labels, identity->label_count))
            continue;
        if (series_goes_on(series, identity))
            *out = entry;
        else if (series->type == identity->type && is_live(entry))
            taken = true;
        if (!(series->flags & SERIES_APPLICATION))
            taken = true;
    }
    return taken && (flags & SERIES_APPLICATION) ? -EEXIST : 0;
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

static bool is_application(const struct series *series)
{
    return series->flags & SERIES_APPLICATION;
}

static void add_entry(struct series_table *table, struct series *series)
{
    uint32_t *bucket = bucket_of(table, series->hash);

    table->entries[series->slot] =
        (struct entry){.series = series, .hash = series->hash, .next = *bucket};
    *bucket = series->slot;
    table->live++;
    table->of_applications += is_application(series);
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
    table->of_applications -= is_application(entry->series);
    series_put(entry->series);
    *entry = (struct entry){0};
    if (slot < table->first_free)
        table->first_free = slot;
    table->live--;
    table->changed = true;
}

/* A series is immutable: another one takes its place, with its ids and its slot. */
static int go_on(struct series_table *table, struct entry *entry,
                 const struct series_identity *identity, unsigned flags, uint32_t interval_ms)
{
    const struct series *former = entry->series;
    struct series *series;

    if (!entry->unclaimed && series_says(former, identity->metric, flags, interval_ms)) {
        entry->released_seq = 0;
        return 0;
    }
    series = series_make_of(identity, flags, interval_ms);
    if (!series)
        return -ENOMEM;
    entry->released_seq = 0;
    table->unclaimed -= entry->unclaimed;
    entry->unclaimed = false;
    series->id = former->id;
    series->stored_id = former->stored_id;
    series->slot = former->slot;
    series->hash = former->hash;
    table->of_applications -= is_application(former);
    table->of_applications += is_application(series);
    series_put(entry->series);
    entry->series = series;
    table->changed = true;
    return 0;
}

/*
 * Devices by the hundred must not keep out what there is one of, nor what the page shows first: the
 * last tenth is not for series that are told apart by labels only. Applications have a share, which
 * what they had and is not collected yet still takes up.
 */
static bool has_room(const struct series_table *table, size_t label_count, unsigned flags)
{
    bool one_of_many = label_count > 0 && !(flags & (SERIES_DERIVED | SERIES_OWN));
    uint32_t reserve = one_of_many ? table->max_series / RESERVED_SHARE : 0;

    if ((flags & SERIES_APPLICATION) && table->of_applications >= table->max_of_applications)
        return false;
    return table->live < table->max_series - reserve;
}

static int add_series(struct series_table *table, uint64_t hash,
                      const struct series_identity *identity, unsigned flags, uint32_t interval_ms,
                      uint32_t *slot)
{
    struct series *series;

    if (!has_room(table, identity->label_count, flags)) {
        table->refused++;
        return -ENOSPC;
    }
    series = series_make_of(identity, flags, interval_ms);
    if (!series)
        return -ENOMEM;
    series->hash = hash;
    series->id = table->next_id++;
    series->stored_id = past_take(&table->past, hash, identity);
    if (series->stored_id == 0)
        series->stored_id = series->id;
    series->slot = take_free_slot(table);
    add_entry(table, series);
    *slot = series->slot;
    return 0;
}

int series_table_declare(struct series_table *table, const struct metric *metric,
                         const struct label *labels, size_t label_count, unsigned flags,
                         uint32_t interval_ms, enum sample_type type, uint32_t *slot)
{
    struct label sorted[SERIES_LABELS_MAX] = {0};
    const struct series_identity identity = {
        .metric = metric, .type = type, .labels = sorted, .label_count = label_count};
    struct entry *entry;
    uint64_t hash;
    int result;

    *slot = SINK_NO_SLOT;
    result = series_sort_labels(labels, label_count, sorted);
    if (result < 0)
        return result;
    hash = series_hash(table->hash_key, metric->name, sorted, label_count);
    result = find_entry(table, hash, &identity, flags, &entry);
    if (result < 0)
        return result;
    if (!entry)
        return add_series(table, hash, &identity, flags, interval_ms, slot);
    result = go_on(table, entry, &identity, flags, interval_ms);
    if (result == 0)
        *slot = entry->series->slot;
    return result;
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
    series->hash = series_hash(table->hash_key, series->name, series->labels, series->label_count);
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

int series_table_publish(struct series_table *table)
{
    struct catalog *catalog, *former;

    if (!table->changed)
        return 0;
    catalog = catalog_new(table->live + table->past.count);
    if (!catalog)
        return -ENOMEM;
    for (uint32_t slot = 0; slot < table->slot_count; slot++) {
        struct series *series = table->entries[slot].series;

        if (series)
            catalog->series[catalog->count++] = series_hold(series);
    }
    for (size_t i = 0; i < table->past.count; i++)
        catalog->series[catalog->count + catalog->past_count++] =
            series_hold(table->past.entries[i].series);
    catalog_sort(catalog);
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

#include "daemon/scrape_cache.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/hash.h"
#include "daemon/scrape_entry.h"

#define BUCKETS_FIRST 64

struct scrape_cache {
    struct scrape_cache_options options;
    struct label *labels;          /* the options', its own */
    uint64_t seed;                 /* of hashes: a target cannot choose those that collide */
    struct scrape_entry **entries; /* in no order */
    size_t count, capacity;
    struct scrape_entry **buckets; /* by hash; a power of two of them */
    size_t bucket_count;
    uint64_t scrape; /* its number */
    size_t seen;     /* entries, of this scrape */
    size_t fresh;    /* and those of them that it made */
    size_t charged;  /* what the quota has counted: of the last scrape, or of this if it has more */
    size_t bytes, fresh_bytes; /* of the texts of those */
    size_t samples;
    struct scrape_refusals refused;
    struct scrape_entry *first; /* of the last whole scrape, as it stood in the text */
    struct scrape_entry *last;  /* of this one, so far */
    struct exposition_series described;
};

/* --- the table --- */

int scrape_cache_new(const struct scrape_cache_options *options, struct scrape_cache **out)
{
    struct scrape_cache *cache = calloc(1, sizeof *cache);
    int result;

    if (!cache)
        return -ENOMEM;
    cache->options = *options;
    cache->labels = scrape_labels_copy(options->labels, options->label_count);
    cache->options.labels = cache->labels;
    cache->bucket_count = BUCKETS_FIRST;
    cache->buckets = calloc(BUCKETS_FIRST, sizeof(struct scrape_entry *));
    result = cache->labels && cache->buckets ? hash_make_key(&cache->seed) : -ENOMEM;
    if (result < 0) {
        scrape_cache_free(cache);
        return result;
    }
    *out = cache;
    return 0;
}

static void forget_all(struct scrape_cache *cache)
{
    series_quota_give(cache->options.quota, cache->charged);
    cache->charged = 0;
    while (cache->count > 0)
        scrape_entry_free(cache->entries[--cache->count]);
    for (size_t i = 0; i < cache->bucket_count; i++)
        cache->buckets[i] = NULL;
    cache->first = cache->last = NULL;
}

void scrape_cache_free(struct scrape_cache *cache)
{
    if (!cache)
        return;
    if (cache->buckets)
        forget_all(cache);
    exposition_series_finish(&cache->described);
    free(cache->labels);
    free(cache->entries);
    free(cache->buckets);
    free(cache);
}

static struct scrape_entry **bucket_of(const struct scrape_cache *cache, uint64_t hash)
{
    return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static struct scrape_entry *find(const struct scrape_cache *cache, struct span text, uint64_t hash)
{
    struct scrape_entry *entry = *bucket_of(cache, hash);

    while (entry && (entry->hash != hash || !scrape_entry_is(entry, text)))
        entry = entry->chain;
    return entry;
}

/* Where there is no memory for more buckets, those that there are have to do. */
static void grow_buckets(struct scrape_cache *cache)
{
    size_t count = cache->bucket_count * 2;
    struct scrape_entry **buckets = calloc(count, sizeof(struct scrape_entry *));

    if (!buckets)
        return;
    free(cache->buckets);
    cache->buckets = buckets;
    cache->bucket_count = count;
    for (size_t i = 0; i < cache->count; i++) {
        struct scrape_entry **bucket = bucket_of(cache, cache->entries[i]->hash);

        cache->entries[i]->chain = *bucket;
        *bucket = cache->entries[i];
    }
}

static bool make_place(struct scrape_cache *cache)
{
    size_t capacity = cache->capacity * 2 + 16;
    struct scrape_entry **grown;

    if (cache->count < cache->capacity)
        return true;
    grown = reallocarray(cache->entries, capacity, sizeof(struct scrape_entry *));
    if (!grown)
        return false;
    cache->entries = grown;
    cache->capacity = capacity;
    return true;
}

static void insert(struct scrape_cache *cache, struct scrape_entry *entry)
{
    struct scrape_entry **bucket;

    if (cache->count >= cache->bucket_count)
        grow_buckets(cache);
    bucket = bucket_of(cache, entry->hash);
    entry->chain = *bucket;
    *bucket = entry;
    cache->entries[cache->count++] = entry;
}

/* Of the entry at this place, which the last one takes. */
static void forget(struct scrape_cache *cache, size_t index)
{
    struct scrape_entry *entry = cache->entries[index];
    struct scrape_entry **link = bucket_of(cache, entry->hash);

    while (*link != entry)
        link = &(*link)->chain;
    *link = entry->chain;
    cache->entries[index] = cache->entries[--cache->count];
    scrape_entry_free(entry);
}

/* --- a scrape --- */

void scrape_cache_begin(struct scrape_cache *cache)
{
    cache->scrape++;
    cache->seen = cache->fresh = cache->bytes = cache->fresh_bytes = cache->samples = 0;
    cache->refused = (struct scrape_refusals){0};
    cache->last = NULL;
}

/* Those of the last scrape that are there no more leave their place to one more of this. */
static bool charge(struct scrape_cache *cache)
{
    if (cache->seen < cache->charged)
        return true;
    if (!series_quota_take(cache->options.quota, 1))
        return false;
    cache->charged++;
    return true;
}

static void refuse(struct scrape_cache *cache, enum drop_reason reason)
{
    if (reason == DROP_SERIES)
        cache->refused.beyond++;
    else if (reason == DROP_TOO_LONG)
        cache->refused.too_long++;
    drops_add(cache->options.drops, reason, 1);
}

static bool is_too_much(const struct scrape_cache *cache, size_t bytes)
{
    const size_t most = cache->options.max_series * SCRAPE_SERIES_BYTES;

    return bytes > (most > SCRAPE_TEXTS_MIN ? most : SCRAPE_TEXTS_MIN);
}

/* A series that is new, if there is room for it. */
static struct scrape_entry *make_entry(struct scrape_cache *cache,
                                       const struct exposition *exposition,
                                       const struct exposition_sample *sample, uint64_t hash)
{
    const struct scrape_cache_options *options = &cache->options;
    struct scrape_entry *entry = NULL;
    int result;

    if (cache->seen >= options->max_series || !make_place(cache) || !charge(cache)) {
        refuse(cache, DROP_SERIES);
        return NULL;
    }
    if (is_too_much(cache, cache->bytes + sample->series.length)) {
        refuse(cache, DROP_TOO_LONG);
        return NULL;
    }
    result = exposition_describe(exposition, sample, &cache->described);
    if (result == 0)
        result = scrape_entry_new(sample->series, &cache->described, options->labels,
                                  options->label_count, &entry);
    if (result < 0 || !entry) {
        refuse(cache, result == -EBADMSG ? DROP_MALFORMED : DROP_TOO_LONG);
        return NULL;
    }
    entry->hash = hash;
    entry->made = cache->scrape;
    cache->fresh++;
    cache->fresh_bytes += entry->length;
    insert(cache, entry);
    return entry;
}

/* Most often what followed the last one in the scrape before follows it again. */
static struct scrape_entry *look_up(struct scrape_cache *cache, const struct exposition *exposition,
                                    const struct exposition_sample *sample)
{
    struct scrape_entry *entry = cache->last ? cache->last->next : cache->first;
    uint64_t hash;

    if (entry && scrape_entry_is(entry, sample->series))
        return entry;
    hash = hash_bytes(cache->seed, sample->series.at, sample->series.length);
    entry = find(cache, sample->series, hash);
    return entry ? entry : make_entry(cache, exposition, sample, hash);
}

void scrape_cache_take(struct scrape_cache *cache, const struct exposition *exposition,
                       const struct exposition_sample *sample)
{
    struct scrape_entry *entry = look_up(cache, exposition, sample);

    cache->samples++;
    if (!entry)
        return;
    entry->value = sample->value;
    if (entry->scrape == cache->scrape)
        return; /* it was there already: its place among the others is that */
    entry->scrape = cache->scrape;
    (void)charge(cache); /* if not, it takes the place of a new one: see settle() */
    cache->seen++;
    cache->bytes += entry->length;
    if (cache->last)
        cache->last->next = entry;
    else
        cache->first = entry;
    cache->last = entry;
}

size_t scrape_cache_samples(const struct scrape_cache *cache)
{
    return cache->samples;
}

const struct scrape_refusals *scrape_cache_refused(const struct scrape_cache *cache)
{
    return &cache->refused;
}

/* --- the tick --- */

/*
 * New ones were taken before it was known how many of the last scrape's are still there. These go
 * first, so that a target that has too many does not have others each time.
 */
static void settle(struct scrape_cache *cache)
{
    const size_t most = cache->options.max_series;
    const size_t limit = cache->charged < most ? cache->charged : most;
    size_t kept = cache->seen - cache->fresh, kept_bytes = cache->bytes - cache->fresh_bytes;
    struct scrape_entry **link = &cache->first;
    struct scrape_entry *entry;

    if (cache->seen <= limit && !is_too_much(cache, cache->bytes))
        return;
    while ((entry = *link) != NULL) {
        bool fits = kept < limit && !is_too_much(cache, kept_bytes + entry->length);

        if (entry->made != cache->scrape || fits) {
            kept += entry->made == cache->scrape;
            kept_bytes += entry->made == cache->scrape ? entry->length : 0;
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        entry->scrape = 0;
        cache->seen--;
        refuse(cache, kept < limit ? DROP_TOO_LONG : DROP_SERIES);
    }
}

static void end_unseen(struct scrape_cache *cache, struct sink *sink)
{
    for (size_t i = cache->count; i > 0; i--) {
        struct scrape_entry *entry = cache->entries[i - 1];

        if (entry->scrape == cache->scrape)
            continue;
        scrape_slots_drop(cache->options.slots, sink, &entry->series);
        forget(cache, i - 1);
    }
}

static void write_one(struct scrape_cache *cache, struct scrape_entry *entry, struct sink *sink)
{
    const struct scrape_description *is = entry->description;

    if (is && scrape_slots_want(cache->options.slots, sink, &entry->series, &is->metric, is->labels,
                                is->label_count))
        scrape_entry_forget_description(entry);
    if (scrape_slots_has(cache->options.slots, &entry->series)) {
        sink_set(sink, entry->series.slot, entry->value);
        return;
    }
    cache->refused.no_slot++;
    drops_add(cache->options.drops, DROP_SERIES, 1);
}

void scrape_cache_write(struct scrape_cache *cache, struct sink *sink)
{
    if (cache->last)
        cache->last->next = NULL; /* it may be one that ends now */
    else
        cache->first = NULL;
    settle(cache);
    /* First: what is named otherwise from now on may be the same series. */
    if (cache->seen < cache->count)
        end_unseen(cache, sink);
    series_quota_give(cache->options.quota, cache->charged - cache->count);
    cache->charged = cache->count;
    for (size_t i = 0; i < cache->count; i++)
        write_one(cache, cache->entries[i], sink);
}

void scrape_cache_drop(struct scrape_cache *cache, struct sink *sink)
{
    for (size_t i = 0; i < cache->count; i++)
        scrape_slots_drop(cache->options.slots, sink, &cache->entries[i]->series);
    forget_all(cache);
}

const struct label *scrape_cache_labels(const struct scrape_cache *cache)
{
    return cache->options.labels;
}

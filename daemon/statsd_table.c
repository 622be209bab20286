#include "daemon/statsd_table.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "daemon/histogram.h"
#include "daemon/statsd_hash.h"
#include "daemon/statsd_names.h"

struct entry {
    struct statsd_definition definition;
    char *text; /* of the definition; its own */
    double gauge;
    int64_t last_ms; /* when something came of it */
    bool live;
    bool unknown; /* a sender that is not known has it too */
    struct statsd_sender_set senders;
};

struct statsd_table {
    pthread_mutex_t door, lock;
    struct drops *drops;
    uint32_t max_series, capacity;
    uint32_t series; /* of the catalog, of those that live */
    struct entry *entries;
    uint32_t *free; /* indices */
    uint32_t free_count;
    struct statsd_names names;
    struct statsd_buffer buffers[2];
    struct statsd_buffer *filled; /* by the ingest thread; the other is the tick's */
    /* Of the packet that is taken. */
    const struct statsd_source *source;
    int64_t now_ms;
    struct statsd_key key; /* of a name that is not known yet */
};

int statsd_table_new(uint32_t max_series, struct drops *drops, struct statsd_table **out)
{
    struct statsd_table *table = calloc(1, sizeof *table);
    uint64_t seed;
    int result;

    if (!table)
        return -ENOMEM;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)(uintptr_t)table;
    pthread_mutex_init(&table->door, NULL);
    pthread_mutex_init(&table->lock, NULL);
    table->drops = drops;
    table->max_series = table->capacity = max_series;
    table->entries = calloc(max_series, sizeof *table->entries);
    table->free = calloc(max_series, sizeof *table->free);
    table->filled = &table->buffers[0];
    result = statsd_names_init(&table->names, max_series, seed);
    for (size_t i = 0; i < 2 && result == 0; i++)
        result = statsd_buffer_init(&table->buffers[i], max_series);
    if (result < 0 || !table->entries || !table->free) {
        statsd_table_free(table);
        return -ENOMEM;
    }
    while (table->free_count < max_series) {
        table->free[table->free_count] = max_series - 1 - table->free_count;
        table->free_count++;
    }
    *out = table;
    return 0;
}

void statsd_table_free(struct statsd_table *table)
{
    if (!table)
        return;
    for (uint32_t i = 0; table->entries && i < table->capacity; i++)
        free(table->entries[i].text);
    free(table->entries);
    free(table->free);
    statsd_names_finish(&table->names);
    statsd_buffer_finish(&table->buffers[0]);
    statsd_buffer_finish(&table->buffers[1]);
    pthread_mutex_destroy(&table->lock);
    pthread_mutex_destroy(&table->door);
    free(table);
}

uint32_t statsd_table_capacity(const struct statsd_table *table)
{
    return table->capacity;
}

uint64_t statsd_table_origin(const struct statsd_table *table, const struct label *origin)
{
    const uint64_t key = statsd_hash(table->names.seed, origin->key, strlen(origin->key));

    return statsd_hash(key, origin->value, strlen(origin->value)) | 1;
}

void statsd_table_lock(struct statsd_table *table)
{
    pthread_mutex_lock(&table->door);
    pthread_mutex_lock(&table->lock);
    pthread_mutex_unlock(&table->door);
}

void statsd_table_unlock(struct statsd_table *table)
{
    pthread_mutex_unlock(&table->lock);
}

/* --- series --- */

static bool is_distribution(enum statsd_type type)
{
    return type == STATSD_TIMER || type == STATSD_HISTOGRAM;
}

/* Timers and histograms differ in their unit alone. */
static enum statsd_type kind_of(enum statsd_type type)
{
    return is_distribution(type) ? STATSD_HISTOGRAM : type;
}

static uint32_t weight(enum statsd_type type)
{
    return is_distribution(type) ? STATSD_DISTRIBUTION_SERIES : 1;
}

/* Makes what the key stands for. STATSD_NAMES_NONE: there is no room. */
static uint32_t make_entry(struct statsd_table *table, const struct statsd_metric *metric,
                           uint64_t hash)
{
    const struct statsd_key *key = &table->key;
    struct entry *entry;
    uint32_t index;
    char *text;

    if (table->free_count == 0 || weight(metric->type) > table->max_series - table->series)
        return STATSD_NAMES_NONE;
    text = malloc(key->size);
    if (!text)
        return STATSD_NAMES_NONE;
    memcpy(text, key->text, key->size);
    index = table->free[--table->free_count];
    entry = &table->entries[index];
    *entry = (struct entry){
        .definition = {.text = text,
                       .size = key->size,
                       .label_count = key->label_count,
                       .type = kind_of(metric->type),
                       .is_time = metric->type == STATSD_TIMER},
        .text = text,
        .live = true,
    };
    table->series += weight(metric->type);
    statsd_names_add(&table->names, index, &entry->definition, hash);
    return index;
}

/* A name that this sender did not use yet. STATSD_NAMES_NONE if it stands for nothing, counted. */
static uint32_t find_new(struct statsd_table *table, const struct statsd_metric *metric,
                         const struct statsd_alias *alias)
{
    const struct label *origin = table->source->origin.key ? &table->source->origin : NULL;
    const struct statsd_definition *definition;
    uint32_t index;
    uint64_t hash;

    if (statsd_describe(metric, origin, &table->key) < 0) {
        drops_add(table->drops, DROP_TOO_LONG, 1);
        return STATSD_NAMES_NONE;
    }
    index = statsd_names_find(&table->names, table->key.text, table->key.size, &hash);
    if (index == STATSD_NAMES_NONE) {
        if (statsd_names_collide(&table->names, &table->key, is_distribution(metric->type))) {
            drops_add(table->drops, DROP_VALUE, 1);
            return STATSD_NAMES_NONE;
        }
        index = make_entry(table, metric, hash);
        if (index == STATSD_NAMES_NONE) {
            drops_add(table->drops, DROP_SERIES, 1);
            return STATSD_NAMES_NONE;
        }
    }
    definition = &table->entries[index].definition;
    /* The first of a name says what it is. */
    if (definition->type != kind_of(metric->type) ||
        definition->is_time != (metric->type == STATSD_TIMER)) {
        drops_add(table->drops, DROP_VALUE, 1);
        return STATSD_NAMES_NONE;
    }
    statsd_names_alias(&table->names, alias, index);
    return index;
}

static void count_sender(struct statsd_table *table, struct entry *entry)
{
    const uint32_t sender = table->source->sender;

    entry->last_ms = table->now_ms;
    if (sender == STATSD_NO_SENDER)
        entry->unknown = true;
    else
        entry->senders.words[sender / 64] |= UINT64_C(1) << sender % 64;
}

/* --- values --- */

static void add_duration(struct statsd_table *table, uint32_t index,
                         const struct statsd_metric *metric, double number)
{
    const double times = round(1 / metric->rate);
    const uint32_t increment = times < UINT32_MAX ? (uint32_t)times : UINT32_MAX;
    struct statsd_cell *cell = statsd_buffer_touch(table->filled, index);
    const double sum = cell->value + number * increment;

    if (!isfinite(sum)) {
        drops_add(table->drops, DROP_VALUE, 1);
        return;
    }
    cell->value = sum;
    cell->count += increment;
    if (!statsd_buffer_add(table->filled, index, histogram_bucket(number), increment))
        drops_add(table->drops, DROP_TOO_LONG, 1);
}

/* What is counted may be infinite: a share of nearly nothing, or sums. */
static void add_number(struct statsd_table *table, uint32_t index,
                       const struct statsd_metric *metric, const struct statsd_value *value)
{
    struct entry *entry = &table->entries[index];
    struct statsd_cell *cell = statsd_buffer_touch(table->filled, index);
    double number = value->number;

    if (metric->type == STATSD_COUNTER)
        number = cell->value + number / metric->rate;
    else if (value->is_difference)
        number += entry->gauge;
    if (!isfinite(number)) {
        drops_add(table->drops, DROP_VALUE, 1);
        number = metric->type == STATSD_COUNTER ? cell->value : entry->gauge;
    }
    cell->value = entry->gauge = number;
}

static void on_value(void *arg, const struct statsd_metric *metric,
                     const struct statsd_value *value)
{
    struct statsd_table *table = arg;
    struct statsd_alias alias;
    uint32_t index;

    table->filled->values++;
    index = statsd_names_look_up(&table->names, metric, table->source->origin_hash, &alias);
    if (index == STATSD_NAMES_NONE)
        index = find_new(table, metric, &alias);
    if (index == STATSD_NAMES_NONE)
        return;
    count_sender(table, &table->entries[index]);
    switch (metric->type) {
    case STATSD_TIMER:
    case STATSD_HISTOGRAM:
        add_duration(table, index, metric, value->number);
        break;
    case STATSD_SET:
        statsd_buffer_touch(table->filled, index);
        if (!statsd_buffer_join(table->filled, index,
                                statsd_hash(table->names.seed, value->text.at, value->text.length)))
            drops_add(table->drops, DROP_TOO_LONG, 1);
        break;
    default:
        add_number(table, index, metric, value);
    }
}

static void on_wrong(void *arg, enum statsd_fault fault)
{
    static const enum drop_reason reasons[] = {[STATSD_MALFORMED] = DROP_MALFORMED,
                                               [STATSD_TOO_LONG] = DROP_TOO_LONG,
                                               [STATSD_IMPOSSIBLE] = DROP_VALUE};
    struct statsd_table *table = arg;

    table->filled->values++;
    drops_add(table->drops, reasons[fault], 1);
}

void statsd_table_take(struct statsd_table *table, const struct statsd_source *source,
                       const char *packet, size_t size, int64_t now_ms)
{
    static const struct statsd_visitor visitor = {.value = on_value, .wrong = on_wrong};

    table->source = source;
    table->now_ms = now_ms;
    table->filled->packets++;
    statsd_parse(packet, size, &visitor, table);
}

/* --- the end of series --- */

static bool keep(struct entry *entry, const struct statsd_sender_set *living,
                 const struct statsd_sender_set *unknown, int64_t now_ms)
{
    uint64_t alive = 0;

    for (size_t i = 0; i < STATSD_SENDERS_MAX / 64; i++) {
        entry->unknown = entry->unknown || (entry->senders.words[i] & unknown->words[i]) != 0;
        entry->senders.words[i] &= living->words[i];
        alive |= entry->senders.words[i];
    }
    return alive != 0 || (entry->unknown && now_ms - entry->last_ms < STATSD_UNKNOWN_MS);
}

void statsd_table_sweep(struct statsd_table *table, const struct statsd_sender_set *living,
                        const struct statsd_sender_set *unknown, int64_t now_ms)
{
    size_t ended = 0;

    for (uint32_t i = 0; i < table->capacity; i++) {
        struct entry *entry = &table->entries[i];

        if (!entry->live || keep(entry, living, unknown, now_ms))
            continue;
        entry->live = false;
        table->series -= weight(entry->definition.type);
        statsd_names_remove(&table->names, i);
        statsd_buffer_end(table->filled, i);
        ended++;
    }
    if (ended > 0)
        statsd_names_forget(&table->names);
}

/* --- the tick --- */

/* The tick has seen their end. */
static void give_back(struct statsd_table *table, struct statsd_buffer *seen)
{
    for (size_t i = 0; i < seen->ended_count; i++) {
        struct entry *entry = &table->entries[seen->ended[i]];

        free(entry->text);
        *entry = (struct entry){0};
        table->free[table->free_count++] = seen->ended[i];
    }
    seen->ended_count = 0;
}

struct statsd_buffer *statsd_table_swap(struct statsd_table *table)
{
    struct statsd_buffer *filled;

    statsd_table_lock(table);
    filled = table->filled;
    table->filled = &table->buffers[filled == table->buffers];
    give_back(table, table->filled);
    statsd_table_unlock(table);
    return filled;
}

const struct statsd_definition *statsd_table_definition(const struct statsd_table *table,
                                                        uint32_t series)
{
    return &table->entries[series].definition;
}

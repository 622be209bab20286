#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/hash.h"
#include "daemon/histogram.h"
#include "daemon/statsd_table_own.h"

/* What a lock is held for, in units of some ten nanoseconds: 0.2 ms in all. */
#define WORK_A_LOCK  20000
#define WORK_A_LINE  10  /* and its bytes, see statsd_table_take() */
#define WORK_A_NAME  100 /* that was not seen before, and its bytes */
#define WORK_A_VALUE 16

int statsd_table_new(uint32_t max_series, struct drops *drops, struct statsd_table **out)
{
    struct statsd_table *table = calloc(1, sizeof *table);
    uint64_t seed;
    int result;

    if (!table)
        return -ENOMEM;
    result = hash_make_key(&seed);
    if (result < 0) {
        free(table);
        return result;
    }
    pthread_mutex_init(&table->door, NULL);
    pthread_mutex_init(&table->lock, NULL);
    table->drops = drops;
    table->max_series = table->capacity = max_series;
    table->entries = calloc(max_series, sizeof *table->entries);
    table->free = calloc(max_series, sizeof *table->free);
    table->filled = &table->buffers[0];
    result = statsd_names_init(&table->names, max_series, seed);
    for (size_t i = 0; i < 2 && result == 0; i++)
        result = statsd_buffer_init(&table->buffers[i], max_series, seed);
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
    const uint64_t key = hash_bytes(table->names.seed, origin->key, strlen(origin->key));

    return hash_bytes(key, origin->value, strlen(origin->value)) | 1;
}

void statsd_table_lock(struct statsd_table *table)
{
    pthread_mutex_lock(&table->door);
    pthread_mutex_lock(&table->lock);
    pthread_mutex_unlock(&table->door);
    table->work = 0;
}

void statsd_table_unlock(struct statsd_table *table)
{
    pthread_mutex_unlock(&table->lock);
}

/* Between any two values: a tick that waits is the next to have the table. */
static void spend(struct statsd_table *table, size_t work)
{
    table->work += (uint32_t)work;
    if (table->work < WORK_A_LOCK)
        return;
    statsd_table_unlock(table);
    statsd_table_lock(table);
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

/* Makes what the key stands for. STATSD_NAMES_NONE: there is no room. */
static uint32_t make_entry(struct statsd_table *table, const struct statsd_metric *metric,
                           uint64_t hash)
{
    const struct statsd_key *key = &table->key;
    const uint32_t weight = is_distribution(metric->type) ? STATSD_DISTRIBUTION_SERIES : 1;
    struct entry *entry;
    uint32_t index;
    char *text;

    if (table->free_count == 0 || weight > table->max_series - table->series)
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
        .weight = weight,
        .live = true,
    };
    table->series += weight;
    statsd_names_add(&table->names, index, &entry->definition, hash);
    return index;
}

static uint32_t refuse(struct statsd_table *table, enum drop_reason reason)
{
    table->line.refusal = reason;
    return STATSD_NAMES_NONE;
}

/* A name that this sender did not use yet. */
static uint32_t find_new(struct statsd_table *table, const struct statsd_metric *metric,
                         const struct statsd_alias *alias)
{
    const struct label *origin = table->source->origin.key ? &table->source->origin : NULL;
    const struct statsd_definition *definition;
    uint32_t index;
    uint64_t hash;

    if (statsd_describe(metric, origin, &table->key) < 0)
        return refuse(table, DROP_TOO_LONG);
    index = statsd_names_find(&table->names, table->key.text, table->key.size, &hash);
    if (index == STATSD_NAMES_NONE) {
        if (statsd_names_collide(&table->names, &table->key, is_distribution(metric->type)))
            return refuse(table, DROP_VALUE);
        index = make_entry(table, metric, hash);
        if (index == STATSD_NAMES_NONE)
            return refuse(table, DROP_SERIES);
    }
    definition = &table->entries[index].definition;
    /* The first of a name says what it is. */
    if (definition->type != kind_of(metric->type) ||
        definition->is_time != (metric->type == STATSD_TIMER))
        return refuse(table, DROP_VALUE);
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

/* Once for all values of a line, as there may be thousands, behind kilobytes of tags. */
static void find_line(struct statsd_table *table, const struct statsd_metric *metric)
{
    struct line *line = &table->line;
    struct statsd_alias alias;

    line->at = metric->name.at;
    table->work += WORK_A_LINE;
    line->index = statsd_names_look_up(&table->names, metric, table->source->origin_hash, &alias);
    if (line->index == STATSD_NAMES_NONE) {
        spend(table, WORK_A_NAME + metric->name.length + metric->tags.length);
        line->index = find_new(table, metric, &alias);
    }
    if (line->index != STATSD_NAMES_NONE)
        count_sender(table, &table->entries[line->index]);
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
    cell->value = number;
    if (metric->type == STATSD_GAUGE)
        entry->gauge = number;
}

static void on_value(void *arg, const struct statsd_metric *metric,
                     const struct statsd_value *value)
{
    struct statsd_table *table = arg;
    uint32_t index;

    spend(table, WORK_A_VALUE);
    table->filled->values++;
    if (table->line.at != metric->name.at)
        find_line(table, metric);
    index = table->line.index;
    if (index == STATSD_NAMES_NONE) {
        drops_add(table->drops, table->line.refusal, 1);
        return;
    }
    switch (metric->type) {
    case STATSD_TIMER:
    case STATSD_HISTOGRAM:
        add_duration(table, index, metric, value->number);
        break;
    case STATSD_SET:
        statsd_buffer_touch(table->filled, index);
        if (!statsd_buffer_join(table->filled, index,
                                hash_bytes(table->names.seed, value->text.at, value->text.length)))
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

    spend(table, WORK_A_VALUE);
    table->filled->values++;
    drops_add(table->drops, reasons[fault], 1);
}

void statsd_table_take(struct statsd_table *table, const struct statsd_source *source,
                       const char *packet, size_t size, int64_t now_ms)
{
    static const struct statsd_visitor visitor = {.value = on_value, .wrong = on_wrong};

    /* Each byte is looked at and is a part of some key, whatever it tells. */
    spend(table, size / 4);
    table->source = source;
    table->now_ms = now_ms;
    table->line.at = NULL;
    table->filled->packets++;
    statsd_parse(packet, size, &visitor, table);
}

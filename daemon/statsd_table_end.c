#include <stdlib.h>

#include "daemon/statsd_table_own.h"

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
        /* The last that it said is in a row first. */
        if (table->filled->cells[i].values > 0)
            continue;
        entry->live = false;
        table->series -= entry->weight;
        statsd_names_remove(&table->names, i);
        statsd_buffer_end(table->filled, i);
        ended++;
    }
    if (ended > 0)
        statsd_names_forget(&table->names);
}

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

#include "daemon/past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int past_init(struct past *past, size_t capacity)
{
    *past = (struct past){.capacity = capacity};
    past->entries = calloc(capacity, sizeof *past->entries);
    return past->entries ? 0 : -ENOMEM;
}

void past_finish(struct past *past)
{
    for (size_t i = 0; i < past->count; i++)
        series_put(past->entries[i].series);
    free(past->entries);
    *past = (struct past){0};
}

static void remove_at(struct past *past, size_t index)
{
    series_put(past->entries[index].series);
    past->count--;
    memmove(&past->entries[index], &past->entries[index + 1],
            (past->count - index) * sizeof *past->entries);
}

static void drop_oldest(struct past *past)
{
    size_t oldest = 0;

    for (size_t i = 1; i < past->count; i++) {
        if (past->entries[i].last_seq < past->entries[oldest].last_seq)
            oldest = i;
    }
    remove_at(past, oldest);
    past->dropped++;
}

/* The first entry that is not below the hash. */
static size_t lower_bound(const struct past *past, uint64_t hash)
{
    size_t low = 0, high = past->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (past->entries[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void past_add(struct past *past, const struct series *series, uint64_t last_seq)
{
    struct series *copy = series_copy(series);
    size_t at;

    if (!copy) {
        past->dropped++;
        return;
    }
    copy->slot = SERIES_NO_SLOT;
    if (past->count == past->capacity)
        drop_oldest(past);
    at = lower_bound(past, copy->hash);
    memmove(&past->entries[at + 1], &past->entries[at], (past->count - at) * sizeof *past->entries);
    past->entries[at] =
        (struct past_entry){.hash = copy->hash, .last_seq = last_seq, .series = copy};
    past->count++;
}

uint32_t past_take(struct past *past, uint64_t hash, const struct series_identity *identity)
{
    for (size_t i = lower_bound(past, hash); i < past->count && past->entries[i].hash == hash;
         i++) {
        const struct series *series = past->entries[i].series;
        uint32_t id = series->stored_id;

        if (!series_goes_on(series, identity))
            continue;
        remove_at(past, i);
        return id;
    }
    return 0;
}

size_t past_forget(struct past *past, uint64_t first_seq)
{
    size_t kept = 0, count = past->count;

    for (size_t i = 0; i < count; i++) {
        if (past->entries[i].last_seq < first_seq)
            series_put(past->entries[i].series);
        else
            past->entries[kept++] = past->entries[i];
    }
    past->count = kept;
    return count - kept;
}

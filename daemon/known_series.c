#include "daemon/known_series.h"

#include <errno.h>
#include <stdlib.h>

int known_series_add(struct known_series *known, const struct series *series)
{
    if (known->count == known->capacity) {
        size_t capacity = known->capacity ? known->capacity * 2 : 256;
        struct series **larger = reallocarray(known->items, capacity, sizeof(struct series *));

        if (!larger)
            return -ENOMEM;
        known->items = larger;
        known->capacity = capacity;
    }
    known->items[known->count] = series_copy(series);
    if (!known->items[known->count])
        return -ENOMEM;
    known->items[known->count]->slot = (uint32_t)known->count; /* its turn, until it is sorted */
    known->count++;
    return 0;
}

void known_series_finish(struct known_series *known)
{
    for (size_t i = 0; i < known->count; i++)
        series_put(known->items[i]);
    free(known->items);
    *known = (struct known_series){0};
}

static int compare(const void *a, const void *b)
{
    const struct series *left = *(const struct series *const *)a;
    const struct series *right = *(const struct series *const *)b;

    if (left->id != right->id)
        return left->id > right->id ? 1 : -1;
    return (left->slot > right->slot) - (left->slot < right->slot);
}

void known_series_sort(struct known_series *known)
{
    size_t kept = 0;

    if (known->count == 0)
        return;
    qsort(known->items, known->count, sizeof(struct series *), compare);
    for (size_t i = 0; i < known->count; i++) {
        struct series *series = known->items[i];

        if (i + 1 < known->count && known->items[i + 1]->id == series->id) {
            series_put(series);
            continue;
        }
        series->slot = SERIES_NO_SLOT;
        known->items[kept++] = series;
    }
    known->count = kept;
}

size_t known_series_index(const struct known_series *known, uint32_t id)
{
    size_t low = 0, high = known->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (known->items[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < known->count && known->items[low]->id == id ? low : known->count;
}

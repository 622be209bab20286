#include "daemon/catalog.h"

#include <stdlib.h>

#include "daemon/series_make.h"

struct catalog *catalog_new(size_t room)
{
    struct catalog *catalog = calloc(1, sizeof *catalog + room * sizeof(struct series *));

    if (catalog)
        atomic_init(&catalog->references, 1);
    return catalog;
}

static int compare_ids(const void *a, const void *b)
{
    uint32_t left = (*(struct series *const *)a)->id;
    uint32_t right = (*(struct series *const *)b)->id;

    return (left > right) - (left < right);
}

void catalog_sort(struct catalog *catalog)
{
    qsort(catalog->series, catalog->count, sizeof(struct series *), compare_ids);
    qsort(catalog->series + catalog->count, catalog->past_count, sizeof(struct series *),
          compare_ids);
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

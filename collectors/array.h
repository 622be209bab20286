/* Arrays that grow when something appears and stay as they are otherwise. */
#ifndef TACHO_COLLECTORS_ARRAY_H
#define TACHO_COLLECTORS_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Room for `needed` items of item_bytes in an array that has room for *capacity. Returns the
 * array, perhaps moved; or NULL without memory, with the old array and *capacity still good.
 */
__attribute__((warn_unused_result)) static inline void *
array_reserve(void *items, size_t *capacity, size_t needed, size_t item_bytes)
{
    size_t doubled = *capacity > 0 ? *capacity : 8;
    void *grown;

    if (needed <= *capacity)
        return items;
    while (doubled < needed)
        doubled *= 2;
    grown = reallocarray(items, doubled, item_bytes);
    if (grown != NULL)
        *capacity = doubled;
    return grown;
}

#endif

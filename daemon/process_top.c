#include "daemon/process_top.h"

#include <math.h>
#include <stdlib.h>

/* What an order goes by; below all that is known if it is not known. */
static double key_of(const struct process_entry *entry, enum process_order order)
{
    const double read = entry->read_bytes_per_second, write = entry->write_bytes_per_second;

    if (order == PROCESS_BY_MEMORY)
        return (double)entry->rss_bytes;
    if (order == PROCESS_BY_CPU)
        return isnan(entry->cpu_cores) ? -1 : entry->cpu_cores;
    if (isnan(read) && isnan(write))
        return -1;
    return (isnan(read) ? 0 : read) + (isnan(write) ? 0 : write);
}

/* Entries are by pid, so that of those that are equal in all the lower index comes first. */
bool process_comes_before(const struct process_list *list, enum process_order order, uint32_t a,
                          uint32_t b)
{
    const struct process_entry *one = &list->entries[a], *other = &list->entries[b];
    const double left = key_of(one, order), right = key_of(other, order);

    if (left < right || left > right)
        return left > right;
    if (one->rss_bytes != other->rss_bytes)
        return one->rss_bytes > other->rss_bytes;
    return a < b;
}

/* A heap of indices, of which the one that comes last in the order is at the top. */
struct heap {
    const struct process_list *list;
    enum process_order order;
    uint32_t *items;
    size_t count;
};

static bool is_before(const struct heap *heap, uint32_t a, uint32_t b)
{
    return process_comes_before(heap->list, heap->order, a, b);
}

static void sink(struct heap *heap, size_t at)
{
    const uint32_t item = heap->items[at];

    for (size_t child = 2 * at + 1; child < heap->count; child = 2 * at + 1) {
        if (child + 1 < heap->count && is_before(heap, heap->items[child], heap->items[child + 1]))
            child++;
        if (!is_before(heap, item, heap->items[child]))
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    heap->items[at] = item;
}

static void sort(struct heap *heap)
{
    while (heap->count > 1) {
        const uint32_t last = heap->items[0];

        heap->items[0] = heap->items[--heap->count];
        heap->items[heap->count] = last;
        sink(heap, 0);
    }
}

size_t process_top(const struct process_list *list, enum process_order order, size_t limit,
                   uint32_t *out)
{
    const size_t count = limit < list->count ? limit : list->count;
    struct heap heap = {.list = list, .order = order, .items = out, .count = count};

    if (count == 0)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        out[i] = i;
    for (size_t i = count / 2; i > 0; i--)
        sink(&heap, i - 1);
    for (size_t i = count; i < list->count; i++) {
        if (is_before(&heap, (uint32_t)i, out[0])) {
            out[0] = (uint32_t)i;
            sink(&heap, 0);
        }
    }
    sort(&heap);
    return count;
}

static int compare(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

size_t process_top_union(const struct process_list *list, size_t limit, uint32_t *out)
{
    size_t found = 0, kept = 0;

    for (size_t order = 0; order < PROCESS_ORDERS; order++)
        found += process_top(list, (enum process_order)order, limit, out + found);
    qsort(out, found, sizeof *out, compare);
    for (size_t i = 0; i < found; i++) {
        if (i == 0 || out[i] != out[kept - 1])
            out[kept++] = out[i];
    }
    return kept;
}

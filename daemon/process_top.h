/*
 * Which processes of a list come first. Pure; without sorting all: what is over the first so many
 * is only compared with the last of them.
 */
#ifndef TACHO_DAEMON_PROCESS_TOP_H
#define TACHO_DAEMON_PROCESS_TOP_H

#include "collectors/process_list.h"

/*
 * The highest first, those of which it is not known last. Of many that did nothing the largest come
 * first, so that the union of the orders is small; ties beyond that by pid.
 */
enum process_order {
    PROCESS_BY_CPU,
    PROCESS_BY_MEMORY, /* resident */
    PROCESS_BY_IO,     /* reading and writing together; one that is not known counts as 0 */
    PROCESS_ORDERS
};

/* Whether one entry, by its index in list->entries, comes before another, different one. */
bool process_comes_before(const struct process_list *list, enum process_order order, uint32_t a,
                          uint32_t b);

/*
 * The indices in list->entries of the first `limit` of an order, in that order. out has room for as
 * many as that. How many there are.
 */
size_t process_top(const struct process_list *list, enum process_order order, size_t limit,
                   uint32_t *out);

/*
 * The indices of those that are among the first `limit` of any order, ascending, each once. out has
 * room for PROCESS_ORDERS * limit. How many there are.
 */
size_t process_top_union(const struct process_list *list, size_t limit, uint32_t *out);

#endif

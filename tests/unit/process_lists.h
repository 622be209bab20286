/* Comparing lists of processes with what came back of them from the past. */
#ifndef TACHO_TESTS_UNIT_PROCESS_LISTS_H
#define TACHO_TESTS_UNIT_PROCESS_LISTS_H

#include "collectors/process_list.h"

/* Whether it is what is kept of the list: the union of the first 20 of each order. */
bool process_list_is_kept(const struct process_list *list, const struct process_list *kept);

#endif

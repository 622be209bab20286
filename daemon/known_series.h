/* The series of a series log, by id. Any one thread. */
#ifndef TACHO_DAEMON_KNOWN_SERIES_H
#define TACHO_DAEMON_KNOWN_SERIES_H

#include "daemon/series_make.h"

struct known_series {
    struct series **items; /* by ascending id once sorted; held */
    size_t count, capacity;
};

/* Takes a copy; a later one of the same id takes the place of the former. 0 or -ENOMEM. */
int known_series_add(struct known_series *known, const struct series *series) MUST_CHECK;
void known_series_finish(struct known_series *known);

/* After the last was added. */
void known_series_sort(struct known_series *known);

/* The index of this id, or known->count. */
size_t known_series_index(const struct known_series *known, uint32_t id);

#endif

/* Catalogs as objects, for the table that makes them; what readers may do is in series.h. */
#ifndef TACHO_DAEMON_CATALOG_H
#define TACHO_DAEMON_CATALOG_H

#include "daemon/series.h"

/* One with room for so many series, held by the caller, and otherwise all 0. NULL: no memory. */
struct catalog *catalog_new(size_t room);

/* Brings its series into their order: count live ones, then past_count that ended. */
void catalog_sort(struct catalog *catalog);

#endif

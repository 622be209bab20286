/* What zones of RAPL are called, as node_exporter does. Pure. */
#ifndef TACHO_COLLECTORS_SYSTEM_RAPL_ZONE_H
#define TACHO_COLLECTORS_SYSTEM_RAPL_ZONE_H

#include <stdbool.h>

#include "collectors/parse.h"

#define RAPL_NAME_MAX 63

/* Of "package-1": package and 1. */
struct rapl_zone {
    char name[RAPL_NAME_MAX + 1];
    unsigned index;
    bool has_index; /* the name had one; else the index is 0, for the caller to count */
};

/* False for the empty text and one that is too long, with *out untouched. */
bool rapl_parse_name(struct span text, struct rapl_zone *out);

#endif

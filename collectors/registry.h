/* All collectors, by name. */
#ifndef TACHO_COLLECTORS_REGISTRY_H
#define TACHO_COLLECTORS_REGISTRY_H

#include <stddef.h>

#include "collectors/collector.h"

/* There are never more. */
#define COLLECTOR_REGISTRY_MAX 64

/* In the order of strcmp() on their names. */
extern const struct collector *const collector_registry[];
extern const size_t collector_registry_count;

/* NULL when no collector has this name. */
const struct collector *registry_find(const char *name);

#endif

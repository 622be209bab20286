/*
 * The daemon itself, under the names that every client library of Prometheus gives its process:
 * getrusage(2), getrlimit(2) and /proc/self, which is always the real one.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_H

#include "collectors/collector.h"

/* How often descriptors are counted, limits asked for and a start that is unknown looked for. */
#define PROCESS_RARELY_MS 10000

extern const struct collector process_collector;

#endif

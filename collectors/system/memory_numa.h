/*
 * Memory of each NUMA node: devices/system/node/node0/meminfo and numastat. Off unless it is asked
 * for, as with node_exporter.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_MEMORY_NUMA_H
#define TACHO_COLLECTORS_SYSTEM_MEMORY_NUMA_H

#include "collectors/collector.h"
#include "collectors/fields.h"
#include "collectors/parse.h"

extern const struct collector memory_numa_collector;

struct memory_numa_row {
    struct field_key key; /* "Active_anon", "numa_hit_total" */
    double value;         /* kB are bytes here */
    bool in_bytes;
    bool cumulative; /* of numastat */
};

/* "Node 0 Active(anon):  691324 kB". 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int memory_numa_parse_meminfo(struct scanner line,
                                                                  struct memory_numa_row *out);

/* "numa_hit 193460335812". The same. */
__attribute__((warn_unused_result)) int memory_numa_parse_numastat(struct scanner line,
                                                                   struct memory_numa_row *out);

#endif

/*
 * SELinux: whether it is on, its mode, and how its cache of decisions (avc) does: fs/selinux of
 * sysfs, and etc/selinux/config of the root.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_SELINUX_H
#define TACHO_COLLECTORS_SYSTEM_SELINUX_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

extern const struct collector selinux_collector;

/* Columns of fs/selinux/avc/cache_stats. */
enum selinux_count {
    SELINUX_LOOKUPS,
    SELINUX_HITS,
    SELINUX_MISSES,
    SELINUX_ALLOCATIONS,
    SELINUX_RECLAIMS,
    SELINUX_FREES,
    SELINUX_COUNTS,
};

struct selinux_hash {
    uint64_t entries;
    uint64_t buckets_used;
    uint64_t buckets;
    uint64_t longest_chain;
};

/*
 * cache_stats: a heading and a line for each CPU, which are summed up. 0, or -EBADMSG with sums
 * untouched.
 */
__attribute__((warn_unused_result)) int selinux_parse_cache(const char *text, size_t length,
                                                            uint64_t sums[SELINUX_COUNTS]);

/* hash_stats. 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int selinux_parse_hash(const char *text, size_t length,
                                                           struct selinux_hash *out);

/*
 * The mode that etc/selinux/config sets, as node_exporter tells it: 1 for enforcing, 0 for
 * permissive, -1 for disabled and for whatever else it says.
 */
int selinux_parse_config(const char *text, size_t length);

#endif

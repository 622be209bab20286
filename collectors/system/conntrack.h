/*
 * Netfilter's table of connections: /proc/sys/net/netfilter, and /proc/net/stat/nf_conntrack
 * (ct_cpu_seq_show() in net/netfilter/nf_conntrack_standalone.c). Both are of the network namespace
 * that the daemon is in, the latter of the host's where procfs is another's.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CONNTRACK_H
#define TACHO_COLLECTORS_SYSTEM_CONNTRACK_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

enum conntrack_event {
    CONNTRACK_FOUND,
    CONNTRACK_INVALID,
    CONNTRACK_IGNORE,
    CONNTRACK_INSERT,
    CONNTRACK_INSERT_FAILED,
    CONNTRACK_DROP,
    CONNTRACK_EARLY_DROP,
    CONNTRACK_SEARCH_RESTART, /* Linux 2.6.35 */
    CONNTRACK_EVENTS,
};

struct conntrack_stat {
    unsigned present; /* a bit for each event that the heading names */
    uint64_t sums[CONNTRACK_EVENTS];
};

/*
 * The sums over all CPUs. 0, or -EBADMSG with *out untouched: a sum without a line that is not
 * understood would be wrong.
 */
__attribute__((warn_unused_result)) int conntrack_parse(const char *text, size_t length,
                                                        struct conntrack_stat *out);

extern const struct collector conntrack_collector;

#endif

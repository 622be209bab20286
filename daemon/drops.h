/*
 * What applications sent and the daemon did not take: counted by the source that it came to and
 * the reason, and shown as tacho_ingest_dropped_total{source,reason}.
 */
#ifndef TACHO_DAEMON_DROPS_H
#define TACHO_DAEMON_DROPS_H

#include <stdatomic.h>

#include "collectors/collector.h"

enum drop_reason {
    DROP_MALFORMED, /* text that is not understood */
    DROP_TOO_LONG,  /* a packet, line, name or value beyond its limit, or too many labels */
    DROP_SERIES,    /* a series beyond what its source may have, or all sources together */
    DROP_VALUE,     /* a value that cannot be: NaN, or a negative duration */
    DROP_KERNEL,    /* packets that the kernel dropped, since they came faster than we read */
    DROP_REASONS,
};

/* Of one source. All zero but for the name before the first. */
struct drops {
    const char *source; /* the label: "statsd", "scrape"; constant */
    _Atomic uint64_t counts[DROP_REASONS];
    struct sink_series series[DROP_REASONS];
};

/* Any thread. */
static inline void drops_add(struct drops *drops, enum drop_reason reason, uint64_t count)
{
    atomic_fetch_add_explicit(&drops->counts[reason], count, memory_order_relaxed);
}

/* Any thread. */
static inline uint64_t drops_count(const struct drops *drops, enum drop_reason reason)
{
    return atomic_load_explicit(&drops->counts[reason], memory_order_relaxed);
}

/* Writes what was counted; each reason from the first tick on. Main loop only. */
void drops_sample(struct drops *drops, struct sink *sink);

/* "malformed", "too_long", … */
const char *drop_reason_name(enum drop_reason reason);

#endif

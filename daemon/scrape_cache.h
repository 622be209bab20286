/*
 * The series of one target, known by the text that it names them with, so that a sample costs no
 * more than to find that text where it stood the last time. A scrape's values are written as a
 * whole, or not at all. Main loop only.
 */
#ifndef TACHO_DAEMON_SCRAPE_CACHE_H
#define TACHO_DAEMON_SCRAPE_CACHE_H

#include "collectors/application/exposition.h"
#include "daemon/drops.h"
#include "daemon/scope.h"
#include "daemon/scrape_slots.h"
#include "daemon/series_quota.h"

/*
 * How many bytes the names and labels of a target's series may have, as they stand in its text: so
 * many for each of max_series, but no less than one line.
 */
#define SCRAPE_SERIES_BYTES 512
#define SCRAPE_TEXTS_MIN    EXPOSITION_LINE_MAX

/* The pointers outlive the cache; labels are copied. */
struct scrape_cache_options {
    const struct label *labels; /* that each series gets; their names are the target's no more */
    size_t label_count;
    size_t max_series;
    struct series_quota *quota;
    struct drops *drops;
    struct scrape_slots *slots;
};

struct scrape_cache;

/* 0 or -ENOMEM. */
int scrape_cache_new(const struct scrape_cache_options *options,
                     struct scrape_cache **out) MUST_CHECK;

/* Its series were dropped, unless there are no more ticks. NULL is a no-op. */
void scrape_cache_free(struct scrape_cache *cache);

/* A scrape begins; what the one before found was written or dropped. */
void scrape_cache_begin(struct scrape_cache *cache);

/* One of its samples, as the exposition visits it. */
void scrape_cache_take(struct scrape_cache *cache, const struct exposition *exposition,
                       const struct exposition_sample *sample);

/* How many it had. */
size_t scrape_cache_samples(const struct scrape_cache *cache);

/* Those of a scrape that were dropped: what is of them is known once it was written. */
struct scrape_refusals {
    size_t beyond;   /* the series of the target, or of all applications */
    size_t too_long; /* together, or alone: names, labels or their number */
    size_t no_slot;  /* somebody else has them, or the row has no room */
};

const struct scrape_refusals *scrape_cache_refused(const struct scrape_cache *cache);

/* The scrape was whole: its values are the tick's, and what it did not have ends. */
void scrape_cache_write(struct scrape_cache *cache, struct sink *sink);

/* It was not: all ends. */
void scrape_cache_drop(struct scrape_cache *cache, struct sink *sink);

/* The labels that each series gets. */
const struct label *scrape_cache_labels(const struct scrape_cache *cache);

#endif

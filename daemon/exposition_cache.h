/*
 * The layouts of whole catalogs that one HTTP loop keeps: one of each format, for as long as it is
 * asked for again. One thread uses it.
 */
#ifndef TACHO_DAEMON_EXPOSITION_CACHE_H
#define TACHO_DAEMON_EXPOSITION_CACHE_H

#include "daemon/exposition_layout.h"
#include "daemon/gzip.h"

/* All zero is an empty one. */
struct exposition_cache {
    struct exposition_layout layouts[2]; /* by format */
    int64_t asked_ns[2];                 /* CLOCK_MONOTONIC, at last; 0: there is none */
    struct gzip *gzip;                   /* NULL: nobody takes it */
    int64_t gzip_asked_ns;
};

/*
 * Of the catalog of this version; the cache's, until it is called again. NULL if there is none:
 * then that of another version was given up.
 */
const struct exposition_layout *exposition_cache_get(struct exposition_cache *cache,
                                                     uint32_t version,
                                                     enum exposition_format format, int64_t now_ns);

/* Takes the layout, in place of the one it has of this format; what it was taken from is empty. */
void exposition_cache_put(struct exposition_cache *cache, struct exposition_layout *layout,
                          int64_t now_ns);

/* A fast compressor; NULL without memory. */
struct gzip *exposition_cache_gzip(struct exposition_cache *cache, int64_t now_ns);

/* Gives up what nobody asked for within 90 seconds. */
void exposition_cache_sweep(struct exposition_cache *cache, int64_t now_ns);

void exposition_cache_finish(struct exposition_cache *cache);

#endif

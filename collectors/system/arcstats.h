/*
 * The size of ZFS's cache (ARC), which counts as used memory though it shrinks on demand down to
 * c_min: /proc/spl/kstat/zfs/arcstats. Read by the memory collector; machines without ZFS have
 * no such file.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_ARCSTATS_H
#define TACHO_COLLECTORS_SYSTEM_ARCSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/optional_file.h"

struct arcstats {
    uint64_t size_bytes;
    uint64_t min_bytes; /* c_min */
};

/* The source and its two series; zero-initialised by the caller. */
struct arcstats_source {
    struct optional_file file;
    struct sink_series size;
    struct sink_series min;
};

/* 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int arcstats_parse(const char *text, size_t length,
                                                       struct arcstats *out);

/* 0 also where there is no such file; or -ENOMEM. */
__attribute__((warn_unused_result)) int arcstats_open(struct arcstats_source *source,
                                                      const char *procfs);

/* 0 with *out, -ENOENT without the file, or -errno as of a collector's sample. */
__attribute__((warn_unused_result)) int arcstats_read(struct arcstats_source *source,
                                                      struct arcstats *out);

/* Writes the two values; with NULL (no such file now) releases their series. */
void arcstats_write(struct arcstats_source *source, const struct arcstats *arc, struct sink *sink);

void arcstats_close(struct arcstats_source *source);

#endif

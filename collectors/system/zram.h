/*
 * Compressed memory as block devices: block/zram… in sysfs
 * (Documentation/admin-guide/blockdev/zram.rst). node_exporter does not have it.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_ZRAM_H
#define TACHO_COLLECTORS_SYSTEM_ZRAM_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

/* The columns of mm_stat. */
enum zram_column {
    ZRAM_ORIGINAL,   /* bytes that are stored, but for pages of one repeated word */
    ZRAM_COMPRESSED, /* what they take, compressed */
    ZRAM_USED,       /* and with the allocator's own: the memory that it costs */
    ZRAM_LIMIT,      /* for that; 0: none */
    ZRAM_USED_MAX,   /* since it was reset */
    ZRAM_SAME,       /* pages of one repeated word, which take nothing */
    ZRAM_COMPACTED,  /* pages that compaction freed */
    ZRAM_HUGE,       /* pages that do not shrink; Linux 4.19 */
    ZRAM_COLUMNS,
};

struct zram_memory {
    unsigned column_count; /* 7 or 8 are there; later kernels' further ones are skipped */
    uint64_t columns[ZRAM_COLUMNS];
};

/* 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int zram_parse(const char *text, size_t length,
                                                   struct zram_memory *out);

extern const struct collector zram_collector;

#endif

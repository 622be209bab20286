/*
 * What block devices did: /proc/diskstats, Documentation/admin-guide/iostats.rst. Devices that
 * disk_device_is_excluded() are left out unless the configuration says which are.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_DISK_H
#define TACHO_COLLECTORS_SYSTEM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/* In the file's order. Sectors have 512 bytes whatever the device's are; times are in ms. */
enum disk_field {
    DISK_READS,
    DISK_READS_MERGED,
    DISK_SECTORS_READ,
    DISK_READ_TIME,
    DISK_WRITES,
    DISK_WRITES_MERGED,
    DISK_SECTORS_WRITTEN,
    DISK_WRITE_TIME,
    DISK_IN_FLIGHT,
    DISK_BUSY_TIME,
    DISK_WEIGHTED_TIME,
    DISK_DISCARDS, /* Linux 4.18 */
    DISK_DISCARDS_MERGED,
    DISK_SECTORS_DISCARDED,
    DISK_DISCARD_TIME,
    DISK_FLUSHES, /* Linux 5.5 */
    DISK_FLUSH_TIME,
    DISK_FIELDS,
};

struct disk_row {
    uint64_t major;
    uint64_t minor;
    struct span name;
    unsigned field_count;
    uint64_t fields[DISK_FIELDS]; /* field_count of them */
};

#define DISK_ROWS_MAX 8192

/* Zero-initialised by the caller, kept over calls, freed by disk_table_finish(). */
struct disk_table {
    bool all; /* the caller's: also those that disk_device_is_excluded() */
    struct disk_row *rows;
    size_t count;
    size_t capacity;
};

/*
 * The devices that are not left out, with spans into the text; none is a valid answer. A line has
 * 11, 14, 18, or 20 and more columns. 0; -EBADMSG, without the lines that it does not understand,
 * -E2BIG with the first DISK_ROWS_MAX, or -ENOMEM with none.
 */
__attribute__((warn_unused_result)) int disk_parse(const char *text, size_t length,
                                                   struct disk_table *table);

void disk_table_finish(struct disk_table *table);

extern const struct collector disk_collector;

#endif

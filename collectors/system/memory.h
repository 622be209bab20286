/* The machine's memory: every field of /proc/meminfo, proc_meminfo(5), and the ARC of ZFS. */
#ifndef TACHO_COLLECTORS_SYSTEM_MEMORY_H
#define TACHO_COLLECTORS_SYSTEM_MEMORY_H

#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/fields.h"

struct memory_row {
    struct field_key key; /* MemTotal_bytes, Active_anon_bytes, HugePages_Total */
    double value;         /* bytes, or a plain number */
};

/* Kernels have about 60. */
#define MEMORY_ROWS_MAX 512

/* Zero-initialised by the caller, kept over calls, freed by memory_table_finish(). */
struct memory_table {
    struct memory_row *rows;
    size_t count;
    size_t capacity;
};

/*
 * All fields, under node_exporter's names. 0; -EBADMSG, without the lines that it does not
 * understand (or of no field at all), -E2BIG with the first MEMORY_ROWS_MAX, or -ENOMEM with none.
 */
__attribute__((warn_unused_result)) int memory_parse(const char *text, size_t length,
                                                     struct memory_table *table);

void memory_table_finish(struct memory_table *table);

extern const struct collector memory_collector;

#endif

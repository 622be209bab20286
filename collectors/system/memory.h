/* The machine's memory: every field of /proc/meminfo, proc_meminfo(5), and the ARC of ZFS. */
#ifndef TACHO_COLLECTORS_SYSTEM_MEMORY_H
#define TACHO_COLLECTORS_SYSTEM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

struct memory_row {
    struct span name; /* "MemTotal", "Active(anon)" */
    uint64_t value;
    bool in_kib; /* else a plain number, as of HugePages_Total */
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
 * All fields, with spans into the text. 0; -EBADMSG, -E2BIG above MEMORY_ROWS_MAX or -ENOMEM,
 * the table then being empty.
 */
__attribute__((warn_unused_result)) int memory_parse(const char *text, size_t length,
                                                     struct memory_table *table);

void memory_table_finish(struct memory_table *table);

extern const struct collector memory_collector;

#endif

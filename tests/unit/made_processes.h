/* Made-up lists of processes. */
#ifndef TACHO_TESTS_UNIT_MADE_PROCESSES_H
#define TACHO_TESTS_UNIT_MADE_PROCESSES_H

#include "collectors/process_list.h"

/* What matters of one; the rest is made up. */
struct made_process {
    uint32_t pid;
    const char *name;
    const char *command; /* NULL: none */
    double cpu_cores;
    uint64_t rss_bytes, shared_bytes;
    double read_bytes_per_second, write_bytes_per_second;
};

/* A list of tick `seq`, over a second before 1700000000000 + seq seconds, with one reference. */
struct process_list *process_list_make(uint64_t seq, const struct made_process *processes,
                                       size_t count);

#endif

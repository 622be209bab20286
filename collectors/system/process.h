/*
 * The daemon itself, under the names that every client library of Prometheus gives its process:
 * getrusage(2), getrlimit(2) and /proc/self, which is always the real one.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

/* How often descriptors are counted, limits asked for and a start that is unknown looked for. */
#define PROCESS_RARELY_MS 10000

struct process_memory {
    uint64_t virtual_pages;
    uint64_t resident_pages;
};

/* /proc/PID/statm, proc_pid_statm(5). 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int process_parse_statm(const char *text, size_t length,
                                                            struct process_memory *out);

/*
 * When the process of this /proc/PID/stat started, in ticks of USER_HZ since boot:
 * proc_pid_stat(5). 0, or -EBADMSG with *out untouched.
 */
__attribute__((warn_unused_result)) int process_parse_start(const char *text, size_t length,
                                                            uint64_t *out);

extern const struct collector process_collector;

#endif

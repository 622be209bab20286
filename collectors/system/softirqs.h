/*
 * What interrupts put off until later: /proc/softirqs by kind and CPU, and the sums of all CPUs in
 * /proc/stat, proc_stat(5). Off unless asked for: that file is the dearest of all to make, and is
 * read a second time here.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_SOFTIRQS_H
#define TACHO_COLLECTORS_SYSTEM_SOFTIRQS_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

#define SOFTIRQ_VECTORS 10

struct softirq_sums {
    unsigned count; /* of them, as the kernel orders them: 0 or SOFTIRQ_VECTORS */
    uint64_t vectors[SOFTIRQ_VECTORS];
};

/*
 * The sums in the text of /proc/stat, wherever their line stands; none is an answer too, as before
 * Linux 2.6.31. 0, or -EBADMSG with *out untouched.
 */
__attribute__((warn_unused_result)) int softirqs_parse_sums(const char *text, size_t length,
                                                            struct softirq_sums *out);

extern const struct collector softirqs_collector;

#endif

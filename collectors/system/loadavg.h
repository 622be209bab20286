/* The load averages: /proc/loadavg, proc_loadavg(5). */
#ifndef TACHO_COLLECTORS_SYSTEM_LOADAVG_H
#define TACHO_COLLECTORS_SYSTEM_LOADAVG_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

/* Runnable and uninterruptible tasks, averaged over 1, 5 and 15 minutes. */
struct loadavg {
    double load1;
    double load5;
    double load15;
    uint64_t threads; /* of the machine, those of the kernel too */
};

/* 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int loadavg_parse(const char *text, size_t length,
                                                      struct loadavg *out);

extern const struct collector loadavg_collector;

#endif

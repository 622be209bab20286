/*
 * Time that tasks waited for what is short (PSI): /proc/pressure/{cpu,io,memory,irq},
 * Documentation/accounting/psi.rst.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PRESSURE_H
#define TACHO_COLLECTORS_SYSTEM_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

enum pressure_share {
    PRESSURE_SOME, /* some tasks waited; irq has no such line */
    PRESSURE_FULL, /* all of them at once; cpu has it since Linux 5.13 */
    PRESSURE_SHARES,
};

/* A file's totals since boot, of the lines that it has. */
struct pressure {
    bool present[PRESSURE_SHARES];
    uint64_t total_us[PRESSURE_SHARES];
};

/* 0, or -EBADMSG with *out untouched, as when it has neither line. */
__attribute__((warn_unused_result)) int pressure_parse(const char *text, size_t length,
                                                       struct pressure *out);

extern const struct collector pressure_collector;

#endif

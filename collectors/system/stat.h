/*
 * What /proc/stat says besides the CPUs' times: proc_stat(5). The file is the dearest of all to
 * make, so that it is read once, by the cpu collector, which hands the rest of the text on.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_STAT_H
#define TACHO_COLLECTORS_SYSTEM_STAT_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

enum stat_line {
    STAT_INTERRUPTS,       /* serviced since boot, of all kinds */
    STAT_CONTEXT_SWITCHES, /* since boot */
    STAT_BOOT_TIME,        /* Unix seconds */
    STAT_FORKS,            /* since boot, threads too */
    STAT_RUNNING,          /* runnable tasks now */
    STAT_BLOCKED,          /* tasks now waiting for I/O */
    STAT_LINES,
};

struct stat_lines {
    unsigned present; /* a bit for each stat_line; old kernels and lxcfs lack some */
    uint64_t values[STAT_LINES];
};

/* Zero-initialised by the caller. */
struct stat_series {
    struct sink_series lines[STAT_LINES];
};

/*
 * Takes the lines that it knows, wherever they stand; none at all is an answer too. 0, or -EBADMSG
 * when one of them has no number, *out then having the others.
 */
__attribute__((warn_unused_result)) int stat_parse(const char *text, size_t length,
                                                   struct stat_lines *out);

/* Writes what is present. */
void stat_write(struct stat_series *series, const struct stat_lines *lines, struct sink *sink);

#endif

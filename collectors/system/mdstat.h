/* Software RAID as /proc/mdstat shows it (drivers/md/md.c), md(4). */
#ifndef TACHO_COLLECTORS_SYSTEM_MDSTAT_H
#define TACHO_COLLECTORS_SYSTEM_MDSTAT_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/parse.h"

/* More arrays are not of a machine that we know. */
#define MDSTAT_ARRAYS_MAX 256

enum mdstat_state {
    MDSTAT_ACTIVE,
    MDSTAT_INACTIVE,
    MDSTAT_RECOVERING,
    MDSTAT_RESYNC,
    MDSTAT_CHECK,
    MDSTAT_STATES,
};

/* The name is the file's text. */
struct mdstat_array {
    struct span name;
    enum mdstat_state state;
    uint64_t active;   /* disks that are in use */
    uint64_t failed;   /* and those that failed */
    uint64_t spare;    /* and that wait */
    uint64_t required; /* disks in use, were none missing */
    uint64_t blocks;   /* of 1 KiB */
    uint64_t synced;   /* of these; all, unless it is being synchronised */
};

typedef void mdstat_take(void *context, const struct mdstat_array *array);

/*
 * Gives each array to `take`, in the file's order. 0; -EBADMSG without those that it does not
 * understand; or -E2BIG behind MDSTAT_ARRAYS_MAX.
 */
__attribute__((warn_unused_result)) int mdstat_parse(const char *text, size_t length,
                                                     mdstat_take *take, void *context);

#endif

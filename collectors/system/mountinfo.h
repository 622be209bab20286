/*
 * The mounts of a namespace: /proc/PID/mountinfo, proc_pid_mountinfo(5), without those that
 * mount_filter.h names and those that another mount covers.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_MOUNTINFO_H
#define TACHO_COLLECTORS_SYSTEM_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/* Whether a path leads through a mount. */
enum mountinfo_reach {
    MOUNTINFO_UNKNOWN,
    MOUNTINFO_REACHED,
    MOUNTINFO_CUT_OFF,
};

/* The texts end with NUL, have no escapes, hold any other byte, and live as long as the table. */
struct mountinfo_row {
    struct span id;  /* digits, in the text; given anew when the mount has gone */
    uint64_t number; /* what the id says */
    uint64_t parent; /* the id of the mount that it lies on */
    uint64_t major;
    uint64_t minor;
    const char *mount_point;
    const char *fstype;
    const char *device; /* may be empty */
    bool mount_readonly;
    bool super_readonly; /* the file system as a whole, whoever has mounted it where */
    /*
     * Of the mounts of one file system (bind mounts, subvolumes) that with the shortest path, which
     * is / if it is among them.
     */
    bool first_of_device;
    bool elsewhere;             /* mountinfo_source.h: the path leads to another file system here */
    bool hidden;                /* mountinfo_cover.h; of the rows of a finished table none is */
    enum mountinfo_reach reach; /* its own */
    const char *place;          /* the mount point as it is in the text, but without escapes */
};

/* Of mounts that no exclusion of mount points drops. */
#define MOUNTINFO_ROWS_MAX 4096

/* Zero-initialised by the caller, kept over calls, freed by mountinfo_finish(). */
struct mountinfo_table {
    /* The caller's: what was chosen in place of mount_filter.h's; NULL: nothing. */
    const struct collector_roots *roots;
    struct mountinfo_row *rows; /* each of another mount point, ordered by device */
    size_t count;
    size_t capacity;
    char *texts;
    size_t text_capacity;
    struct mountinfo_row **by_folder; /* mountinfo_cover.h's */
    size_t folder_capacity;
};

/*
 * What can be seen of the mounts: those that a path leads to. Mount points below rootfs ("" or a
 * path without a slash at its end) are given as seen from there, the others as they are; of several
 * that are the same then, the last. 0; -EBADMSG with the rows that could not be understood left
 * out; -E2BIG with the first MOUNTINFO_ROWS_MAX; or -ENOMEM, the table then being empty.
 */
__attribute__((warn_unused_result)) int
mountinfo_parse(const char *text, size_t length, const char *rootfs, struct mountinfo_table *table);

/* Whether the table has a mount of the same file system on the same mount point. */
bool mountinfo_has(const struct mountinfo_table *table, const struct mountinfo_row *row);

void mountinfo_finish(struct mountinfo_table *table);

#endif

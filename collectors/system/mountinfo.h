/*
 * The mounts of a namespace: /proc/PID/mountinfo, proc_pid_mountinfo(5), without those that
 * mount_filter.h names and those that another mount covers.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_MOUNTINFO_H
#define TACHO_COLLECTORS_SYSTEM_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/parse.h"

/* The texts end with NUL, have no escapes, hold any other byte, and live as long as the table. */
struct mountinfo_row {
    struct span id; /* digits, in the text; given anew when the mount has gone */
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
};

/* Of mounts that no exclusion of mount points drops. */
#define MOUNTINFO_ROWS_MAX 4096

/* Zero-initialised by the caller, kept over calls, freed by mountinfo_finish(). */
struct mountinfo_table {
    struct mountinfo_row *rows; /* each of another mount point, ordered by device */
    size_t count;
    size_t capacity;
    char *texts;
    size_t text_capacity;
};

/*
 * What can be seen of the mounts; of several on one mount point it is the last. Mount points below
 * rootfs ("" or a path without a slash at its end) are given as seen from there, the others as they
 * are. 0; -EBADMSG, -E2BIG above MOUNTINFO_ROWS_MAX or -ENOMEM, the table then being empty.
 */
__attribute__((warn_unused_result)) int
mountinfo_parse(const char *text, size_t length, const char *rootfs, struct mountinfo_table *table);

void mountinfo_finish(struct mountinfo_table *table);

#endif

/*
 * Where the mounts are read from: from process 1, so that a private mount namespace around this
 * process hides none and makes none seem read-only; where it does not show them, from this process.
 *
 * What process 1 has mounted may not be where a path of this process leads: its namespace may lack
 * the mount (made after it, in a container) or have another there (ProtectHome=). So, unless the
 * two are in one namespace, each mount is looked for among this process's own too.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_MOUNTINFO_SOURCE_H
#define TACHO_COLLECTORS_SYSTEM_MOUNTINFO_SOURCE_H

#include "collectors/procfs.h"
#include "collectors/system/mountinfo.h"

/* Caller's memory. */
struct mountinfo_source {
    struct mountinfo_table table; /* what was read last */
    bool own;                     /* of this process, not of process 1 */
    bool compared;                /* with own_table */
    struct procfs_file file;
    struct procfs_file own_file;
    struct mountinfo_table own_table;
    const char *rootfs; /* the caller's: "" or a path without a slash at its end */
};

/* 0 or -errno, as procfs_open(). Whatever it returns, mountinfo_source_finish() is right. */
__attribute__((warn_unused_result)) int
mountinfo_source_open(struct mountinfo_source *source, const char *procfs, const char *rootfs);

/*
 * Fills the table, with `elsewhere` of its rows. 0 or -errno with the table not to be used. What
 * was skipped in a text that could be read is *trouble: as mountinfo_parse(), or 0.
 */
__attribute__((warn_unused_result)) int mountinfo_source_read(struct mountinfo_source *source,
                                                              int *trouble);

void mountinfo_source_finish(struct mountinfo_source *source);

#endif

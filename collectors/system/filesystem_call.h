/* One mount's statvfs(2), as a task. */
#ifndef TACHO_COLLECTORS_SYSTEM_FILESYSTEM_CALL_H
#define TACHO_COLLECTORS_SYSTEM_FILESYSTEM_CALL_H

#include "collectors/task.h"

/* The texts are the collector's to read at any time, the answer when the task is done. */
struct filesystem_call {
    struct task task;
    struct filesystem_call *next; /* of those whose mount has gone while they were out */
    int error;                    /* 0 or -errno, with the numbers then untouched */
    double size_bytes;
    double free_bytes;
    double avail_bytes;
    double files;
    double files_free;
    const char *mount_point; /* the end of the path */
    const char *device;
    const char *fstype;
    char path[]; /* as this process sees it */
};

/*
 * Of the mount point below rootfs, which is "" or a path without a slash at its end. NULL without
 * memory. It ends by task_abandon().
 */
struct filesystem_call *filesystem_call_new(const char *rootfs, const char *mount_point,
                                            const char *device, const char *fstype);

#endif

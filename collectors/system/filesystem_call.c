#include "collectors/system/filesystem_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/*
 * Blocks are counted in f_frsize, as POSIX says and df computes. node_exporter multiplies by
 * f_bsize, the preferred size of a transfer; the two are one for every file system of the kernel,
 * and only where a FUSE server makes them differ are its numbers not ours but too large.
 */
static void on_run(struct task *task)
{
    struct filesystem_call *call = (struct filesystem_call *)(void *)task;
    struct statvfs answer;
    double block_bytes;

    call->error = 0;
    if (statvfs(call->path, &answer) < 0) {
        call->error = -errno;
        return;
    }
    block_bytes = (double)answer.f_frsize;
    call->size_bytes = (double)answer.f_blocks * block_bytes;
    call->free_bytes = (double)answer.f_bfree * block_bytes;
    call->avail_bytes = (double)answer.f_bavail * block_bytes;
    call->files = (double)answer.f_files;
    call->files_free = (double)answer.f_ffree;
}

static void on_free(struct task *task)
{
    free(task);
}

static char *append(char *at, const char *text)
{
    return stpcpy(at, text) + 1;
}

struct filesystem_call *filesystem_call_new(const char *rootfs, const char *mount_point,
                                            const char *device, const char *fstype)
{
    size_t bytes =
        strlen(rootfs) + strlen(mount_point) + 1 + strlen(device) + 1 + strlen(fstype) + 1;
    struct filesystem_call *call = calloc(1, sizeof *call + bytes);
    char *at;

    if (call == NULL)
        return NULL;
    task_init(&call->task, on_run, on_free);
    at = stpcpy(call->path, rootfs);
    call->mount_point = at;
    at = append(at, mount_point);
    call->device = at;
    at = append(at, device);
    call->fstype = at;
    append(at, fstype);
    return call;
}

#include "collectors/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "collectors/array.h"

#define SMALLEST_BUFFER 4096
/* Of the few names that are below net/. */
#define NET_PATH_BYTES 64

/*
 * A read that got no more than this was the whole file.
 *
 * The kernel makes these files with seq_file (fs/seq_file.c): it puts whole records into a buffer
 * of at least a page and hands that out. A read ends early, with text still to come, only when
 * the next record does not fit behind what is there, that is when it is longer than the rest of
 * the page. After half a page it would have to be longer than 2 KiB. Files of one record (stat,
 * meminfo, loadavg, pressure) have no next one; in those of many (diskstats, net/dev) a record is
 * a line of at most a few hundred bytes; and in interrupts, where it can be that long, the first
 * one is the longest since the heading belongs to it. So only longer files pay for the read that
 * says 0, and those of which we know that their lines are long.
 */
#define SURELY_WHOLE 2048

static void close_descriptor(struct procfs_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static int open_descriptor(struct procfs_file *file)
{
    struct statfs filesystem;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    file->fd = fd;
    if (fstatfs(fd, &filesystem) < 0)
        filesystem.f_type = 0;
    file->kept = filesystem.f_type == PROC_SUPER_MAGIC;
    file->overlay = filesystem.f_type == FUSE_SUPER_MAGIC;
    return 0;
}

int procfs_open(struct procfs_file *file, const char *root, const char *path)
{
    size_t size = strlen(root) + 1 + strlen(path) + 1;

    *file = (struct procfs_file){.path = malloc(size), .fd = -1};
    if (file->path == NULL)
        return -ENOMEM;
    snprintf(file->path, size, "%s/%s", root, path);
    return open_descriptor(file);
}

/* "/proc", with slashes behind it or not. */
static bool is_own(const char *procfs)
{
    size_t length = strlen(procfs);

    while (length > 1 && procfs[length - 1] == '/')
        length--;
    return length == strlen("/proc") && memcmp(procfs, "/proc", length) == 0;
}

int procfs_open_net(struct procfs_file *file, const char *procfs, const char *name)
{
    char path[NET_PATH_BYTES];
    int result;

    if (!is_own(procfs)) {
        snprintf(path, sizeof path, "1/net/%s", name);
        result = procfs_open(file, procfs, path);
        if (result != -ENOENT && result != -EACCES)
            return result;
        procfs_close(file);
    }
    snprintf(path, sizeof path, "net/%s", name);
    return procfs_open(file, procfs, path);
}

static int read_whole(struct procfs_file *file, size_t *length)
{
    size_t used = 0;

    for (;;) {
        char *buffer = array_reserve(file->buffer, &file->capacity,
                                     used < SMALLEST_BUFFER ? SMALLEST_BUFFER : used + 1, 1);
        ssize_t got;

        if (buffer == NULL)
            return -ENOMEM;
        file->buffer = buffer;
        got = pread(file->fd, buffer + used, file->capacity - used, (off_t)used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        used += (size_t)got;
        if (used > PROCFS_FILE_MAX)
            return -E2BIG;
        if (got == 0 || (used <= SURELY_WHOLE && !file->long_lines))
            break;
    }
    *length = used;
    return 0;
}

int procfs_read(struct procfs_file *file, const char **text, size_t *length)
{
    bool reused = file->fd >= 0;
    int result = reused ? read_whole(file, length) : -EBADF;

    /*
     * What a kept descriptor stands for may have gone and come back (a module unloaded and loaded
     * again): its error means nothing until the path has been tried.
     */
    if (result < 0 && result != -E2BIG && result != -ENOMEM) {
        close_descriptor(file);
        result = open_descriptor(file);
        if (result == 0)
            result = read_whole(file, length);
    }
    if (result < 0 || !file->kept)
        close_descriptor(file);
    if (result < 0)
        return result;
    *text = file->buffer;
    return 0;
}

int procfs_read_once(struct procfs_file *file, const char *root, const char *path,
                     const char **text, size_t *length)
{
    int result = procfs_open(file, root, path);

    file->long_lines = true;
    return result == 0 ? procfs_read(file, text, length) : result;
}

void procfs_close(struct procfs_file *file)
{
    if (file->path == NULL)
        return;
    close_descriptor(file);
    free(file->buffer);
    free(file->path);
    *file = (struct procfs_file){.fd = -1};
}

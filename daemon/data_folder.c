#include "daemon/data_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "daemon/clock.h"

#define DRAFT_ENDING ".part"

int data_folder_open_file(const struct data_folder *folder, const char *name, int flags)
{
    int fd = openat(folder->fd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? -errno : fd;
}

int data_folder_remove(const struct data_folder *folder, const char *name)
{
    return unlinkat(folder->fd, name, 0) == 0 ? 0 : -errno;
}

int data_folder_sync(const struct data_folder *folder)
{
    return TEMP_FAILURE_RETRY(fsync(folder->fd)) == 0 ? 0 : -errno;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = TEMP_FAILURE_RETRY(write(fd, data, size));

        if (written < 0)
            return -errno;
        data += written;
        size -= (size_t)written;
    }
    return TEMP_FAILURE_RETRY(fdatasync(fd)) == 0 ? 0 : -errno;
}

static int name_draft(const char *name, char draft[DATA_NAME_MAX])
{
    int length = snprintf(draft, DATA_NAME_MAX, "%s" DRAFT_ENDING, name);

    return length < DATA_NAME_MAX ? 0 : -ENAMETOOLONG;
}

int data_folder_draft(const struct data_folder *folder, const char *name, const void *data,
                      size_t size, int *fd)
{
    char draft[DATA_NAME_MAX];
    int result = name_draft(name, draft);
    int file;

    if (result < 0)
        return result;
    file = data_folder_open_file(folder, draft, O_WRONLY | O_CREAT | O_TRUNC);
    if (file < 0)
        return file;
    result = write_all(file, data, size);
    if (result < 0) {
        close(file);
        unlinkat(folder->fd, draft, 0);
        return result;
    }
    *fd = file;
    return 0;
}

int data_folder_publish(const struct data_folder *folder, const char *name)
{
    char draft[DATA_NAME_MAX];
    int result = name_draft(name, draft);

    if (result == 0 && renameat(folder->fd, draft, folder->fd, name) != 0) {
        result = -errno;
        unlinkat(folder->fd, draft, 0);
    }
    return result;
}

int data_folder_replace(const struct data_folder *folder, const char *name, const void *data,
                        size_t size)
{
    int fd;
    int result = data_folder_draft(folder, name, data, size, &fd);

    if (result < 0)
        return result;
    close(fd);
    result = data_folder_publish(folder, name);
    return result < 0 ? result : data_folder_sync(folder);
}

int data_folder_set_aside(const struct data_folder *folder, const char *name,
                          char aside[DATA_NAME_MAX])
{
    long long seconds = clock_now().real_ns / NS_PER_SECOND;

    if (snprintf(aside, DATA_NAME_MAX, "%s.damaged-%lld", name, seconds) >= DATA_NAME_MAX)
        return -ENAMETOOLONG;
    return renameat(folder->fd, name, folder->fd, aside) == 0 ? 0 : -errno;
}

static int list(DIR *listing, int (*on_name)(void *arg, const char *name), void *arg)
{
    int result = 0;

    while (result == 0) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(listing);
        if (!entry)
            return -errno;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = on_name(arg, entry->d_name);
    }
    return result;
}

int data_folder_list(const struct data_folder *folder, int (*on_name)(void *arg, const char *name),
                     void *arg)
{
    /* Another description of the directory, since the listing has a place in it. */
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    int result = -errno;

    if (!listing) {
        if (fd >= 0)
            close(fd);
        return result;
    }
    result = list(listing, on_name, arg);
    closedir(listing);
    return result;
}

int data_folder_free_bytes(const struct data_folder *folder, uint64_t *out)
{
    struct statvfs status;

    if (TEMP_FAILURE_RETRY(fstatvfs(folder->fd, &status)) != 0)
        return -errno;
    *out = (uint64_t)status.f_bavail * status.f_frsize;
    return 0;
}

#include "collectors/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The driver writes the attribute at once, so that a read which has room for all gets all. */
static ssize_t read_once(int fd, char *buffer, size_t size)
{
    ssize_t got;

    do
        got = read(fd, buffer, size);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int sysfs_read(int folder, const char *path, char *buffer, size_t size, struct span *out)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    size_t length;

    if (fd < 0)
        return -errno;
    got = read_once(fd, buffer, size);
    close(fd);
    if (got < 0)
        return (int)got;
    length = (size_t)got;
    if (length >= size)
        return -E2BIG;
    if (length > 0 && buffer[length - 1] == '\n')
        length--;
    *out = (struct span){buffer, length};
    return 0;
}

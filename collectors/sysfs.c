#include "collectors/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Longer than any number. */
#define NUMBER_BYTES 32

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

static bool is_space(char c)
{
    return c == '\n' || c == '\r' || char_is_blank(c);
}

int sysfs_read_text(int folder, const char *path, char *buffer, size_t size)
{
    struct span text = {buffer, 0};
    int result = sysfs_read(folder, path, buffer, size, &text);

    while (text.length > 0 && is_space(text.at[text.length - 1]))
        text.length--;
    for (; text.length > 0 && is_space(*text.at); text.length--)
        text.at++;
    memmove(buffer, text.at, text.length);
    buffer[text.length] = '\0';
    return result;
}

static bool scan_hexadecimal(struct scanner *scanner, int64_t *out)
{
    uint64_t value;

    if (!scan_hex(scanner, &value) || value > INT64_MAX)
        return false;
    *out = (int64_t)value;
    return true;
}

int sysfs_parse_number(const char *text, size_t length, int64_t *out)
{
    struct scanner scanner = scanner_over(text, length);
    int64_t number;
    bool good = scan_literal(&scanner, "0x") ? scan_hexadecimal(&scanner, &number)
                                             : scan_i64(&scanner, &number);

    if (!good || !scan_is_done(&scanner))
        return -EBADMSG;
    *out = number;
    return 0;
}

int sysfs_read_number(int folder, const char *path, int64_t *out)
{
    char buffer[NUMBER_BYTES];
    struct span text = {0};
    int result = sysfs_read(folder, path, buffer, sizeof buffer, &text);

    return result < 0 ? result : sysfs_parse_number(text.at, text.length, out);
}

int sysfs_open_device(const char *sysfs, const char *list, const char *name)
{
    char path[PATH_MAX];
    int list_length = snprintf(path, sizeof path, "%s/%s/", sysfs, list);
    size_t name_bytes = strlen(name) + 1;
    int fd;

    if (list_length < 0 || (size_t)list_length + name_bytes > sizeof path)
        return -ENAMETOOLONG;
    for (size_t index = 0; index < name_bytes; index++)
        path[(size_t)list_length + index] = name[index] == '/' ? '!' : name[index];
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

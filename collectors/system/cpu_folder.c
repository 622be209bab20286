#include "collectors/system/cpu_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collectors/parse.h"

static bool parse_name(const char *name, uint64_t *number)
{
    struct scanner scanner = scanner_over(name, strlen(name));

    return scan_literal(&scanner, "cpu") && scan_u64(&scanner, number) && scan_is_done(&scanner) &&
           *number <= CPU_NUMBER_MAX;
}

bool cpu_folder_is_cpu(const char *name)
{
    uint64_t number;

    return parse_name(name, &number);
}

int cpu_folder_check(const struct collector_roots *roots, const char *name)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/" CPU_FOLDER "/cpu0/%s", roots->sysfs, name);

    if (length < 0 || (size_t)length >= sizeof path)
        return -ENOENT;
    return access(path, F_OK) < 0 ? -ENOENT : 0;
}

int cpu_folder_list(int folder, struct cpu_set *out)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    struct cpu_set set = {{false}};
    const struct dirent *entry;
    uint64_t number;
    int result;

    if (listing == NULL) {
        result = -errno;
        if (fd >= 0)
            close(fd);
        return result;
    }
    while (errno = 0, (entry = readdir(listing)) != NULL) {
        if (parse_name(entry->d_name, &number))
            set.has[number] = true;
    }
    result = -errno;
    closedir(listing);
    if (result == 0)
        *out = set;
    return result;
}

static int parse_range(struct scanner *scanner, struct cpu_set *set)
{
    uint64_t first, last;

    if (!scan_u64(scanner, &first))
        return -EBADMSG;
    last = first;
    if (scan_char(scanner, '-') && (!scan_u64(scanner, &last) || last < first))
        return -EBADMSG;
    if (last > CPU_NUMBER_MAX)
        return -E2BIG;
    for (uint64_t number = first; number <= last; number++)
        set->has[number] = true;
    return 0;
}

int cpu_set_parse(const char *text, size_t length, struct cpu_set *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct cpu_set set = {{false}};
    int result = 0;

    if (!scan_is_done(&scanner)) {
        do
            result = parse_range(&scanner, &set);
        while (result == 0 && scan_char(&scanner, ','));
    }
    if (result == 0 && !scan_is_done(&scanner))
        result = -EBADMSG;
    if (result == 0)
        *out = set;
    return result;
}

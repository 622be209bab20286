#include "collectors/system/mount_filter.h"

#include <stddef.h>
#include <string.h>

/* What stands behind a path's prefix; NULL where that is not its prefix. */
static const char *behind(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(path, prefix, length) == 0 ? path + length : NULL;
}

/* "($|/)" */
static bool ends_a_name(const char *rest)
{
    return *rest == '\0' || *rest == '/';
}

/* ".+($|/)" */
static bool has_a_name(const char *rest)
{
    for (size_t index = 0; rest[index] != '\0' && rest[index] != '\n'; index++) {
        if (ends_a_name(rest + index + 1))
            return true;
    }
    return false;
}

bool mount_filter_excludes_point(const char *mount_point)
{
    static const char *const trees[] = {"/dev", "/proc", "/sys"};
    static const char *const contents[] = {"/run/credentials/", "/var/lib/docker/",
                                           "/var/lib/containers/storage/"};

    for (size_t index = 0; index < sizeof trees / sizeof trees[0]; index++) {
        const char *rest = behind(mount_point, trees[index]);

        if (rest != NULL && ends_a_name(rest))
            return true;
    }
    for (size_t index = 0; index < sizeof contents / sizeof contents[0]; index++) {
        const char *rest = behind(mount_point, contents[index]);

        if (rest != NULL && has_a_name(rest))
            return true;
    }
    return false;
}

bool mount_filter_excludes_type(const char *fstype)
{
    static const char *const types[] = {
        "autofs",    "binfmt_misc", "bpf",   "cgroup",  "cgroup2",   "configfs",   "debugfs",
        "devpts",    "devtmpfs",    "erofs", "fusectl", "hugetlbfs", "iso9660",    "mqueue",
        "nsfs",      "overlay",     "proc",  "procfs",  "pstore",    "rpc_pipefs", "securityfs",
        "selinuxfs", "squashfs",    "sysfs", "tracefs",
    };

    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        if (strcmp(fstype, types[index]) == 0)
            return true;
    }
    return false;
}

/* Which mounts node_exporter leaves out unless told otherwise (its defaults as of 1.10). */
#ifndef TACHO_COLLECTORS_SYSTEM_MOUNT_FILTER_H
#define TACHO_COLLECTORS_SYSTEM_MOUNT_FILTER_H

#include <stdbool.h>

/*
 * ^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/), where a
 * point matches no newline and $ only the very end, as in Go.
 */
bool mount_filter_excludes_point(const char *mount_point);

/*
 * ^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|
 * mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|
 * tracefs)$: what holds no data of its own, or is full by nature. statvfs(2) of an autofs would
 * also mount what it stands for.
 */
bool mount_filter_excludes_type(const char *fstype);

#endif

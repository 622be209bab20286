#include "collectors/system/mount_filter.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

/* What the expression itself says; POSIX's differs from Go's in no text without a newline. */
static bool matches(const char *expression, const char *text)
{
    regex_t compiled;
    bool matched;

    ck_assert_int_eq(regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB), 0);
    matched = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return matched;
}

START_TEST(excluded_points_are_node_exporters)
{
    static const char expression[] =
        "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";
    static const char *const heads[] = {
        "/",        "/dev",  "/proc", "/sys", "/run/credentials", "/var/lib/docker",
        "/var/lib", "/home", "/run",  "dev",  "/x/dev",           "/var/lib/containers/storage",
    };
    static const char *const tails[] = {"",   "/",  "//",   "/a", "/a/", "/a/b",
                                        "//", "/ ", "//a/", "s",  "-x/", "/\xff"};
    size_t excluded = 0;

    for (size_t head = 0; head < sizeof heads / sizeof heads[0]; head++) {
        for (size_t tail = 0; tail < sizeof tails / sizeof tails[0]; tail++) {
            char path[128];
            bool wanted;

            snprintf(path, sizeof path, "%s%s", heads[head], tails[tail]);
            wanted = matches(expression, path);
            excluded += wanted;
            ck_assert_msg(mount_filter_excludes_point(path) == wanted, "%s", path);
        }
    }
    ck_assert_uint_gt(excluded, 40);
    ck_assert(mount_filter_excludes_point("/dev/a\nb"));
    ck_assert(!mount_filter_excludes_point("/dev\n"));
    ck_assert(mount_filter_excludes_point("/var/lib/docker/a/b\nc"));
    ck_assert(!mount_filter_excludes_point("/var/lib/docker/a\nb/c"));
    ck_assert(!mount_filter_excludes_point("/var/lib/docker/\n"));
}
END_TEST

START_TEST(excluded_types_are_node_exporters)
{
    static const char expression[] =
        "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|"
        "iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|"
        "erofs|sysfs|tracefs)$";
    static const char *const types[] = {
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "fusectl",
        "hugetlbfs",
        "iso9660",
        "mqueue",
        "nsfs",
        "overlay",
        "proc",
        "procfs",
        "pstore",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "squashfs",
        "erofs",
        "sysfs",
        "tracefs",
        /* and these are not */
        "",
        "ext4",
        "xfs",
        "btrfs",
        "tmpfs",
        "nfs4",
        "fuse",
        "fuse.bindfs",
        "fuseblk",
        "cgroup3",
        "cgroup22",
        "overlayfs",
        "proc ",
        "ramfs",
        "xproc",
        "sys",
        "zfs",
        "vfat",
        "PROC",
        "9p",
    };
    size_t excluded = 0;

    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        bool wanted = matches(expression, types[index]);

        excluded += wanted;
        ck_assert_msg(mount_filter_excludes_type(types[index]) == wanted, "%s", types[index]);
    }
    ck_assert_uint_eq(excluded, 25);
}
END_TEST

int main(void)
{
    return RUN_TESTS("mount_filter", excluded_points_are_node_exporters,
                     excluded_types_are_node_exporters);
}

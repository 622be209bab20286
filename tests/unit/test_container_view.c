#include "collectors/system/container_view.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/support.h"

#define ROOT "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw,discard\n"
#define PROC "28 27 0:40 / /proc rw,nosuid - proc proc rw\n"
#define LXC(id, name)                                                                              \
    id " 28 0:50 /proc/" name " /proc/" name                                                       \
       " rw,nosuid,nodev,relatime - fuse.lxcfs lxcfs rw,user_id=0,group_id=0,allow_other\n"

static int parse(const char *text, struct container_view *view)
{
    return container_view_parse(text, strlen(text), "/proc", view);
}

static void expect_count(const char *text, size_t count)
{
    struct container_view view = {.count = 7};

    ck_assert_msg(parse(text, &view) == 0, "%s", text);
    ck_assert_msg(view.count == count, "%zu: %s", view.count, text);
}

START_TEST(lxcfs_is_seen)
{
    struct container_view view;

    ck_assert_int_eq(
        parse(ROOT PROC LXC("32", "stat") LXC("31", "meminfo") LXC("33", "pressure/cpu"), &view),
        0);
    ck_assert_uint_eq(view.count, 3);
    ck_assert_str_eq(view.files[0], "meminfo");
    ck_assert_str_eq(view.files[1], "pressure/cpu");
    ck_assert_str_eq(view.files[2], "stat");
    /* It is mounted as a whole too, where its files come from. */
    expect_count(ROOT PROC "30 27 0:50 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n", 0);
    /* Another server does the same. */
    expect_count(ROOT PROC "30 28 0:50 /u /proc/uptime rw - fuse sysboxfs rw\n", 1);
}
END_TEST

START_TEST(what_is_mounted_below_proc_otherwise)
{
    expect_count("", 0);
    expect_count(ROOT PROC, 0);
    /* What container engines hide, and what systemd and binfmt_misc mount. */
    expect_count(ROOT PROC "30 28 0:51 / /proc/kcore rw - tmpfs tmpfs rw\n", 0);
    expect_count(ROOT PROC "30 28 0:40 /sys /proc/sys ro - proc proc rw\n", 0);
    expect_count(ROOT PROC "30 28 0:52 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n", 0);
    expect_count(ROOT PROC "30 28 0:52 / /proc/x rw - fuseblk /dev/sda1 rw\n", 0);
    /* Beside it. */
    expect_count(ROOT PROC "30 27 0:50 / /process rw - fuse.lxcfs lxcfs rw\n", 0);
    expect_count(ROOT PROC "30 27 0:50 / /host/proc/stat rw - fuse.lxcfs lxcfs rw\n", 0);
    expect_count(ROOT "30 27 0:50 / /proc rw - fuse.lxcfs lxcfs rw\n", 0);
}
END_TEST

/* A service may have a /proc of its own over that with lxcfs: what it reads is the host's. */
START_TEST(what_is_covered_is_not_seen)
{
    expect_count(ROOT PROC LXC("31", "stat") "40 28 0:60 / /proc rw - proc proc rw\n", 0);
    expect_count(ROOT PROC LXC("31", "stat") "40 31 0:40 /stat /proc/stat rw - proc proc rw\n", 0);
    /* The other way round. */
    expect_count(ROOT PROC "31 28 0:60 / /proc rw - proc proc rw\n"
                           "32 31 0:50 /s /proc/stat rw - fuse.lxcfs lxcfs rw\n",
                 1);
}
END_TEST

START_TEST(bad_text)
{
    struct container_view view = {.count = 7};

    ck_assert_int_eq(parse("what?\n" ROOT PROC LXC("31", "stat"), &view), -EBADMSG);
    ck_assert_uint_eq(view.count, 1);
    ck_assert_int_eq(
        parse(ROOT PROC LXC("31", "a_name_of_thirty_two_characters_") LXC("32", "stat"), &view),
        -E2BIG);
    ck_assert_uint_eq(view.count, 1);
    ck_assert_str_eq(view.files[0], "stat");
}
END_TEST

START_TEST(too_many_files)
{
    struct container_view view;
    char text[CONTAINER_VIEW_FILES_MAX * 80 + 200];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", ROOT PROC);

    for (unsigned file = 0; file <= CONTAINER_VIEW_FILES_MAX; file++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used,
                             "%u 28 0:50 / /proc/f%u rw - fuse.lxcfs lxcfs rw\n", 40 + file, file);
    ck_assert_int_eq(container_view_parse(text, used, "/proc", &view), -E2BIG);
    ck_assert_uint_eq(view.count, CONTAINER_VIEW_FILES_MAX);
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct container_view view = {0};

    if (container_view_parse(text, length, "/proc", &view) == -ENOMEM)
        ck_abort();
    ck_assert_uint_le(view.count, 2);
}

START_TEST(every_prefix)
{
    each_prefix(ROOT PROC LXC("31", "meminfo") LXC("32", "stat"), expect_justified);
}
END_TEST

START_TEST(as_this_process_sees_a_folder)
{
    struct container_view view = {.count = 7};
    struct folder folder;
    char line[2 * sizeof folder.path];
    char link[sizeof folder.path + 8];

    folder_make(&folder);
    ck_assert_int_eq(container_view_read(folder.path, &view), -ENOENT);
    ck_assert_uint_eq(view.count, 7);
    snprintf(line, sizeof line, "30 27 0:50 / %s/proc/stat rw - fuse.lxcfs lxcfs rw\n",
             folder.path);
    folder_write(&folder, "proc/1/mountinfo", line);
    folder_write(&folder, "proc/self/mountinfo", ROOT);
    snprintf(link, sizeof link, "%s/proc/", folder.path);
    ck_assert_int_eq(container_view_read(link, &view), 0);
    ck_assert_uint_eq(view.count, 0); /* what others have mounted is not there for this one */
    folder_write(&folder, "proc/self/mountinfo", line);
    ck_assert_int_eq(container_view_read(link, &view), 0);
    ck_assert_uint_eq(view.count, 1);
    ck_assert_str_eq(view.files[0], "stat");
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("container_view", lxcfs_is_seen, what_is_mounted_below_proc_otherwise,
                     what_is_covered_is_not_seen, bad_text, too_many_files, every_prefix,
                     as_this_process_sees_a_folder);
}

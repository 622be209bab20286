#include "collectors/system/mountinfo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define ROOT "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw,discard\n"
#define HOME "36 27 8:3 / /home rw,nosuid,nodev shared:7 master:2 - xfs /dev/sda3 rw,attr2\n"

static int parse(const char *text, struct mountinfo_table *table)
{
    return mountinfo_parse(text, strlen(text), "", table);
}

static bool has(const struct mountinfo_table *table, const char *point)
{
    for (size_t index = 0; index < table->count; index++) {
        if (strcmp(table->rows[index].mount_point, point) == 0)
            return true;
    }
    return false;
}

/* The row of this mount point. Fails the test when there is none. */
static struct mountinfo_row find(const struct mountinfo_table *table, const char *point)
{
    size_t index = 0;

    ck_assert_msg(has(table, point), "%s", point);
    while (strcmp(table->rows[index].mount_point, point) != 0)
        index++;
    return table->rows[index];
}

/* The mount point and the device of one line, as they come out. */
static void expect_texts(const char *line, const char *point, const char *fstype,
                         const char *device)
{
    struct mountinfo_table table = {0};

    ck_assert_msg(parse(line, &table) == 0, "%s", line);
    ck_assert_uint_eq(table.count, 1);
    ck_assert_str_eq(table.rows[0].mount_point, point);
    ck_assert_str_eq(table.rows[0].fstype, fstype);
    ck_assert_str_eq(table.rows[0].device, device);
    mountinfo_finish(&table);
}

START_TEST(good_text)
{
    struct mountinfo_table table = {0};
    struct mountinfo_row home;

    ck_assert_int_eq(parse(ROOT HOME, &table), 0);
    ck_assert_uint_eq(table.count, 2);
    home = find(&table, "/home");
    ck_assert(span_equals(home.id, "36"));
    ck_assert_uint_eq(home.major, 8);
    ck_assert_uint_eq(home.minor, 3);
    ck_assert_str_eq(home.fstype, "xfs");
    ck_assert_str_eq(home.device, "/dev/sda3");
    ck_assert(home.first_of_device && !home.mount_readonly && !home.super_readonly);
    ck_assert_str_eq(find(&table, "/").device, "/dev/vda1");
    mountinfo_finish(&table);
}
END_TEST

START_TEST(no_mount_is_an_answer)
{
    struct mountinfo_table table = {0};

    ck_assert_int_eq(parse("", &table), 0);
    ck_assert_uint_eq(table.count, 0);
    ck_assert_int_eq(parse("22 27 0:21 / /proc rw - proc proc rw\n", &table), 0);
    ck_assert_uint_eq(table.count, 0);
    mountinfo_finish(&table);
}
END_TEST

START_TEST(escapes_are_undone)
{
    expect_texts("1 0 8:1 / /a\\040b\\011c\\012d\\134e rw - ext4 /dev/x\\043y rw\n",
                 "/a b\tc\nd\\e", "ext4", "/dev/x#y");
    expect_texts("1 0 8:1 / /a\\134040 rw - fuse.a\\040b //server/a\\040b rw\n", "/a\\040",
                 "fuse.a b", "//server/a b");
    expect_texts("1 0 8:1 / /\\377\\303\\244 rw - ext4 x rw\n", "/\377\303\244", "ext4", "x");
    /* What is none stays as it is. */
    expect_texts("1 0 8:1 / /a\\ rw - ext4 x rw\n", "/a\\", "ext4", "x");
    expect_texts("1 0 8:1 / /a\\04 rw - ext4 x rw\n", "/a\\04", "ext4", "x");
    expect_texts("1 0 8:1 / /a\\000\\400\\089\\x40 rw - ext4 x rw\n", "/a\\000\\400\\089\\x40",
                 "ext4", "x");
}
END_TEST

START_TEST(odd_lines_are_understood)
{
    expect_texts("1 0 8:1 / /m rw shared:1 master:2 propagate_from:3 unbindable - ext4 x rw\n",
                 "/m", "ext4", "x");
    expect_texts("1 0 8:1 / /m rw future:1:2=3 - ext4 x rw", "/m", "ext4", "x");
    expect_texts("1 0 0:44 / /m rw - tmpfs  rw\n", "/m", "tmpfs", "");
    expect_texts("1 0 0:44 / /m rw - tmpfs - rw\n", "/m", "tmpfs", "-");
    expect_texts("1 0 0:44 / /m/- rw - tmpfs - rw\n", "/m/-", "tmpfs", "-");
    expect_texts("1 0 0:4 net:[4026532] /m rw - ext4 x rw\n", "/m", "ext4", "x");
    expect_texts("1 0 8:1 / /gone//deleted rw - ext4 x rw\n", "/gone//deleted", "ext4", "x");
    expect_texts("1 0 8:1 / /\xff\xfe\x80 rw - ext4 \xc3( rw\n", "/\xff\xfe\x80", "ext4", "\xc3(");
    expect_texts("1 0 8:1 / /m rw - ext4 x \n", "/m", "ext4", "x");
    expect_texts("1 0 8:1 / /m rw - ext4 x rw,option=with blank - and more\n", "/m", "ext4", "x");
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "\n",
        "x 0 8:1 / /m rw - ext4 x rw\n",
        "-1 0 8:1 / /m rw - ext4 x rw\n",
        "18446744073709551616 0 8:1 / /m rw - ext4 x rw\n",
        "0000000000000000000000000000000000000000000000000000000000000001 0 8:1 / /m rw - a x rw\n",
        "1 x 8:1 / /m rw - ext4 x rw\n",
        "1  0 8:1 / /m rw - ext4 x rw\n",
        "1 0 8 / /m rw - ext4 x rw\n",
        "1 0 8: / /m rw - ext4 x rw\n",
        "1 0 8:-1 / /m rw - ext4 x rw\n",
        "1 0 8:1 / m rw - ext4 x rw\n",
        "1 0 8:1 /  rw - ext4 x rw\n",
        "1 0 8:1 / /m rw ext4 x rw\n",
        "1 0 8:1 / /m rw -\n",
        "1 0 8:1 / /m rw - ext4\n",
        "1 0 8:1 / /m rw - ext4 x\n",
    };
    static const char nul[] = "1 0 8:1 / /m\0n rw - ext4 x rw\n";
    struct mountinfo_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    ck_assert_int_eq(mountinfo_parse(nul, sizeof nul - 1, "", &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 0);
    mountinfo_finish(&table);
}
END_TEST

START_TEST(a_bad_row_costs_itself)
{
    static const char *const texts[] = {
        "what?\n" ROOT HOME,
        ROOT "\n" HOME,
        ROOT HOME "1 0 8:1 / /m rw - ext4",
    };
    struct mountinfo_table table = {0};

    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        ck_assert_int_eq(parse(texts[index], &table), -EBADMSG);
        ck_assert_uint_eq(table.count, 2);
        ck_assert_str_eq(find(&table, "/home").device, "/dev/sda3");
        ck_assert(find(&table, "/").first_of_device);
    }
    mountinfo_finish(&table);
}
END_TEST

/* A line that is cut behind its device has lost options alone. */
static void expect_justified(const char *text, size_t length)
{
    struct mountinfo_table table = {0};

    int result = mountinfo_parse(text, length, "", &table);

    ck_assert(result == 0 || result == -EBADMSG);
    for (size_t index = 0; index < table.count; index++) {
        const struct mountinfo_row *row = &table.rows[index];
        bool is_root = strcmp(row->mount_point, "/") == 0;

        ck_assert_str_eq(row->device, is_root ? "/dev/vda1" : "/dev/sda3");
    }
    mountinfo_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(ROOT HOME, expect_justified);
}
END_TEST

START_TEST(readonly_is_an_option_of_its_own)
{
    static const struct {
        const char *line;
        bool mount, super;
    } cases[] = {
        {"1 0 8:1 / /m ro,relatime - ext4 x rw\n", true, false},
        {"1 0 8:1 / /m rw,relatime - ext4 x ro\n", false, true},
        {"1 0 8:1 / /m noatime,ro - ext4 x errors=remount-ro,ro\n", true, true},
        {"1 0 8:1 / /m rw,road - ext4 x rw,errors=remount-ro,ro=1,xro\n", false, false},
        {"1 0 8:1 / /m rw,ro, - ext4 x ,ro\n", true, true},
    };
    struct mountinfo_table table = {0};

    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        ck_assert_int_eq(parse(cases[index].line, &table), 0);
        ck_assert_msg(table.rows[0].mount_readonly == cases[index].mount, "%s", cases[index].line);
        ck_assert_msg(table.rows[0].super_readonly == cases[index].super, "%s", cases[index].line);
    }
    mountinfo_finish(&table);
}
END_TEST

START_TEST(of_stacked_mounts_the_last_is_seen)
{
    struct mountinfo_table table = {0};

    ck_assert_int_eq(parse("1 1 0:2 / / rw - rootfs rootfs rw\n" ROOT
                           "40 27 0:50 / /nfs rw - autofs systemd-1 rw\n"
                           "41 40 0:51 / /nfs rw - nfs4 server:/x rw\n"
                           "42 27 8:1 / /a rw - ext4 /dev/sda1 rw\n"
                           "9 42 0:52 / /a rw - overlay overlay rw\n"
                           "43 27 8:1 / /b rw - ext4 /dev/sda1 rw\n"
                           "44 43 8:1 / /b rw - ext4 /dev/sda1 rw\n",
                           &table),
                     0);
    ck_assert_uint_eq(table.count, 3);
    ck_assert_str_eq(find(&table, "/").fstype, "ext4");
    ck_assert_str_eq(find(&table, "/nfs").fstype, "nfs4");
    ck_assert(!has(&table, "/a")); /* what statvfs() would say of it is the overlay's */
    ck_assert(span_equals(find(&table, "/b").id, "44"));
    mountinfo_finish(&table);
}
END_TEST

START_TEST(one_mount_stands_for_its_device)
{
    struct mountinfo_table table = {0};
    size_t first = 0;

    ck_assert_int_eq(parse("50 27 254:0 /srv /srv rw - ext4 /dev/vda1 rw\n" ROOT
                           "51 27 0:30 /@home /home rw - btrfs /dev/sdb rw,subvol=/@home\n"
                           "52 27 0:30 /@var /var rw - btrfs /dev/sdb rw,subvol=/@var\n"
                           "53 27 0:30 /@opt /opt rw - btrfs /dev/sdb rw,subvol=/@opt\n"
                           "54 27 0:31 / /tmp rw - tmpfs tmpfs rw\n"
                           "55 27 1:30 / /x rw - ext4 /dev/c rw\n",
                           &table),
                     0);
    ck_assert_uint_eq(table.count, 7);
    for (size_t index = 0; index < table.count; index++)
        first += table.rows[index].first_of_device;
    ck_assert_uint_eq(first, 4);
    ck_assert(find(&table, "/").first_of_device);
    ck_assert(find(&table, "/opt").first_of_device); /* as short as /var, and before it */
    ck_assert(find(&table, "/tmp").first_of_device);
    ck_assert(find(&table, "/x").first_of_device);
    mountinfo_finish(&table);
}
END_TEST

START_TEST(mount_points_are_seen_from_rootfs)
{
    static const char text[] = "1 0 0:9 / / rw - overlay overlay rw\n"
                               "2 1 8:1 / /host ro - ext4 /dev/sda1 rw\n"
                               "3 2 8:2 / /host/home ro - ext4 /dev/sda2 rw\n"
                               "4 2 8:3 / /host/dev/x ro - ext4 /dev/sda3 rw\n"
                               "5 1 8:4 / /hosts ro - ext4 /dev/sda4 rw\n";
    struct mountinfo_table table = {0};

    ck_assert_int_eq(mountinfo_parse(text, sizeof text - 1, "/host", &table), 0);
    ck_assert_uint_eq(table.count, 3);
    ck_assert_str_eq(find(&table, "/").device, "/dev/sda1");
    ck_assert_str_eq(find(&table, "/home").device, "/dev/sda2");
    ck_assert_str_eq(find(&table, "/hosts").device, "/dev/sda4");
    mountinfo_finish(&table);
}
END_TEST

START_TEST(long_paths_are_whole)
{
    struct mountinfo_table table = {0};
    char path[PATH_MAX], line[2 * PATH_MAX];

    memset(path, 'x', sizeof path - 1);
    for (size_t index = 0; index < sizeof path; index += 200)
        path[index] = '/';
    path[sizeof path - 1] = '\0';
    snprintf(line, sizeof line, "1 0 8:1 / %s rw - ext4 x rw\n", path);
    ck_assert_int_eq(parse(line, &table), 0);
    ck_assert_str_eq(table.rows[0].mount_point, path);
    mountinfo_finish(&table);
}
END_TEST

START_TEST(too_many_mounts)
{
    struct mountinfo_table table = {0};
    size_t used = 0, size = (size_t)(MOUNTINFO_ROWS_MAX + 1) * 64;
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    for (int number = 0; number < MOUNTINFO_ROWS_MAX; number++)
        used += (size_t)snprintf(text + used, size - used, "%d 1 0:%d / /m/%d rw - ext4 x rw\n",
                                 number, number, number);
    ck_assert_int_eq(mountinfo_parse(text, used, "", &table), 0);
    ck_assert_uint_eq(table.count, MOUNTINFO_ROWS_MAX);
    used += (size_t)snprintf(text + used, size - used, "1 1 0:1 / /dev/x rw - ext4 x rw\n");
    ck_assert_int_eq(mountinfo_parse(text, used, "", &table), 0);
    used += (size_t)snprintf(text + used, size - used, "1 1 0:1 / /x rw - ext4 x rw\n");
    ck_assert_int_eq(mountinfo_parse(text, used, "", &table), -E2BIG);
    ck_assert_uint_eq(table.count, MOUNTINFO_ROWS_MAX);
    ck_assert(has(&table, "/m/0") && !has(&table, "/x"));
    mountinfo_finish(&table);
    free(text);
}
END_TEST

START_TEST(fixture_machine)
{
    static const char *const points[] = {
        "/",
        "/boot",
        "/run",
        "/run/lock",
        "/run/user/1000",
        "/run/user/1000/gvfs",
        "/var/lib/kubelet/plugins/kubernetes.io/vsphere-volume/mounts/[vsanDatastore] "
        "bafb9e5a-8856-7e6c-699c-801844e77a4a/"
        "kubernetes-dynamic-pvc-3eba5bba-48a3-11e8-89ab-005056b92113.vmdk",
        "/var/lib/kubelet/plugins/kubernetes.io/vsphere-volume/mounts/[vsanDatastore]\t"
        "bafb9e5a-8856-7e6c-699c-801844e77a4a/"
        "kubernetes-dynamic-pvc-3eba5bba-48a3-11e8-89ab-005056b92113.vmdk",
    };
    const char *root = fixtures_folder();
    struct mountinfo_table table = {0};
    char path[PATH_MAX];
    char *text;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/proc/1/mountinfo", root);
    text = file_text(path);
    ck_assert_int_eq(parse(text, &table), 0);
    ck_assert_uint_eq(table.count, sizeof points / sizeof points[0]);
    for (size_t index = 0; index < sizeof points / sizeof points[0]; index++)
        ck_assert_msg(has(&table, points[index]), "%s", points[index]);
    mountinfo_finish(&table);
    free(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("mountinfo", good_text, no_mount_is_an_answer, escapes_are_undone,
                     odd_lines_are_understood, bad_text, a_bad_row_costs_itself, every_prefix,
                     readonly_is_an_option_of_its_own, of_stacked_mounts_the_last_is_seen,
                     one_mount_stands_for_its_device, mount_points_are_seen_from_rootfs,
                     long_paths_are_whole, too_many_mounts, fixture_machine);
}

/* Which mounts can be reached. What is told here was tried on a kernel. */
#include "collectors/system/mountinfo_cover.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define ROOT  "27 1 254:0 / / rw - ext4 /dev/vda1 rw\n"
#define LOW   "30 27 0:30 / /c rw - tmpfs low rw\n"
#define INNER "31 30 0:31 / /c/a rw - tmpfs inner rw\n"
#define COVER "32 30 0:32 / /c rw - tmpfs cover rw\n"

/* That these devices are seen, in order of their names: "cover /dev/vda1 " and so on. */
static void expect(const char *text, const char *wanted)
{
    struct mountinfo_table table = {0};
    char seen[256] = "";
    const char *last = "";

    ck_assert_int_eq(mountinfo_parse(text, strlen(text), "", &table), 0);
    for (size_t left = table.count; left > 0; left--) {
        const char *next = NULL;

        for (size_t index = 0; index < table.count; index++) {
            const char *device = table.rows[index].device;

            if (strcmp(device, last) > 0 && (next == NULL || strcmp(device, next) < 0))
                next = device;
        }
        ck_assert_ptr_nonnull(next);
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s ", next);
        last = next;
    }
    ck_assert_msg(strcmp(seen, wanted) == 0, "of\n%sseen: %s, wanted: %s", text, seen, wanted);
    mountinfo_finish(&table);
}

START_TEST(a_mount_on_the_root_of_another_takes_its_place)
{
    expect(ROOT LOW INNER, "/dev/vda1 inner low ");
    expect(ROOT LOW COVER, "/dev/vda1 cover ");
    expect(ROOT LOW COVER "33 32 0:33 / /c rw - tmpfs third rw\n", "/dev/vda1 third ");
    /* The order of the text is not that of lying over each other. */
    expect(COVER LOW ROOT, "/dev/vda1 cover ");
}
END_TEST

START_TEST(what_is_below_goes_with_it)
{
    expect(ROOT LOW INNER COVER, "/dev/vda1 cover ");
    expect(ROOT LOW INNER COVER "33 31 0:33 / /c/a/b rw - tmpfs deeper rw\n", "/dev/vda1 cover ");
    expect(ROOT LOW INNER COVER "33 32 0:33 / /c/a rw - tmpfs above rw\n",
           "/dev/vda1 above cover ");
    /* On what lies beside it, too. */
    expect(ROOT "28 27 0:28 / /c/a rw - tmpfs below rw\n" LOW, "/dev/vda1 low ");
    expect(ROOT "28 27 0:28 / /c/a/b rw - tmpfs below rw\n" LOW, "/dev/vda1 low ");
    expect(ROOT LOW "28 27 0:28 / /c/a rw - tmpfs moved rw\n", "/dev/vda1 low ");
}
END_TEST

START_TEST(a_name_is_no_folder_because_it_begins_so)
{
    expect(ROOT LOW "28 27 0:28 / /c-d rw - tmpfs other rw\n", "/dev/vda1 low other ");
    expect(ROOT LOW "28 27 0:28 / /cd/a rw - tmpfs other rw\n", "/dev/vda1 low other ");
    expect(ROOT LOW "28 27 0:28 / /b/c rw - tmpfs other rw\n", "/dev/vda1 low other ");
    expect(ROOT "28 27 0:28 / /c/a rw - tmpfs one rw\n29 27 0:29 / /c/b rw - tmpfs two rw\n",
           "/dev/vda1 one two ");
}
END_TEST

/* Of two on one folder of one mount, as propagation may make them, the last. */
START_TEST(of_twins_the_last_is_seen)
{
    expect(ROOT LOW "33 27 0:33 / /c rw - tmpfs twin rw\n", "/dev/vda1 twin ");
    expect(ROOT LOW INNER "33 27 0:33 / /c rw - tmpfs twin rw\n", "/dev/vda1 twin ");
}
END_TEST

START_TEST(what_is_excluded_hides_too)
{
    expect(ROOT LOW INNER "32 30 0:32 / /c rw - overlay cover rw\n", "/dev/vda1 ");
    expect(ROOT "28 27 0:28 / /c rw - autofs auto rw\n29 28 0:29 / /c/a rw - nfs4 server rw\n",
           "/dev/vda1 server ");
}
END_TEST

/* A path begins at the process's root, whatever was mounted there since. */
START_TEST(a_mount_over_the_root_is_not_seen)
{
    expect(ROOT LOW "40 27 0:40 / / rw - tmpfs over rw\n", "/dev/vda1 low ");
    expect(ROOT LOW "40 27 0:40 / / rw - tmpfs over rw\n41 40 0:41 / /x rw - tmpfs on rw\n",
           "/dev/vda1 low ");
    /* But what the kernel began with was left for the root. */
    expect("1 1 0:2 / / rw - rootfs rootfs rw\n" ROOT LOW, "/dev/vda1 low ");
}
END_TEST

START_TEST(a_parent_need_not_be_listed)
{
    expect("30 7 0:30 / /c rw - tmpfs low rw\n31 7 0:31 / /d rw - tmpfs other rw\n", "low other ");
    expect("30 7 0:30 / /c rw - tmpfs low rw\n31 7 0:31 / /c/d rw - tmpfs other rw\n", "low ");
}
END_TEST

START_TEST(parents_may_go_in_a_circle)
{
    expect(ROOT "50 51 0:50 / /x rw - tmpfs one rw\n51 50 0:51 / /y rw - tmpfs two rw\n",
           "/dev/vda1 ");
    expect(ROOT "50 50 0:50 / /x rw - tmpfs one rw\n", "/dev/vda1 one ");
    expect(ROOT LOW LOW, "/dev/vda1 low ");
}
END_TEST

/* As deep as the table may be: what one row costs does not grow with it. */
START_TEST(a_tower_of_mounts)
{
    struct mountinfo_table table = {0};
    size_t used = 0, size = (size_t)MOUNTINFO_ROWS_MAX * 64;
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    for (int number = MOUNTINFO_ROWS_MAX; number > 0; number--)
        used += (size_t)snprintf(text + used, size - used, "%d %d 0:%d / /c rw - ext4 x rw\n",
                                 number, number - 1, number);
    ck_assert_int_eq(mountinfo_parse(text, used, "", &table), 0);
    ck_assert_uint_eq(table.count, 1);
    ck_assert_uint_eq(table.rows[0].number, MOUNTINFO_ROWS_MAX);
    mountinfo_finish(&table);
    free(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("mountinfo_cover", a_mount_on_the_root_of_another_takes_its_place,
                     what_is_below_goes_with_it, a_name_is_no_folder_because_it_begins_so,
                     of_twins_the_last_is_seen, what_is_excluded_hides_too,
                     a_mount_over_the_root_is_not_seen, a_parent_need_not_be_listed,
                     parents_may_go_in_a_circle, a_tower_of_mounts);
}

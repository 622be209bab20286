#include "collectors/system/filefd.h"

#include <errno.h>

#include "tests/unit/machine.h"

static int parse(const char *text, struct filefd *out)
{
    return filefd_parse(text, strlen(text), out);
}

START_TEST(good_text)
{
    struct filefd files;

    ck_assert_int_eq(parse("1024\t0\t9223372036854775807\n", &files), 0);
    ck_assert_uint_eq(files.allocated, 1024);
    ck_assert_uint_eq(files.maximum, INT64_MAX);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "1024\n",
        "1024\t0\n",
        "1024\t0\t\n",
        "1024 0 -1\n",
        "-1024\t0\t1631329\n",
        "1024\t0\t18446744073709551616\n",
        "1024\t0\t1631329\t7\n",
        "1024\t0\t1631329\nmore\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct filefd files = {7, 7};

        ck_assert_msg(parse(bad[index], &files) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(files.allocated, 7);
    }
}
END_TEST

/* Cut inside the last number it has fewer digits. */
static void expect_justified(const char *text, size_t length)
{
    struct filefd files;

    if (filefd_parse(text, length, &files) == 0) {
        ck_assert_uint_gt(length, strlen("1024\t0\t"));
        ck_assert_uint_eq(files.allocated, 1024);
        ck_assert_uint_le(files.maximum, 1631329);
    }
}

START_TEST(every_prefix)
{
    each_prefix("1024\t0\t1631329\n", expect_justified);
}
END_TEST

START_TEST(follows_the_file)
{
    struct machine machine;

    machine_make(&machine, &filefd_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/sys/fs/file-nr", "1024\t0\t1631329\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_filefd_allocated"), 1024);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_filefd_maximum"), 1631329);

    folder_write(&machine.folder, "proc/sys/fs/file-nr", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/sys/fs/file-nr");
    machine_expect_error(&machine, -ENOENT);
    folder_write(&machine.folder, "proc/sys/fs/file-nr", "1\t0\t2\n");
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_filefd_allocated"), 1);
    ck_assert_uint_eq(machine.sink.declares, 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&filefd_collector, 2);
}
END_TEST

int main(void)
{
    return RUN_TESTS("filefd", good_text, bad_text, every_prefix, follows_the_file,
                     fixture_machine);
}

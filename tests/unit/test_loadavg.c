#include "collectors/system/loadavg.h"

#include <errno.h>

#include "tests/unit/machine.h"

static int parse(const char *text, struct loadavg *out)
{
    return loadavg_parse(text, strlen(text), out);
}

START_TEST(good_text)
{
    struct loadavg load;

    ck_assert_int_eq(parse("0.21 0.37 103.50 1/719 19737\n", &load), 0);
    ck_assert_double_eq(load.load1, 0.21);
    ck_assert_double_eq(load.load5, 0.37);
    ck_assert_double_eq(load.load15, 103.5);
    ck_assert_uint_eq(load.threads, 719);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "0.21 0.37",
        "0.21 0.37 0.39",
        "0.21 0.37 0.39 1/719\n",
        "0,21 0,37 0,39 1/719 19737\n",
        "-0.21 0.37 0.39 1/719 19737\n",
        "nan 0.37 0.39 1/719 19737\n",
        "0.21 0.37 0.39 1/719 19737 more\n",
        "0.21 0.37 0.39 1/719 19737\nmore\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct loadavg load = {.load1 = 7};

        ck_assert_msg(parse(bad[index], &load) == -EBADMSG, "%s", bad[index]);
        ck_assert_double_eq(load.load1, 7);
    }
}
END_TEST

/* Cut inside the PID the averages are still whole; anywhere before they need not be. */
static void expect_justified(const char *text, size_t length)
{
    struct loadavg load;

    if (loadavg_parse(text, length, &load) == 0) {
        ck_assert_uint_gt(length, strlen("0.21 0.37 0.39 1/719 "));
        ck_assert_double_eq(load.load15, 0.39);
    }
}

START_TEST(every_prefix)
{
    each_prefix("0.21 0.37 0.39 1/719 19737\n", expect_justified);
}
END_TEST

START_TEST(follows_the_file)
{
    struct machine machine;

    machine_make(&machine, &loadavg_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/loadavg", "0.21 0.37 0.39 1/719 19737\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_load1"), 0.21);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_load5"), 0.37);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_load15"), 0.39);

    folder_write(&machine.folder, "proc/loadavg", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/loadavg");
    machine_expect_error(&machine, -ENOENT);
    folder_write(&machine.folder, "proc/loadavg", "1.00 2.00 3.00 1/2 3\n");
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_load1"), 1);
    ck_assert_uint_eq(machine.sink.declares, 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&loadavg_collector, 3);
}
END_TEST

int main(void)
{
    return RUN_TESTS("loadavg", good_text, bad_text, every_prefix, follows_the_file,
                     fixture_machine);
}

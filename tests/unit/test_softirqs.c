#include "collectors/system/softirqs.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define KINDS                                                                                      \
    "                    CPU0       CPU1       \n"                                                 \
    "          HI:          7          1\n"                                                        \
    "       TIMER:     424191     108342\n"
#define STAT                                                                                       \
    "cpu0 1 2 3 4\n"                                                                               \
    "intr 8885917 17\n"                                                                            \
    "softirq 5057579 250191 1481983 1647 211099 186066 0 1783454 622196 12499 508444\n"

static int parse(const char *text, struct softirq_sums *sums)
{
    return softirqs_parse_sums(text, strlen(text), sums);
}

START_TEST(good_text)
{
    struct softirq_sums sums;

    ck_assert_int_eq(parse(STAT, &sums), 0);
    ck_assert_uint_eq(sums.count, SOFTIRQ_VECTORS);
    ck_assert_uint_eq(sums.vectors[0], 250191);
    ck_assert_uint_eq(sums.vectors[9], 508444);
    ck_assert_int_eq(parse("softirq 1 1 2 3 4 5 6 7 8 9 10 11 12", &sums), 0);
    ck_assert_uint_eq(sums.count, SOFTIRQ_VECTORS);
    ck_assert_uint_eq(sums.vectors[9], 10);
    ck_assert_int_eq(parse("cpu0 1 2 3 4\nctxt 7\n", &sums), 0);
    ck_assert_uint_eq(sums.count, 0);
    ck_assert_int_eq(parse("", &sums), 0);
    ck_assert_uint_eq(sums.count, 0);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "softirq",
        "softirq\n",
        "softirq 1\n",
        "softirq 1 1 2 3 4 5 6 7 8 9\n",
        "softirq 1 1 2 3 4 5 6 7 8 9 x\n",
        "softirq 1 1 2 3 4 5 6 7 8 9 10x\n",
        "softirq 1 1 2 3 4 5 6 7 8 9 18446744073709551616\n",
        "softirq1 1 2 3 4 5 6 7 8 9 10\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct softirq_sums sums = {.count = 7};

        ck_assert_msg(parse(bad[index], &sums) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(sums.count, 7);
    }
}
END_TEST

/* Cut inside the last number it has fewer digits. */
static void expect_justified(const char *text, size_t length)
{
    struct softirq_sums sums;

    if (softirqs_parse_sums(text, length, &sums) == 0 && sums.count > 0) {
        ck_assert_uint_eq(sums.vectors[8], 12499);
        ck_assert_uint_le(sums.vectors[9], 508444);
    }
}

START_TEST(every_prefix)
{
    each_prefix(STAT, expect_justified);
}
END_TEST

START_TEST(follows_the_files)
{
    struct machine machine;

    ck_assert(softirqs_collector.off_by_default);
    machine_make(&machine, &softirqs_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, "proc/softirqs", KINDS);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/stat", STAT);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4 + 10);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_softirqs_functions_total{cpu=\"1\",type=\"TIMER\"}"),
        108342);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_softirqs_total{vector=\"block_iopoll\"}"), 0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_softirqs_total{vector=\"rcu\"}"),
                        508444);

    folder_write(&machine.folder, "proc/softirqs", KINDS "what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4 + 10);
    folder_write(&machine.folder, "proc/softirqs", "what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 10);
    folder_write(&machine.folder, "proc/softirqs", KINDS);
    folder_write(&machine.folder, "proc/stat", "softirq what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    folder_unlink(&machine.folder, "proc/stat");
    machine_expect_part(&machine, -ENOENT);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_uint_eq(machine.sink.declares, 14);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&softirqs_collector, 2 * 10 + 10);
}
END_TEST

int main(void)
{
    return RUN_TESTS("softirqs", good_text, bad_text, every_prefix, follows_the_files,
                     fixture_machine);
}

#include "collectors/system/conntrack.h"

#include <errno.h>
#include <stdio.h>

#include "collectors/optional_file.h"
#include "tests/unit/machine.h"

#define COUNT "proc/sys/net/netfilter/nf_conntrack_count"
#define LIMIT "proc/sys/net/netfilter/nf_conntrack_max"
#define STAT  "proc/net/stat/nf_conntrack"

#define HEADING                                                                                    \
    "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop "     \
    "early_drop icmp_error  expect_new expect_create expect_delete search_restart\n"
#define GOOD                                                                                       \
    HEADING                                                                                        \
    "00000021  00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008 00000009 "  \
    "0000000a 0000000b 0000000c  0000000d 0000000e 0000000f 00000010\n"                            \
    "00000021  00000001 ffffffff 00000003 00000004 00000005 00000006 00000007 00000008 00000009 "  \
    "0000000a 0000000b 0000000c  0000000d 0000000e 0000000f 00000010\n"

static int parse(const char *text, struct conntrack_stat *out)
{
    return conntrack_parse(text, strlen(text), out);
}

START_TEST(good_text)
{
    static const uint64_t sums[CONNTRACK_EVENTS] = {
        [CONNTRACK_FOUND] = UINT64_C(0x100000001),
        [CONNTRACK_INVALID] = 8,
        [CONNTRACK_IGNORE] = 10,
        [CONNTRACK_INSERT] = 16,
        [CONNTRACK_INSERT_FAILED] = 18,
        [CONNTRACK_DROP] = 20,
        [CONNTRACK_EARLY_DROP] = 22,
        [CONNTRACK_SEARCH_RESTART] = 32,
    };
    struct conntrack_stat stat;

    ck_assert_int_eq(parse(GOOD, &stat), 0);
    ck_assert_uint_eq(stat.present, (1U << CONNTRACK_EVENTS) - 1);
    ck_assert_mem_eq(stat.sums, sums, sizeof sums);
}
END_TEST

START_TEST(columns_are_found_by_name)
{
    struct conntrack_stat stat;

    ck_assert_int_eq(parse("new_one drop\tfound\n00000001 00000002\t0000000a\n", &stat), 0);
    ck_assert_uint_eq(stat.present, 1U << CONNTRACK_DROP | 1U << CONNTRACK_FOUND);
    ck_assert_uint_eq(stat.sums[CONNTRACK_DROP], 2);
    ck_assert_uint_eq(stat.sums[CONNTRACK_FOUND], 10);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "entries searched\n00000001 00000002\n",
        "found drop\n00000001\n",
        "found drop\n00000001 00000002 00000003\n",
        "found drop\n00000001 0000000g\n",
        "found drop\n00000001 -0000001\n",
        "found drop\n00000001 100000000\n",
        "found drop\n00000001 00000002\n\n",
        "found drop\n00000001 00000002\nmore\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct conntrack_stat stat = {.present = 7};

        ck_assert_msg(parse(bad[index], &stat) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(stat.present, 7);
    }
}
END_TEST

START_TEST(a_heading_of_many_columns)
{
    char text[1024] = "found";
    struct conntrack_stat stat;
    size_t used = strlen(text);

    for (unsigned column = 1; column < 64; column++)
        used += (size_t)snprintf(text + used, sizeof text - used, " c%u", column);
    ck_assert_int_eq(parse(text, &stat), 0);
    snprintf(text + used, sizeof text - used, " more");
    ck_assert_int_eq(parse(text, &stat), -EBADMSG);
}
END_TEST

/* A cut line is none. */
static void expect_justified(const char *text, size_t length)
{
    struct conntrack_stat stat;

    if (conntrack_parse(text, length, &stat) == 0)
        ck_assert_uint_le(stat.sums[CONNTRACK_FOUND], UINT64_C(0x100000001));
    else
        ck_assert(length < strlen(GOOD) - 1);
}

START_TEST(every_prefix)
{
    each_prefix(GOOD, expect_justified);
}
END_TEST

START_TEST(follows_the_files)
{
    struct machine machine;

    machine_make(&machine, &conntrack_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, COUNT, "123\n");
    folder_write(&machine.folder, LIMIT, "65536\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_nf_conntrack_entries"), 123);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_nf_conntrack_entries_limit"), 65536);

    folder_write(&machine.folder, STAT, GOOD);
    for (unsigned tick = 1; tick < OPTIONAL_FILE_RETRY_READS; tick++)
        machine_expect_tick(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 + 8);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_nf_conntrack_stat_drop"), 20);
    ck_assert(fake_sink_find(&machine.sink, "node_nf_conntrack_stat_drop")->cumulative);

    folder_write(&machine.folder, STAT, "what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    folder_write(&machine.folder, COUNT, "what?\n");
    folder_write(&machine.folder, STAT, GOOD);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1 + 8);
    folder_unlink(&machine.folder, COUNT);
    folder_unlink(&machine.folder, LIMIT);
    machine_expect_part(&machine, -ENOENT);
    ck_assert_uint_eq(machine.sink.declares, 10);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&conntrack_collector, 10);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conntrack", good_text, columns_are_found_by_name, bad_text,
                     a_heading_of_many_columns, every_prefix, follows_the_files, fixture_machine);
}

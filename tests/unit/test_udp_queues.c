#include "collectors/system/udp_queues.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/procfs.h"
#include "tests/unit/machine.h"

#define HEADING                                                                                    \
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "  \
    "inode ref pointer drops             \n"
#define LINE(queues)                                                                               \
    " 1126: 00000000:0044 00000000:0000 07 " queues                                                \
    " 00:00000000 00000000     0        0 17163 2 0000000000000000 0        \n"
#define LINE6                                                                                      \
    "  401: 00000000000000000000000000000000:14E9 00000000000000000000000000000000:0000 07 "       \
    "00000001:00000002 00:00000000 00000000   108        0 20 2 0000000000000000 0\n"
#define V4(queue) "node_udp_queues{ip=\"v4\",queue=\"" queue "\"}"
#define V6(queue) "node_udp_queues{ip=\"v6\",queue=\"" queue "\"}"

static int parse(const char *text, struct udp_queues *sum)
{
    return udp_queues_parse_line(scanner_over(text, strlen(text)), sum);
}

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

START_TEST(good_lines)
{
    struct udp_queues sum = {0};

    ck_assert_int_eq(parse(LINE("00000015:000000FF"), &sum), 0);
    ck_assert_uint_eq(sum.transmit_bytes, 0x15);
    ck_assert_uint_eq(sum.receive_bytes, 0xff);
    ck_assert_int_eq(parse(LINE6, &sum), 0);
    ck_assert_int_eq(parse(LINE("FFFFFFFF:FFFFFFFF"), &sum), 0);
    ck_assert_uint_eq(sum.transmit_bytes, 0x16 + UINT64_C(0xffffffff));
    ck_assert_uint_eq(sum.receive_bytes, 0x101 + UINT64_C(0xffffffff));
}
END_TEST

START_TEST(bad_lines)
{
    static const char *const bad[] = {
        "",
        "    ",
        HEADING,
        "1: a b 07",
        "1: a b 07 00000001",
        "1: a b 07 00000001:",
        "1: a b 07 00000001:00000002",
        "1: a b 07 00000001:00000002x ",
        "1: a b 07 100000000:00000002 ",
        "1: a b 07 0000000g:00000002 ",
        "1 a b 07 00000001:00000002 ",
        "x: a b 07 00000001:00000002 ",
        "1:a b 07 00000001:00000002 ",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct udp_queues sum = {7, 8};

        ck_assert_msg(parse(bad[index], &sum) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(sum.transmit_bytes, 7);
        ck_assert_uint_eq(sum.receive_bytes, 8);
    }
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct udp_queues sum = {0};

    if (udp_queues_parse_line(scanner_over(text, length), &sum) == 0)
        ck_assert_uint_eq(sum.transmit_bytes, 0x15);
}

START_TEST(every_prefix)
{
    each_prefix(LINE("00000015:00000002"), expect_justified);
}
END_TEST

START_TEST(sums_of_each_family)
{
    struct machine machine;

    machine_make(&machine, &udp_queues_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/net/udp",
                 HEADING LINE("00000001:00000010") LINE("00000002:00000020"));
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2); /* a kernel without IPv6 */
    ck_assert_double_eq(fake_sink_value(&machine.sink, V4("tx")), 3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, V4("rx")), 0x30);
    ck_assert_str_eq(fake_sink_find(&machine.sink, V4("rx"))->unit, "bytes");

    folder_write(&machine.folder, "proc/net/udp6", HEADING LINE6);
    folder_write(&machine.folder, "proc/net/udp", HEADING); /* no socket at all */
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_double_eq(fake_sink_value(&machine.sink, V4("rx")), 0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, V6("rx")), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_bad_file_costs_its_family)
{
    static const char *const bad[] = {"", "what?\n", HEADING LINE("00000001:00000010") "what?\n"};
    struct machine machine;

    machine_make(&machine, &udp_queues_collector);
    folder_write(&machine.folder, "proc/net/udp6", HEADING LINE6);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        folder_write(&machine.folder, "proc/net/udp", bad[index]);
        if (index == 0)
            ck_assert_int_eq(machine_open(&machine), 0);
        ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
        machine_expect_part(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
        ck_assert_double_eq(fake_sink_value(&machine.sink, V6("tx")), 1);
    }
    machine_remove(&machine);
}
END_TEST

/* As of a server of many calls: more than any file that a tick reads. */
START_TEST(a_hundred_thousand_sockets)
{
    static const char line[] = LINE("00000001:00000002");
    const size_t length = sizeof line - 1, lines = 100000;
    struct machine machine;
    char *text = malloc(sizeof HEADING + lines * length);

    ck_assert_ptr_nonnull(text);
    ck_assert_uint_gt(lines * length, PROCFS_FILE_MAX);
    strcpy(text, HEADING);
    for (size_t index = 0; index < lines; index++)
        memcpy(text + sizeof HEADING - 1 + index * length, line, length + 1);
    machine_make(&machine, &udp_queues_collector);
    folder_write(&machine.folder, "proc/net/udp", text);
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, V4("tx")), 100000);
    ck_assert_double_eq(fake_sink_value(&machine.sink, V4("rx")), 200000);
    free(text);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture)
{
    machine_compare_fixture(&udp_queues_collector, 2);
}
END_TEST

int main(void)
{
    return RUN_TESTS("udp_queues", good_lines, bad_lines, every_prefix, sums_of_each_family,
                     a_bad_file_costs_its_family, a_hundred_thousand_sockets, fixture);
}

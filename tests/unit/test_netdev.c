#include "collectors/system/netdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/net_machine.h"

#define ETH0 "  eth0: 1000 10 1 2 3 4 5 6 2000 20 7 8 9 11 12 13\n"
#define ETH1 "  eth1: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
#define LO                                                                                         \
    "    lo:      77       7    0    0    0     0          0         0       77       7    0"      \
    "    0    0     0       0          0\n"
#define MANY 500

static int parse(const char *text, struct netdev_table *table)
{
    return netdev_parse(text, strlen(text), table);
}

START_TEST(good_text)
{
    struct netdev_table table = {0};

    ck_assert_int_eq(
        parse(NET_DEV_HEADING LO ETH0 "veth0:12345678 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", &table),
        0);
    ck_assert_uint_eq(table.count, 3);
    ck_assert(span_equals(table.rows[0].name, "lo"));
    ck_assert_uint_eq(table.rows[0].columns[NETDEV_RECEIVE_BYTES], 77);
    ck_assert(span_equals(table.rows[1].name, "eth0"));
    ck_assert_uint_eq(table.rows[1].columns[NETDEV_RECEIVE_MULTICAST], 6);
    ck_assert_uint_eq(table.rows[1].columns[NETDEV_TRANSMIT_BYTES], 2000);
    ck_assert_uint_eq(table.rows[2].columns[NETDEV_RECEIVE_BYTES], 12345678);
    ck_assert_uint_eq(table.rows[2].columns[NETDEV_TRANSMIT_COMPRESSED], 15);
    netdev_table_finish(&table);
}
END_TEST

START_TEST(no_interface_is_an_answer)
{
    struct netdev_table table = {0};

    ck_assert_int_eq(parse(NET_DEV_HEADING, &table), 0);
    ck_assert_uint_eq(table.count, 0);
    netdev_table_finish(&table);
}
END_TEST

START_TEST(without_the_heading_it_is_no_such_file)
{
    static const char *const bad[] = {"", "\n", ETH0, ("Inter-|   Receive |  Transmit\n" ETH0)};
    struct netdev_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    netdev_table_finish(&table);
}
END_TEST

START_TEST(a_bad_row_is_left_out)
{
    static const char *const bad[] = {
        "\n",
        "eth1: 1 2\n",
        "eth1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n",
        "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
        "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16x\n",
        "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 \n",
        "eth1: 1 2 3 4 5 6 7 8 -9 10 11 12 13 14 15 16\n",
        "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 18446744073709551616\n",
        ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "et h1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "../eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "..: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "l\001o: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        NET_DEV_HEADING,
    };
    struct netdev_table table = {0};
    char text[1024];

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        snprintf(text, sizeof text, "%s%s%s%s", NET_DEV_HEADING, LO, bad[index], ETH0);
        ck_assert_int_eq(parse(text, &table), 0);
        ck_assert_msg(table.trouble == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 2);
        ck_assert(span_equals(table.rows[0].name, "lo"));
        ck_assert(span_equals(table.rows[1].name, "eth0"));
        ck_assert_uint_eq(table.rows[1].columns[NETDEV_RECEIVE_BYTES], 1000);
    }
    ck_assert_int_eq(parse(NET_DEV_HEADING, &table), 0);
    ck_assert_int_eq(table.trouble, 0);
    netdev_table_finish(&table);
}
END_TEST

/* A cut line is left out unless it ends inside its last number. */
static void expect_justified(const char *text, size_t length)
{
    struct netdev_table table = {0};

    if (netdev_parse(text, length, &table) == 0) {
        ck_assert_uint_ge(length, strlen(NET_DEV_HEADING));
        for (size_t index = 0; index < table.count; index++)
            ck_assert_uint_ne(table.rows[index].columns[NETDEV_RECEIVE_BYTES], 0);
    }
    netdev_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(NET_DEV_HEADING LO ETH0 ETH1, expect_justified);
}
END_TEST

static char *many_rows(size_t count, unsigned counted)
{
    size_t size = strlen(NET_DEV_HEADING) + count * 64 + 1;
    size_t used = strlen(NET_DEV_HEADING);
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    memcpy(text, NET_DEV_HEADING, used + 1);
    for (size_t index = 0; index < count; index++)
        used += (size_t)snprintf(text + used, size - used,
                                 "veth%zu: %u 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", index, counted);
    return text;
}

START_TEST(too_many_interfaces)
{
    struct netdev_table table = {0};
    char *text = many_rows(NETDEV_ROWS_MAX + 1, 1);

    ck_assert_int_eq(parse(text, &table), 0);
    ck_assert_int_eq(table.trouble, -E2BIG);
    ck_assert_uint_eq(table.count, NETDEV_ROWS_MAX);
    netdev_table_finish(&table);
    free(text);
}
END_TEST

START_TEST(each_column_has_its_series)
{
    static const char *const metrics[] = {
        "receive_bytes_total",       "receive_packets_total",   "receive_errs_total",
        "receive_drop_total",        "receive_fifo_total",      "receive_frame_total",
        "receive_compressed_total",  "receive_multicast_total", "transmit_bytes_total",
        "transmit_packets_total",    "transmit_errs_total",     "transmit_drop_total",
        "transmit_fifo_total",       "transmit_colls_total",    "transmit_carrier_total",
        "transmit_compressed_total",
    };
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING
                     "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 18446744073709551615\n");
    net_machine_start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    for (unsigned column = 0; column < 15; column++)
        ck_assert_double_eq(net_value(&machine, metrics[column], "eth0"), column + 1);
    ck_assert_double_eq(net_value(&machine, metrics[15], "eth0"), 0x1p64);
    machine_remove(&machine);
}
END_TEST

START_TEST(names_are_node_exporters)
{
    const char *root = fixtures_folder();
    struct machine machine;
    char path[4096];
    char *exposition;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/e2e-output.txt", root);
    exposition = file_text(path);
    net_machine_make(&machine, NET_DEV_HEADING LO);
    net_machine_start(&machine);
    fake_sink_compare_metrics(&machine.sink, exposition);
    machine_remove(&machine);
    free(exposition);
}
END_TEST

START_TEST(interfaces_come_and_go)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING LO ETH0);
    net_machine_start(&machine);
    net_machine_next(&machine, NET_DEV_HEADING ETH0 ETH1);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 32);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 32);
    ck_assert_uint_eq(machine.sink.releases, 16);
    net_machine_next(&machine, NET_DEV_HEADING);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    net_machine_next(&machine, NET_DEV_HEADING LO);
    ck_assert_double_eq(net_value(&machine, "receive_packets_total", "lo"), 7);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_the_limit_refused_is_asked_for_when_there_is_room)
{
    static const char text[] = NET_DEV_HEADING "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
    struct machine machine;

    net_machine_make(&machine, text);
    machine.sink.limit = 3;
    net_machine_start(&machine);
    net_machine_next(&machine, text);
    ck_assert_uint_eq(machine.sink.declares % 16, 0); /* for the speed's sake too */
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    machine.sink.limit = FAKE_SLOTS;
    net_machine_next(&machine, text);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3); /* nobody said that there is */
    machine.sink.sink.room++;
    net_machine_next(&machine, text);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_hosts_namespace_comes_first)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING LO);
    folder_write(&machine.folder, "proc/1/net/dev", NET_DEV_HEADING ETH0);
    net_machine_start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "eth0"), 1000);
    machine_remove(&machine);
}
END_TEST

/* Nothing is asked or declared anew while the same interfaces are there. */
START_TEST(hundreds_of_interfaces)
{
    struct machine machine;
    char *text = many_rows(MANY, 1);

    net_machine_make(&machine, text);
    net_machine_start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MANY * 16);
    free(text);
    text = many_rows(MANY, 2);
    net_machine_next(&machine, text);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "veth499"), 2);
    ck_assert_uint_eq(machine.sink.declares, MANY * 16);
    ck_assert_uint_eq(machine.sink.runner.submitted, MANY);
    machine_remove(&machine);
    free(text);
}
END_TEST

START_TEST(errors_write_nothing_and_pass)
{
    struct machine machine;

    machine_make(&machine, &netdev_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_machine_start(&machine);
    folder_write(&machine.folder, "proc/net/dev", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/net/dev");
    machine_expect_error(&machine, -ENOENT);
    net_machine_next(&machine, NET_DEV_HEADING ETH0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_uint_eq(machine.sink.declares, 16);
    machine_remove(&machine);
}
END_TEST

/* The kernel allows such a name, and no label can have it. */
START_TEST(an_odd_name_costs_its_own_values)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING LO ETH0);
    net_machine_start(&machine);
    folder_write(&machine.folder, "proc/net/dev",
                 NET_DEV_HEADING "l\001o: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n" ETH0);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "eth0"), 1000);
    net_machine_next(&machine, NET_DEV_HEADING LO ETH0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 32);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netdev", good_text, no_interface_is_an_answer,
                     without_the_heading_it_is_no_such_file, a_bad_row_is_left_out, every_prefix,
                     too_many_interfaces, each_column_has_its_series, names_are_node_exporters,
                     interfaces_come_and_go, what_the_limit_refused_is_asked_for_when_there_is_room,
                     the_hosts_namespace_comes_first, hundreds_of_interfaces,
                     errors_write_nothing_and_pass, an_odd_name_costs_its_own_values);
}

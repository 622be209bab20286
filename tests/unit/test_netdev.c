#include "collectors/system/netdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

#define HEADING                                                                                    \
    "Inter-|   Receive                                                |  Transmit\n"               \
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "     \
    "drop fifo colls carrier compressed\n"
#define ETH0 "  eth0: 1000 10 1 2 3 4 5 6 2000 20 7 8 9 11 12 13\n"
#define ETH1 "  eth1: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
#define WAN0 "  wan0: 1000 10 1 2 3 4 5 6 2000 20 7 8 9 11 12 13\n"
#define LO                                                                                         \
    "    lo:      77       7    0    0    0     0          0         0       77       7    0"      \
    "    0    0     0       0          0\n"
#define MANY 500

#define PROBE_TICKS 60 /* a tick of the fake sink is a second */

static int parse(const char *text, struct netdev_table *table)
{
    return netdev_parse(text, strlen(text), table);
}

static const char *series_name(const char *metric, const char *device)
{
    static char name[128];

    snprintf(name, sizeof name, "node_network_%s_total{device=\"%s\"}", metric, device);
    return name;
}

static double value(const struct machine *machine, const char *metric, const char *device)
{
    return fake_sink_value(&machine->sink, series_name(metric, device));
}

static bool is_absent(const struct machine *machine, const char *device)
{
    return fake_sink_is_absent(&machine->sink, series_name("receive_bytes", device));
}

static const struct fake_series *series_of(const struct machine *machine, const char *metric,
                                           const char *device)
{
    const struct fake_series *series = fake_sink_find(&machine->sink, series_name(metric, device));

    ck_assert_ptr_nonnull(series);
    return series;
}

static bool is_in_total(const struct machine *machine, const char *device)
{
    return series_of(machine, "transmit_bytes", device)->flags & SERIES_IN_TOTAL;
}

static double rate_max(const struct machine *machine, const char *metric, const char *device)
{
    return series_of(machine, metric, device)->rate_max;
}

static void set_attribute(const struct machine *machine, const char *device, const char *attribute,
                          const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "sys/class/net/%s/%s", device, attribute);
    folder_write(&machine->folder, path, text);
}

static void prepare(struct machine *machine, const char *text)
{
    machine_make(machine, &netdev_collector);
    folder_write(&machine->folder, "proc/net/dev", text);
}

static void start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static void next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/net/dev", text);
    machine_expect_tick(machine);
}

static void ticks(struct machine *machine, size_t count)
{
    for (size_t tick = 0; tick < count; tick++)
        machine_expect_tick(machine);
}

START_TEST(good_text)
{
    struct netdev_table table = {0};

    ck_assert_int_eq(
        parse(HEADING LO ETH0 "veth0:12345678 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", &table), 0);
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

    ck_assert_int_eq(parse(HEADING, &table), 0);
    ck_assert_uint_eq(table.count, 0);
    netdev_table_finish(&table);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        ETH0,
        "Inter-|   Receive |  Transmit\n" ETH0,
        HEADING "\n",
        HEADING "eth0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        HEADING "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n",
        HEADING "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
        HEADING "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16x\n",
        HEADING "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 \n",
        HEADING "eth0: 1 2 3 4 5 6 7 8 -9 10 11 12 13 14 15 16\n",
        HEADING "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 18446744073709551616\n",
        HEADING ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        HEADING "et h0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        HEADING "../eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        HEADING "..: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        HEADING ETH0 "\n",
        HEADING ETH0 "eth1: 1 2\n",
        HEADING ETH0 HEADING,
    };
    struct netdev_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    netdev_table_finish(&table);
}
END_TEST

/* A cut line is an error unless it ends inside its last number. */
static void expect_justified(const char *text, size_t length)
{
    struct netdev_table table = {0};

    if (netdev_parse(text, length, &table) == 0) {
        ck_assert_uint_ge(length, strlen(HEADING));
        for (size_t index = 0; index < table.count; index++)
            ck_assert_uint_ne(table.rows[index].columns[NETDEV_RECEIVE_BYTES], 0);
    }
    netdev_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(HEADING LO ETH0 ETH1, expect_justified);
}
END_TEST

static char *many_rows(size_t count, unsigned counted)
{
    size_t size = strlen(HEADING) + count * 64 + 1;
    size_t used = strlen(HEADING);
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    memcpy(text, HEADING, used + 1);
    for (size_t index = 0; index < count; index++)
        used += (size_t)snprintf(text + used, size - used,
                                 "veth%zu: %u 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", index, counted);
    return text;
}

START_TEST(too_many_interfaces)
{
    struct netdev_table table = {0};
    char *text = many_rows(NETDEV_ROWS_MAX + 1, 1);

    ck_assert_int_eq(parse(text, &table), -E2BIG);
    netdev_table_finish(&table);
    free(text);
}
END_TEST

START_TEST(each_column_has_its_series)
{
    static const char *const metrics[] = {
        "receive_bytes",  "receive_packets",  "receive_errs",       "receive_drop",
        "receive_fifo",   "receive_frame",    "receive_compressed", "receive_multicast",
        "transmit_bytes", "transmit_packets", "transmit_errs",      "transmit_drop",
        "transmit_fifo",  "transmit_colls",   "transmit_carrier",   "transmit_compressed",
    };
    struct machine machine;

    prepare(&machine, HEADING "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 18446744073709551615\n");
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    for (unsigned column = 0; column < 15; column++)
        ck_assert_double_eq(value(&machine, metrics[column], "eth0"), column + 1);
    ck_assert_double_eq(value(&machine, metrics[15], "eth0"), 0x1p64);
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
    prepare(&machine, HEADING LO);
    start(&machine);
    fake_sink_compare_metrics(&machine.sink, exposition);
    machine_remove(&machine);
    free(exposition);
}
END_TEST

START_TEST(interfaces_with_a_device_are_in_the_total)
{
    static const char *const others[] = {"veth1", "br0", "bond0", "eth0.7", "lo", "vf0"};
    struct machine machine;
    char text[1024] = HEADING ETH0;

    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        char row[64];

        snprintf(row, sizeof row, "%s: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", others[index]);
        strcat(text, row);
    }
    prepare(&machine, text);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        set_attribute(&machine, others[index], "ifindex", "3\n");
    set_attribute(&machine, "br0", "bridge/bridge_id", "8000.000000000000\n");
    set_attribute(&machine, "veth1", "master/bridge/bridge_id", "8000.000000000000\n");
    /* A slave of another with a device: that one counts its traffic. */
    set_attribute(&machine, "vf0", "device/vendor", "0x1af4\n");
    set_attribute(&machine, "vf0", "master/device/vendor", "0x1af4\n");
    start(&machine);
    ck_assert(is_in_total(&machine, "eth0"));
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        ck_assert_msg(!is_in_total(&machine, others[index]), "%s", others[index]);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_slave_of_a_bond_is_in_the_total)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    set_attribute(&machine, "eth0", "master/bonding/mode", "802.3ad 4\n");
    start(&machine);
    ck_assert(is_in_total(&machine, "eth0"));
    machine_remove(&machine);
}
END_TEST

START_TEST(interfaces_come_and_go)
{
    struct machine machine;

    prepare(&machine, HEADING LO ETH0);
    start(&machine);
    next(&machine, HEADING ETH0 ETH1);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 32);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 32);
    ck_assert_uint_eq(machine.sink.releases, 16);
    next(&machine, HEADING);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    next(&machine, HEADING LO);
    ck_assert_double_eq(value(&machine, "receive_packets", "lo"), 7);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_rename_is_another_series_and_no_more)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0 ETH1);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    set_attribute(&machine, "eth1", "ifindex", "3\n");
    set_attribute(&machine, "wan0", "ifindex", "2\n");
    start(&machine);
    next(&machine, HEADING WAN0 ETH1);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, series_name("receive_bytes", "eth0")));
    ck_assert_double_eq(value(&machine, "receive_bytes", "wan0"), 1000);
    ck_assert_double_eq(value(&machine, "receive_bytes", "eth1"), 500);
    ck_assert_uint_eq(machine.sink.releases, 16);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_interface_that_counts_less)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    start(&machine);
    set_attribute(&machine, "eth0", "ifindex", "9\n");
    set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    next(&machine, HEADING "eth0: 9999 10 0 0 0 0 0 0 2000 1 0 0 0 0 0 0\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    ck_assert(is_in_total(&machine, "eth0"));
    machine_expect_tick(&machine);
    ck_assert_double_eq(value(&machine, "receive_bytes", "eth0"), 9999);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

/* eth0 goes, and the busier eth1 gets its name: nothing counts less. */
START_TEST(a_name_that_is_handed_on)
{
    struct machine machine;

    prepare(&machine, HEADING ETH1 "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    set_attribute(&machine, "eth1", "ifindex", "3\n");
    start(&machine);
    set_attribute(&machine, "eth0", "ifindex", "3\n");
    next(&machine, HEADING "eth0: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n");
    ck_assert(is_absent(&machine, "eth0"));
    machine_expect_tick(&machine);
    ck_assert_double_eq(value(&machine, "receive_bytes", "eth0"), 500);
    machine_remove(&machine);
}
END_TEST

START_TEST(two_names_that_are_exchanged)
{
    struct machine machine;

    prepare(&machine, HEADING "a: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
                              "b: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    set_attribute(&machine, "a", "ifindex", "2\n");
    set_attribute(&machine, "b", "ifindex", "3\n");
    start(&machine);
    set_attribute(&machine, "a", "ifindex", "3\n");
    set_attribute(&machine, "b", "ifindex", "2\n");
    next(&machine, HEADING "b: 501 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
                           "a: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert(is_absent(&machine, "a"));
    ck_assert(is_absent(&machine, "b"));
    machine_remove(&machine);
}
END_TEST

/* With no other change, another interface is found by the next question about the link. */
START_TEST(another_interface_that_counts_more)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    set_attribute(&machine, "eth0", "speed", "1000\n");
    start(&machine);
    machine_expect_tick(&machine);
    set_attribute(&machine, "eth0", "ifindex", "9\n");
    ticks(&machine, PROBE_TICKS - 1);
    ck_assert(!is_absent(&machine, "eth0"));
    machine_expect_tick(&machine);
    ck_assert(is_absent(&machine, "eth0"));
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 125e6);
    machine_remove(&machine);
}
END_TEST

START_TEST(counters_that_go_back_are_the_readers_affair)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    start(&machine);
    next(&machine, HEADING "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert_double_eq(value(&machine, "receive_bytes", "eth0"), 1);
    ck_assert_uint_eq(machine.sink.declares, 16);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_speed_limits_what_may_be_a_wrap)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    set_attribute(&machine, "eth0", "speed", "1000\n");
    start(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 125e6);
    ck_assert_double_eq(rate_max(&machine, "transmit_packets", "eth0"), 125e6 / 84);
    ck_assert_double_eq(rate_max(&machine, "receive_errs", "eth0"), 0);
    ck_assert_double_eq(series_of(&machine, "receive_bytes", "eth0")->wraps_at, 0x1p32);
    ck_assert_double_eq(series_of(&machine, "receive_packets", "eth0")->wraps_at, 0x1p32);
    ck_assert_double_eq(series_of(&machine, "receive_errs", "eth0")->wraps_at, 0);
    ck_assert_uint_eq(machine.sink.declares, 32);
    ck_assert_uint_eq(machine.sink.releases, 0);

    /* -1: unknown, as of a link that is down. */
    set_attribute(&machine, "eth0", "speed", "-1\n");
    ticks(&machine, PROBE_TICKS - 1);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 125e6);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_link_that_does_not_answer_is_asked_once)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0 ETH1);
    set_attribute(&machine, "eth0", "speed", "1000\n");
    machine.sink.runner.held = true;
    start(&machine);
    ticks(&machine, 3 * PROBE_TICKS);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 32);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 0);
    /* Its interface goes: the task is still the worker's. */
    next(&machine, HEADING ETH0);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 125e6);
    machine.sink.runner.held = true;
    ticks(&machine, PROBE_TICKS);
    machine_remove(&machine);
}
END_TEST

/* What was asked of the former interface is no answer about the new one. */
START_TEST(an_answer_about_the_former_interface)
{
    struct machine machine;

    prepare(&machine, HEADING ETH0);
    set_attribute(&machine, "eth0", "ifindex", "2\n");
    machine.sink.runner.held = true;
    start(&machine);
    set_attribute(&machine, "eth0", "ifindex", "9\n");
    next(&machine, HEADING "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    set_attribute(&machine, "eth0", "speed", "100\n");
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes", "eth0"), 12.5e6);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_hosts_namespace_comes_first)
{
    struct machine machine;

    prepare(&machine, HEADING LO);
    folder_write(&machine.folder, "proc/1/net/dev", HEADING ETH0);
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_double_eq(value(&machine, "receive_bytes", "eth0"), 1000);
    machine_remove(&machine);
}
END_TEST

/* Nothing is asked or declared anew while the same interfaces are there. */
START_TEST(hundreds_of_interfaces)
{
    struct machine machine;
    char *text = many_rows(MANY, 1);

    prepare(&machine, text);
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MANY * 16);
    free(text);
    text = many_rows(MANY, 2);
    next(&machine, text);
    ck_assert_double_eq(value(&machine, "receive_bytes", "veth499"), 2);
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

    prepare(&machine, HEADING ETH0);
    start(&machine);
    folder_write(&machine.folder, "proc/net/dev", HEADING ETH0 "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/net/dev");
    machine_expect_error(&machine, -ENOENT);
    next(&machine, HEADING ETH0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_uint_eq(machine.sink.declares, 16);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netdev", good_text, no_interface_is_an_answer, bad_text, every_prefix,
                     too_many_interfaces, each_column_has_its_series, names_are_node_exporters,
                     interfaces_with_a_device_are_in_the_total, a_slave_of_a_bond_is_in_the_total,
                     interfaces_come_and_go, a_rename_is_another_series_and_no_more,
                     another_interface_that_counts_less, a_name_that_is_handed_on,
                     two_names_that_are_exchanged, another_interface_that_counts_more,
                     counters_that_go_back_are_the_readers_affair,
                     the_speed_limits_what_may_be_a_wrap, a_link_that_does_not_answer_is_asked_once,
                     an_answer_about_the_former_interface, the_hosts_namespace_comes_first,
                     hundreds_of_interfaces, errors_write_nothing_and_pass);
}

#include "collectors/system/netclass.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/net_machine.h"

#define STUCK        "tacho_network_class_stuck_since_timestamp_seconds{device=\"eth0\"}"
#define INFO(state_) INFO_AS("up", state_)
#define INFO_AS(admin_, state_)                                                                    \
    "node_network_info{address=\"02:fc:00:00:00:01\",adminstate=\"" admin_                         \
    "\",broadcast=\"ff:ff:ff:ff:ff:ff\",device=\"eth0\",duplex=\"full\",ifalias=\"to the "         \
    "switch\","                                                                                    \
    "operstate=\"" state_ "\"}"
/* What eth0 has below, with info and up. */
#define SERIES_OF_ETH0 20

static const char *const attributes_of_eth0[][2] = {
    {"addr_assign_type", "3\n"},
    {"address", "02:fc:00:00:00:01\n"},
    {"broadcast", "ff:ff:ff:ff:ff:ff\n"},
    {"carrier", "1\n"},
    {"carrier_changes", "4\n"},
    {"carrier_down_count", "1\n"},
    {"carrier_up_count", "3\n"},
    {"dev_id", "0x20\n"},
    {"dormant", "0\n"},
    {"duplex", "full\n"},
    {"flags", "0x1003\n"},
    {"ifalias", " to the switch\t\n"},
    {"ifindex", "2\n"},
    {"iflink", "5\n"},
    {"link_mode", "1\n"},
    {"mtu", "1500\n"},
    {"name_assign_type", "2\n"},
    {"netdev_group", "6\n"},
    {"operstate", "up\n"},
    {"speed", "1000\n"},
    {"statistics/rx_nohandler", "7\n"},
    {"tx_queue_len", "1000\n"},
    {"type", "772\n"},
};

static void add_whole(const struct machine *machine, const char *device)
{
    size_t count = sizeof attributes_of_eth0 / sizeof attributes_of_eth0[0];

    for (size_t index = 0; index < count; index++)
        net_set_attribute(machine, device, attributes_of_eth0[index][0],
                          attributes_of_eth0[index][1]);
}

static void remove_link(const struct machine *machine, const char *device)
{
    char from[128], to[128];

    snprintf(from, sizeof from, "%s/sys/class/net/%s", machine->folder.path, device);
    snprintf(to, sizeof to, "%s/gone-%s", machine->folder.path, device);
    if (rename(from, to) != 0)
        err(EXIT_FAILURE, "%s", from);
}

static void prepare(struct machine *machine)
{
    machine_make(machine, &netclass_collector);
    add_whole(machine, "eth0");
}

/* The round's first tick asks; nobody has answered then. */
static void ask(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
}

static void start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    ask(machine);
    ck_assert_uint_eq(fake_sink_values(&machine->sink), 0);
}

/* A whole round, in which all answer at once. */
static void next_round(struct machine *machine)
{
    ask(machine);
    machine_expect_tick(machine);
}

static bool has(const struct machine *machine, const char *name)
{
    return fake_sink_find(&machine->sink, name) != NULL;
}

START_TEST(each_attribute_has_its_series)
{
    struct machine machine;

    prepare(&machine);
    start(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, INFO("up")), 1);
    ck_assert_double_eq(net_value(&machine, "up", "eth0"), 1);
    ck_assert_double_eq(net_value(&machine, "address_assign_type", "eth0"), 3);
    ck_assert_double_eq(net_value(&machine, "carrier", "eth0"), 1);
    ck_assert_double_eq(net_value(&machine, "carrier_changes_total", "eth0"), 4);
    ck_assert_double_eq(net_value(&machine, "carrier_down_changes_total", "eth0"), 1);
    ck_assert_double_eq(net_value(&machine, "carrier_up_changes_total", "eth0"), 3);
    ck_assert_double_eq(net_value(&machine, "device_id", "eth0"), 32);
    ck_assert_double_eq(net_value(&machine, "dormant", "eth0"), 0);
    ck_assert_double_eq(net_value(&machine, "flags", "eth0"), 4099);
    ck_assert_double_eq(net_value(&machine, "iface_id", "eth0"), 2);
    ck_assert_double_eq(net_value(&machine, "iface_link", "eth0"), 5);
    ck_assert_double_eq(net_value(&machine, "iface_link_mode", "eth0"), 1);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth0"), 1500);
    ck_assert_double_eq(net_value(&machine, "name_assign_type", "eth0"), 2);
    ck_assert_double_eq(net_value(&machine, "net_dev_group", "eth0"), 6);
    ck_assert_double_eq(net_value(&machine, "protocol_type", "eth0"), 772);
    ck_assert_double_eq(net_value(&machine, "receive_nohandler_total", "eth0"), 7);
    ck_assert_double_eq(net_value(&machine, "speed_bytes", "eth0"), 125e6);
    ck_assert_double_eq(net_value(&machine, "transmit_queue_length", "eth0"), 1000);
    machine_remove(&machine);
}
END_TEST

/* What a link that is down, or has no such thing, gives instead. */
START_TEST(what_is_not_known_is_absent)
{
    struct machine machine;

    machine_make(&machine, &netclass_collector);
    net_set_attribute(&machine, "ifb0", "ifindex", "3\n");
    net_set_attribute(&machine, "ifb0", "speed", "-1\n");
    net_set_attribute(&machine, "ifb0", "carrier", "what?\n");
    net_set_attribute(&machine, "ifb0", "operstate", "down\n");
    start(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    ck_assert_double_eq(net_value(&machine, "iface_id", "ifb0"), 3);
    ck_assert_double_eq(net_value(&machine, "up", "ifb0"), 0);
    ck_assert(has(&machine, "node_network_info{address=\"\",adminstate=\"unknown\",broadcast=\"\","
                            "device=\"ifb0\",duplex=\"\",ifalias=\"\",operstate=\"down\"}"));
    machine_remove(&machine);
}
END_TEST

START_TEST(a_value_comes_and_goes)
{
    struct machine machine;

    prepare(&machine);
    start(&machine);
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "speed", "-1\n");
    next_round(&machine);
    ck_assert(fake_sink_is_absent(&machine.sink, "node_network_speed_bytes{device=\"eth0\"}"));
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0 - 1);
    net_set_attribute(&machine, "eth0", "speed", "100\n");
    next_round(&machine);
    ck_assert_double_eq(net_value(&machine, "speed_bytes", "eth0"), 12.5e6);
    ck_assert_uint_eq(machine.sink.declares, SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

START_TEST(info_follows_its_labels)
{
    struct machine machine;

    prepare(&machine);
    start(&machine);
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "operstate", "down\n");
    next_round(&machine);
    ck_assert(!has(&machine, INFO("up")));
    ck_assert_double_eq(fake_sink_value(&machine.sink, INFO("down")), 1);
    ck_assert_double_eq(net_value(&machine, "up", "eth0"), 0);
    net_set_attribute(&machine, "eth0", "flags", "0x1002\n");
    next_round(&machine);
    ck_assert(!has(&machine, INFO("down")));
    ck_assert(has(&machine, INFO_AS("down", "down")));
    ck_assert_uint_eq(machine.sink.releases, 2);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

START_TEST(interfaces_come_and_go)
{
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "sys/class/net/bonding_masters", "bond0\n");
    start(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(machine.sink.runner.submitted, 1);
    add_whole(&machine, "eth1");
    remove_link(&machine, "eth0");
    next_round(&machine);
    ck_assert_uint_eq(machine.sink.releases, SERIES_OF_ETH0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth1"), 1500);
    remove_link(&machine, "eth1");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* The half of an answer from the time before it went says nothing. */
START_TEST(one_that_goes_while_it_is_asked)
{
    struct machine machine;

    prepare(&machine);
    start(&machine);
    machine_expect_tick(&machine);
    machine.sink.runner.held = true;
    ask(&machine);
    remove_link(&machine, "eth0");
    net_set_attribute(&machine, "eth0", "mtu", "1500\n");
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* Both are asked, eth0 alone does not answer; then it is shown and left alone until it returns. */
START_TEST(one_that_does_not_answer_is_shown_and_heals)
{
    struct machine machine;
    double since;

    prepare(&machine);
    machine.sink.runner.held = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    ask(&machine);
    since = (double)machine.sink.sink.real_ns / 1e9;
    for (int tick = 0; tick < 4; tick++)
        ask(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, STUCK), since);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);

    machine.sink.runner.held = false;
    add_whole(&machine, "eth1");
    for (int round = 0; round < 3; round++) {
        ask(&machine);
        ck_assert_double_eq(fake_sink_value(&machine.sink, STUCK), since);
        machine_expect_tick(&machine);
        ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth1"), 1500);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 1 + 3);
    ck_assert_uint_eq(machine.sink.runner.waiting_count, 1);

    net_set_attribute(&machine, "eth0", "mtu", "9000\n");
    fake_runner_let_go(&machine.sink.runner);
    net_set_attribute(&machine, "eth0", "mtu", "1400\n");
    ask(&machine);
    ck_assert(!has(&machine, STUCK));
    machine_expect_tick(&machine);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth0"), 1400);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_stuck_one_may_go)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.runner.held = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    for (int tick = 0; tick < 5; tick++)
        ask(&machine);
    machine_expect_tick(&machine);
    ck_assert(has(&machine, STUCK));
    remove_link(&machine, "eth0");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    /* The worker has it still. */
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    machine_remove(&machine);
}
END_TEST

START_TEST(closing_waits_for_nobody)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.runner.held = true;
    start(&machine);
    machine.collector->close(machine.state);
    machine.state = NULL;
    fake_runner_let_go(&machine.sink.runner);
    machine_remove(&machine);
}
END_TEST

/* With ticks as rare as rounds each takes the answers of the former and asks anew. */
START_TEST(rare_ticks)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.sink.interval_ms = 60000;
    start(&machine);
    for (int tick = 0; tick < 3; tick++) {
        machine.sink.sink.mono_ns += INT64_C(59000000000);
        ask(&machine);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_write_nothing_and_pass)
{
    struct machine machine;
    char folder[128], aside[128];

    machine_make(&machine, &netclass_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    add_whole(&machine, "eth0");
    start(&machine);
    machine_expect_tick(&machine);
    snprintf(folder, sizeof folder, "%s/sys/class/net", machine.folder.path);
    snprintf(aside, sizeof aside, "%s/sys/class/aside", machine.folder.path);
    ck_assert_int_eq(rename(folder, aside), 0);
    machine_expect_error(&machine, -ENOENT);
    ck_assert_int_eq(rename(aside, folder), 0);
    next_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    ck_assert_uint_eq(machine.sink.declares, SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

/* What is settled is read once a minute, or when the interface shows that it was set up anew. */
START_TEST(what_seldom_changes_is_seldom_read)
{
    static const char *const signs[][2] = {
        {"flags", "0x1043\n"},
        {"operstate", "dormant\n"},
        {"ifindex", "9\n"},
        {"carrier_changes", "5\n"},
    };
    struct machine machine;
    int64_t begun_ns;

    prepare(&machine);
    start(&machine);
    begun_ns = machine.sink.sink.mono_ns;
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "netdev_group", "8\n");
    net_set_attribute(&machine, "eth0", "mtu", "9000\n");
    next_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth0"), 9000);
    while (net_value(&machine, "net_dev_group", "eth0") == 6) {
        ck_assert_int_le(machine.sink.sink.mono_ns - begun_ns, INT64_C(62000000000));
        next_round(&machine);
    }
    ck_assert_int_ge(machine.sink.sink.mono_ns - begun_ns, INT64_C(60000000000));
    ck_assert_double_eq(net_value(&machine, "net_dev_group", "eth0"), 8);
    for (size_t index = 0; index < sizeof signs / sizeof signs[0]; index++) {
        char group[16];

        snprintf(group, sizeof group, "%zu\n", 100 + index);
        net_set_attribute(&machine, "eth0", "netdev_group", group);
        net_set_attribute(&machine, "eth0", signs[index][0], signs[index][1]);
        next_round(&machine);
        ck_assert_double_eq(net_value(&machine, "net_dev_group", "eth0"), 100 + (double)index);
    }
    ck_assert_uint_eq(fake_sink_live(&machine.sink), SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

static void make_link(const struct machine *machine, const char *device)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/sys/class/net/%s", machine->folder.path, device);
    if (mkdir(path, 0755) != 0)
        err(EXIT_FAILURE, "%s", path);
}

/* The kernel allows such a name, and no label can have it. */
START_TEST(an_odd_name_costs_its_own_values)
{
    struct machine machine;

    prepare(&machine);
    make_link(&machine, "l\001o");
    start(&machine);
    for (int round = 0; round < 2; round++) {
        machine_expect_part(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
        ask(&machine);
    }
    machine_remove(&machine);

    /* Alone it is told of at once; and with rare ticks at all. */
    machine_make(&machine, &netclass_collector);
    folder_write(&machine.folder, "sys/class/net/l\001o/ifindex", "1\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_error(&machine, -EBADMSG);
    add_whole(&machine, "eth0");
    machine.sink.sink.interval_ms = 60000;
    ask(&machine);
    machine.sink.sink.mono_ns += INT64_C(59000000000);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

START_TEST(more_than_it_shows)
{
    struct machine machine;
    char name[32];

    prepare(&machine);
    start(&machine);
    machine_expect_tick(&machine);
    for (int index = 0; index < NETCLASS_LINKS_MAX + 3; index++) {
        snprintf(name, sizeof name, "veth%d", index);
        make_link(&machine, name);
    }
    ask(&machine);
    machine_expect_part(&machine, -E2BIG);
    ck_assert_uint_ge(machine.sink.runner.submitted, NETCLASS_LINKS_MAX);
    ck_assert_uint_le(machine.sink.runner.submitted, NETCLASS_LINKS_MAX + 1);
    for (int index = 0; index < NETCLASS_LINKS_MAX + 3; index++) {
        snprintf(name, sizeof name, "veth%d", index);
        remove_link(&machine, name);
    }
    next_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), SERIES_OF_ETH0);
    machine_remove(&machine);
}
END_TEST

/* A link to an interface of the fixture machine, as sysfs has it. */
static void link_to_fixture(const struct machine *machine, const char *root, const char *device)
{
    char path[PATH_MAX], target[PATH_MAX];

    snprintf(path, sizeof path, "%s/sys/class/net/%s", machine->folder.path, device);
    snprintf(target, sizeof target, "%s/sys/class/net/%s", root, device);
    if (symlink(target, path) != 0)
        err(EXIT_FAILURE, "%s", path);
}

/* node_exporter was run without dmz and int, and took rx_nohandler from the kernel it ran on. */
START_TEST(fixture_machine)
{
    const char *root = fixtures_folder();
    struct machine machine;
    char path[PATH_MAX];
    char *exposition;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/e2e-output.txt", root);
    exposition = file_text(path);
    machine_make(&machine, &netclass_collector);
    folder_write(&machine.folder, "sys/class/net/bonding_masters", "bond0 dmz int\n");
    link_to_fixture(&machine, root, "bond0");
    link_to_fixture(&machine, root, "eth0");
    start(&machine);
    machine_expect_tick(&machine);
    /* bond0 does not know its speed. */
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * (SERIES_OF_ETH0 - 1) - 1);
    fake_sink_compare(&machine.sink, exposition);
    machine_remove(&machine);
    free(exposition);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netclass", each_attribute_has_its_series, what_is_not_known_is_absent,
                     a_value_comes_and_goes, info_follows_its_labels, interfaces_come_and_go,
                     one_that_goes_while_it_is_asked, one_that_does_not_answer_is_shown_and_heals,
                     a_stuck_one_may_go, closing_waits_for_nobody, rare_ticks,
                     errors_write_nothing_and_pass, what_seldom_changes_is_seldom_read,
                     an_odd_name_costs_its_own_values, more_than_it_shows, fixture_machine);
}

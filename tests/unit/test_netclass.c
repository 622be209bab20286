#include "collectors/system/netclass.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/net_machine.h"

#define INFO(state_) INFO_AS("up", state_)
#define INFO_AS(admin_, state_)                                                                    \
    "node_network_info{address=\"02:fc:00:00:00:01\",adminstate=\"" admin_                         \
    "\",broadcast=\"ff:ff:ff:ff:ff:ff\",device=\"eth0\",duplex=\"full\",ifalias=\"to the "         \
    "switch\","                                                                                    \
    "operstate=\"" state_ "\"}"

START_TEST(each_attribute_has_its_series)
{
    struct machine machine;

    net_class_prepare(&machine);
    net_class_start(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
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
    net_class_start(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    ck_assert_double_eq(net_value(&machine, "iface_id", "ifb0"), 3);
    ck_assert_double_eq(net_value(&machine, "up", "ifb0"), 0);
    ck_assert(net_class_has(&machine,
                            "node_network_info{address=\"\",adminstate=\"unknown\",broadcast=\"\","
                            "device=\"ifb0\",duplex=\"\",ifalias=\"\",operstate=\"down\"}"));
    machine_remove(&machine);
}
END_TEST

START_TEST(a_value_comes_and_goes)
{
    struct machine machine;

    net_class_prepare(&machine);
    net_class_start(&machine);
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "speed", "-1\n");
    net_class_round(&machine);
    ck_assert(fake_sink_is_absent(&machine.sink, "node_network_speed_bytes{device=\"eth0\"}"));
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES - 1);
    net_set_attribute(&machine, "eth0", "speed", "100\n");
    net_class_round(&machine);
    ck_assert_double_eq(net_value(&machine, "speed_bytes", "eth0"), 12.5e6);
    ck_assert_uint_eq(machine.sink.declares, NET_WHOLE_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(info_follows_its_labels)
{
    struct machine machine;

    net_class_prepare(&machine);
    net_class_start(&machine);
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "operstate", "down\n");
    net_class_round(&machine);
    ck_assert(!net_class_has(&machine, INFO("up")));
    ck_assert_double_eq(fake_sink_value(&machine.sink, INFO("down")), 1);
    ck_assert_double_eq(net_value(&machine, "up", "eth0"), 0);
    net_set_attribute(&machine, "eth0", "flags", "0x1002\n");
    net_class_round(&machine);
    ck_assert(!net_class_has(&machine, INFO("down")));
    ck_assert(net_class_has(&machine, INFO_AS("down", "down")));
    ck_assert_uint_eq(machine.sink.releases, 2);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), NET_WHOLE_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(interfaces_come_and_go)
{
    struct machine machine;

    net_class_prepare(&machine);
    folder_write(&machine.folder, "sys/class/net/bonding_masters", "bond0\n");
    net_class_start(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(machine.sink.runner.submitted, 1);
    net_add_whole(&machine, "eth1");
    net_remove_link(&machine, "eth0");
    net_class_round(&machine);
    ck_assert_uint_eq(machine.sink.releases, NET_WHOLE_SERIES);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth1"), 1500);
    net_remove_link(&machine, "eth1");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* The half of an answer from the time before it went says nothing. */
START_TEST(one_that_goes_while_it_is_asked)
{
    struct machine machine;

    net_class_prepare(&machine);
    net_class_start(&machine);
    machine_expect_tick(&machine);
    machine.sink.runner.held = true;
    net_class_ask(&machine);
    net_remove_link(&machine, "eth0");
    net_set_attribute(&machine, "eth0", "mtu", "1500\n");
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
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
    net_add_whole(&machine, "eth0");
    net_class_start(&machine);
    machine_expect_tick(&machine);
    snprintf(folder, sizeof folder, "%s/sys/class/net", machine.folder.path);
    snprintf(aside, sizeof aside, "%s/sys/class/aside", machine.folder.path);
    ck_assert_int_eq(rename(folder, aside), 0);
    machine_expect_error(&machine, -ENOENT);
    ck_assert_int_eq(rename(aside, folder), 0);
    net_class_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    ck_assert_uint_eq(machine.sink.declares, NET_WHOLE_SERIES);
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
    net_class_start(&machine);
    machine_expect_tick(&machine);
    /* bond0 does not know its speed. */
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * (NET_WHOLE_SERIES - 1) - 1);
    fake_sink_compare(&machine.sink, exposition);
    machine_remove(&machine);
    free(exposition);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netclass", each_attribute_has_its_series, what_is_not_known_is_absent,
                     a_value_comes_and_goes, info_follows_its_labels, interfaces_come_and_go,
                     one_that_goes_while_it_is_asked, errors_write_nothing_and_pass,
                     fixture_machine);
}

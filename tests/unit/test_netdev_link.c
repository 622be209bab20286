#include "collectors/system/netdev_link.h"

#include <stdio.h>

#include "tests/unit/net_machine.h"

#define ETH0        "  eth0: 1000 10 1 2 3 4 5 6 2000 20 7 8 9 11 12 13\n"
#define ETH1        "  eth1: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
#define WAN0        "  wan0: 1000 10 1 2 3 4 5 6 2000 20 7 8 9 11 12 13\n"
#define PROBE_TICKS 60 /* a tick of the fake sink is a second */

static bool is_absent(const struct machine *machine, const char *device)
{
    return fake_sink_is_absent(&machine->sink, net_series("receive_bytes_total", device));
}

static const struct fake_series *series_of(const struct machine *machine, const char *metric,
                                           const char *device)
{
    const struct fake_series *series = fake_sink_find(&machine->sink, net_series(metric, device));

    ck_assert_ptr_nonnull(series);
    return series;
}

static bool is_in_total(const struct machine *machine, const char *device)
{
    return series_of(machine, "transmit_bytes_total", device)->flags & SERIES_IN_TOTAL;
}

static double rate_max(const struct machine *machine, const char *metric, const char *device)
{
    return series_of(machine, metric, device)->rate_max;
}

static void ticks(struct machine *machine, size_t count)
{
    for (size_t tick = 0; tick < count; tick++)
        machine_expect_tick(machine);
}

START_TEST(interfaces_with_a_device_are_in_the_total)
{
    static const char *const others[] = {"veth1", "br0", "bond0", "eth0.7", "lo", "vf0"};
    struct machine machine;
    char text[1024] = NET_DEV_HEADING ETH0;

    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        char row[64];

        snprintf(row, sizeof row, "%s: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", others[index]);
        strcat(text, row);
    }
    net_machine_make(&machine, text);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        net_set_attribute(&machine, others[index], "ifindex", "3\n");
    net_set_attribute(&machine, "br0", "bridge/bridge_id", "8000.000000000000\n");
    net_set_attribute(&machine, "veth1", "master/bridge/bridge_id", "8000.000000000000\n");
    /* A slave of another with a device: that one counts its traffic. */
    net_set_attribute(&machine, "vf0", "device/vendor", "0x1af4\n");
    net_set_attribute(&machine, "vf0", "master/device/vendor", "0x1af4\n");
    net_machine_start(&machine);
    ck_assert(is_in_total(&machine, "eth0"));
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        ck_assert_msg(!is_in_total(&machine, others[index]), "%s", others[index]);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_slave_of_a_bond_is_in_the_total)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    net_set_attribute(&machine, "eth0", "master/bonding/mode", "802.3ad 4\n");
    net_machine_start(&machine);
    ck_assert(is_in_total(&machine, "eth0"));
    machine_remove(&machine);
}
END_TEST

START_TEST(a_rename_is_another_series_and_no_more)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0 ETH1);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_set_attribute(&machine, "eth1", "ifindex", "3\n");
    net_set_attribute(&machine, "wan0", "ifindex", "2\n");
    net_machine_start(&machine);
    net_machine_next(&machine, NET_DEV_HEADING WAN0 ETH1);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, net_series("receive_bytes_total", "eth0")));
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "wan0"), 1000);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "eth1"), 500);
    ck_assert_uint_eq(machine.sink.releases, 16);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_interface_that_counts_less)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_machine_start(&machine);
    net_set_attribute(&machine, "eth0", "ifindex", "9\n");
    net_set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    net_machine_next(&machine, NET_DEV_HEADING "eth0: 9999 10 0 0 0 0 0 0 2000 1 0 0 0 0 0 0\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    ck_assert(is_in_total(&machine, "eth0"));
    machine_expect_tick(&machine);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "eth0"), 9999);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

/* eth0 goes, and the busier eth1 gets its name: nothing counts less. */
START_TEST(a_name_that_is_handed_on)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH1 "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_set_attribute(&machine, "eth1", "ifindex", "3\n");
    net_machine_start(&machine);
    net_set_attribute(&machine, "eth0", "ifindex", "3\n");
    net_machine_next(&machine, NET_DEV_HEADING "eth0: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n");
    ck_assert(is_absent(&machine, "eth0"));
    machine_expect_tick(&machine);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "eth0"), 500);
    machine_remove(&machine);
}
END_TEST

START_TEST(two_names_that_are_exchanged)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING "a: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
                                               "b: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    net_set_attribute(&machine, "a", "ifindex", "2\n");
    net_set_attribute(&machine, "b", "ifindex", "3\n");
    net_machine_start(&machine);
    net_set_attribute(&machine, "a", "ifindex", "3\n");
    net_set_attribute(&machine, "b", "ifindex", "2\n");
    net_machine_next(&machine, NET_DEV_HEADING "b: 501 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
                                               "a: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert(is_absent(&machine, "a"));
    ck_assert(is_absent(&machine, "b"));
    machine_remove(&machine);
}
END_TEST

/* As above with one that counts as much as the one whose name it gets: the new name tells. */
START_TEST(a_name_that_is_handed_on_by_a_new_one)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH1 "b: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n");
    net_set_attribute(&machine, "eth1", "ifindex", "2\n");
    net_set_attribute(&machine, "b", "ifindex", "3\n");
    net_machine_start(&machine);
    net_set_attribute(&machine, "b", "ifindex", "2\n");
    net_set_attribute(&machine, "c", "ifindex", "3\n");
    net_machine_next(&machine, NET_DEV_HEADING "b: 501 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n"
                                               "c: 501 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0\n");
    ck_assert(is_absent(&machine, "b"));
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "c"), 501);
    machine_remove(&machine);
}
END_TEST

/* Of three in a circle one alone counts less. */
START_TEST(three_names_that_are_exchanged)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING "a: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
                                               "b: 2 2 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n"
                                               "c: 3 3 0 0 0 0 0 0 3 3 0 0 0 0 0 0\n");
    net_set_attribute(&machine, "a", "ifindex", "2\n");
    net_set_attribute(&machine, "b", "ifindex", "3\n");
    net_set_attribute(&machine, "c", "ifindex", "4\n");
    net_machine_start(&machine);
    net_set_attribute(&machine, "a", "ifindex", "3\n");
    net_set_attribute(&machine, "b", "ifindex", "4\n");
    net_set_attribute(&machine, "c", "ifindex", "2\n");
    net_machine_next(&machine, NET_DEV_HEADING "a: 2 2 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n"
                                               "b: 3 3 0 0 0 0 0 0 3 3 0 0 0 0 0 0\n"
                                               "c: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* As a device that has come shows: nobody asks eth0 about it until the next question is due. */
START_TEST(those_that_come_and_go_alone_are_asked)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_machine_start(&machine);
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "device/vendor", "0x1af4\n");
    net_set_attribute(&machine, "eth1", "ifindex", "3\n");
    net_set_attribute(&machine, "eth1", "device/vendor", "0x1af4\n");
    net_machine_next(&machine, NET_DEV_HEADING ETH0 ETH1);
    ck_assert(!is_in_total(&machine, "eth0"));
    ck_assert(is_in_total(&machine, "eth1"));
    net_machine_next(&machine, NET_DEV_HEADING ETH0);
    ck_assert(!is_in_total(&machine, "eth0"));
    ticks(&machine, PROBE_TICKS);
    ck_assert(is_in_total(&machine, "eth0"));
    machine_remove(&machine);
}
END_TEST

/* With no other change, another interface is found by the next question about the link. */
START_TEST(another_interface_that_counts_more)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_set_attribute(&machine, "eth0", "speed", "1000\n");
    net_machine_start(&machine);
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "ifindex", "9\n");
    ticks(&machine, PROBE_TICKS - 1);
    ck_assert(!is_absent(&machine, "eth0"));
    machine_expect_tick(&machine);
    ck_assert(is_absent(&machine, "eth0"));
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 125e6);
    machine_remove(&machine);
}
END_TEST

START_TEST(counters_that_go_back_are_the_readers_affair)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_machine_start(&machine);
    net_machine_next(&machine, NET_DEV_HEADING "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "eth0"), 1);
    ck_assert_uint_eq(machine.sink.declares, 16);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_speed_limits_what_may_be_a_wrap)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    net_set_attribute(&machine, "eth0", "speed", "1000\n");
    net_machine_start(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 125e6);
    ck_assert_double_eq(rate_max(&machine, "transmit_packets_total", "eth0"), 125e6 / 84);
    ck_assert_double_eq(rate_max(&machine, "receive_errs_total", "eth0"), 0);
    ck_assert_double_eq(series_of(&machine, "receive_bytes_total", "eth0")->wraps_at, 0x1p32);
    ck_assert_double_eq(series_of(&machine, "receive_packets_total", "eth0")->wraps_at, 0x1p32);
    ck_assert_double_eq(series_of(&machine, "receive_errs_total", "eth0")->wraps_at, 0);
    ck_assert_uint_eq(machine.sink.declares, 32);
    ck_assert_uint_eq(machine.sink.releases, 0);

    /* -1: unknown, as of a link that is down. */
    net_set_attribute(&machine, "eth0", "speed", "-1\n");
    ticks(&machine, PROBE_TICKS - 1);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 125e6);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_link_that_does_not_answer_is_asked_once)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0 ETH1);
    net_set_attribute(&machine, "eth0", "speed", "1000\n");
    machine.sink.runner.held = true;
    net_machine_start(&machine);
    ticks(&machine, 3 * PROBE_TICKS);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 32);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 0);
    /* Its interface goes: the task is still the worker's. */
    net_machine_next(&machine, NET_DEV_HEADING ETH0);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 125e6);
    machine.sink.runner.held = true;
    ticks(&machine, PROBE_TICKS);
    machine_remove(&machine);
}
END_TEST

/* What was asked of the former interface is no answer about the new one. */
START_TEST(an_answer_about_the_former_interface)
{
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING ETH0);
    net_set_attribute(&machine, "eth0", "ifindex", "2\n");
    machine.sink.runner.held = true;
    net_machine_start(&machine);
    net_set_attribute(&machine, "eth0", "ifindex", "9\n");
    net_machine_next(&machine, NET_DEV_HEADING "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n");
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    net_set_attribute(&machine, "eth0", "speed", "100\n");
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_double_eq(rate_max(&machine, "receive_bytes_total", "eth0"), 12.5e6);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "netdev_link", interfaces_with_a_device_are_in_the_total, a_slave_of_a_bond_is_in_the_total,
        a_rename_is_another_series_and_no_more, another_interface_that_counts_less,
        a_name_that_is_handed_on, a_name_that_is_handed_on_by_a_new_one,
        two_names_that_are_exchanged, three_names_that_are_exchanged,
        those_that_come_and_go_alone_are_asked, another_interface_that_counts_more,
        counters_that_go_back_are_the_readers_affair, the_speed_limits_what_may_be_a_wrap,
        a_link_that_does_not_answer_is_asked_once, an_answer_about_the_former_interface);
}

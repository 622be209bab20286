/* The rounds of netclass: what each reads, and the interfaces that do not answer or do not fit. */
#include "collectors/system/netclass.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/unit/net_machine.h"

#define STUCK "tacho_network_class_stuck_since_timestamp_seconds{device=\"eth0\"}"

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

    net_class_prepare(&machine);
    net_class_start(&machine);
    begun_ns = machine.sink.sink.mono_ns;
    machine_expect_tick(&machine);
    net_set_attribute(&machine, "eth0", "netdev_group", "8\n");
    net_set_attribute(&machine, "eth0", "mtu", "9000\n");
    net_class_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth0"), 9000);
    while (net_value(&machine, "net_dev_group", "eth0") == 6) {
        ck_assert_int_le(machine.sink.sink.mono_ns - begun_ns, INT64_C(62000000000));
        net_class_round(&machine);
    }
    ck_assert_int_ge(machine.sink.sink.mono_ns - begun_ns, INT64_C(60000000000));
    ck_assert_double_eq(net_value(&machine, "net_dev_group", "eth0"), 8);
    for (size_t index = 0; index < sizeof signs / sizeof signs[0]; index++) {
        char group[16];

        snprintf(group, sizeof group, "%zu\n", 100 + index);
        net_set_attribute(&machine, "eth0", "netdev_group", group);
        net_set_attribute(&machine, "eth0", signs[index][0], signs[index][1]);
        net_class_round(&machine);
        ck_assert_double_eq(net_value(&machine, "net_dev_group", "eth0"), 100 + (double)index);
    }
    ck_assert_uint_eq(fake_sink_live(&machine.sink), NET_WHOLE_SERIES);
    machine_remove(&machine);
}
END_TEST

/* Both are asked, eth0 alone does not answer; then it is shown and left alone until it returns. */
START_TEST(one_that_does_not_answer_is_shown_and_heals)
{
    struct machine machine;
    double since;

    net_class_prepare(&machine);
    machine.sink.runner.held = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    net_class_ask(&machine);
    since = (double)machine.sink.sink.real_ns / 1e9;
    for (int tick = 0; tick < 4; tick++)
        net_class_ask(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, STUCK), since);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);

    machine.sink.runner.held = false;
    net_add_whole(&machine, "eth1");
    for (int round = 0; round < 3; round++) {
        net_class_ask(&machine);
        ck_assert_double_eq(fake_sink_value(&machine.sink, STUCK), since);
        machine_expect_tick(&machine);
        ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth1"), 1500);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 1 + 3);
    ck_assert_uint_eq(machine.sink.runner.waiting_count, 1);

    net_set_attribute(&machine, "eth0", "mtu", "9000\n");
    fake_runner_let_go(&machine.sink.runner);
    net_set_attribute(&machine, "eth0", "mtu", "1400\n");
    net_class_ask(&machine);
    ck_assert(!net_class_has(&machine, STUCK));
    machine_expect_tick(&machine);
    ck_assert_double_eq(net_value(&machine, "mtu_bytes", "eth0"), 1400);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * NET_WHOLE_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_stuck_one_may_go)
{
    struct machine machine;

    net_class_prepare(&machine);
    machine.sink.runner.held = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    for (int tick = 0; tick < 5; tick++)
        net_class_ask(&machine);
    machine_expect_tick(&machine);
    ck_assert(net_class_has(&machine, STUCK));
    net_remove_link(&machine, "eth0");
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

    net_class_prepare(&machine);
    machine.sink.runner.held = true;
    net_class_start(&machine);
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

    net_class_prepare(&machine);
    machine.sink.sink.interval_ms = 60000;
    net_class_start(&machine);
    for (int tick = 0; tick < 3; tick++) {
        machine.sink.sink.mono_ns += INT64_C(59000000000);
        net_class_ask(&machine);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 4);
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

    net_class_prepare(&machine);
    make_link(&machine, "l\001o");
    net_class_start(&machine);
    for (int round = 0; round < 2; round++) {
        machine_expect_part(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
        net_class_ask(&machine);
    }
    machine_remove(&machine);

    /* Alone it is told of at once; and with rare ticks at all. */
    machine_make(&machine, &netclass_collector);
    folder_write(&machine.folder, "sys/class/net/l\001o/ifindex", "1\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_error(&machine, -EBADMSG);
    net_add_whole(&machine, "eth0");
    machine.sink.sink.interval_ms = 60000;
    net_class_ask(&machine);
    machine.sink.sink.mono_ns += INT64_C(59000000000);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(more_than_it_shows)
{
    struct machine machine;
    char name[32];

    net_class_prepare(&machine);
    net_class_start(&machine);
    machine_expect_tick(&machine);
    for (int index = 0; index < NETCLASS_LINKS_MAX + 3; index++) {
        snprintf(name, sizeof name, "veth%d", index);
        make_link(&machine, name);
    }
    net_class_ask(&machine);
    machine_expect_part(&machine, -E2BIG);
    ck_assert_uint_ge(machine.sink.runner.submitted, NETCLASS_LINKS_MAX);
    ck_assert_uint_le(machine.sink.runner.submitted, NETCLASS_LINKS_MAX + 1);
    for (int index = 0; index < NETCLASS_LINKS_MAX + 3; index++) {
        snprintf(name, sizeof name, "veth%d", index);
        net_remove_link(&machine, name);
    }
    net_class_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("netclass_rounds", what_seldom_changes_is_seldom_read,
                     one_that_does_not_answer_is_shown_and_heals, a_stuck_one_may_go,
                     closing_waits_for_nobody, rare_ticks, an_odd_name_costs_its_own_values,
                     more_than_it_shows);
}

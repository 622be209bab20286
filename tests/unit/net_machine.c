#include "tests/unit/net_machine.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/system/netclass.h"
#include "collectors/system/netdev.h"

void net_machine_make(struct machine *machine, const char *text)
{
    machine_make(machine, &netdev_collector);
    folder_write(&machine->folder, "proc/net/dev", text);
}

void net_machine_start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

void net_machine_next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/net/dev", text);
    machine_expect_tick(machine);
}

void net_set_attribute(const struct machine *machine, const char *device, const char *attribute,
                       const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "sys/class/net/%s/%s", device, attribute);
    folder_write(&machine->folder, path, text);
}

const char *net_series(const char *metric, const char *device)
{
    static char name[128];

    snprintf(name, sizeof name, "node_network_%s{device=\"%s\"}", metric, device);
    return name;
}

double net_value(const struct machine *machine, const char *metric, const char *device)
{
    return fake_sink_value(&machine->sink, net_series(metric, device));
}

static const char *const whole[][2] = {
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

void net_add_whole(const struct machine *machine, const char *device)
{
    size_t count = sizeof whole / sizeof whole[0];

    for (size_t index = 0; index < count; index++)
        net_set_attribute(machine, device, whole[index][0], whole[index][1]);
}

void net_remove_link(const struct machine *machine, const char *device)
{
    char from[128], to[128];

    snprintf(from, sizeof from, "%s/sys/class/net/%s", machine->folder.path, device);
    snprintf(to, sizeof to, "%s/gone-%s", machine->folder.path, device);
    if (rename(from, to) != 0)
        err(EXIT_FAILURE, "%s", from);
}

void net_class_prepare(struct machine *machine)
{
    machine_make(machine, &netclass_collector);
    net_add_whole(machine, "eth0");
}

void net_class_ask(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
}

void net_class_start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    net_class_ask(machine);
    ck_assert_uint_eq(fake_sink_values(&machine->sink), 0);
}

void net_class_round(struct machine *machine)
{
    net_class_ask(machine);
    machine_expect_tick(machine);
}

bool net_class_has(const struct machine *machine, const char *name)
{
    return fake_sink_find(&machine->sink, name) != NULL;
}

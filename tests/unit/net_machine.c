#include "tests/unit/net_machine.h"

#include <stdio.h>

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

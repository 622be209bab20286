/* What sysfs knows of an interface beside its counters. */
#ifndef TACHO_COLLECTORS_SYSTEM_NETDEV_LINK_H
#define TACHO_COLLECTORS_SYSTEM_NETDEV_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/task.h"

struct netdev_link {
    uint64_t index; /* ifindex: another for each interface since boot; 0: unknown */
    /*
     * Its traffic is no other's too: it hangs on a device, which lo, veth, bridge, bond and vlan
     * do not, and no interface that does is above it, as that of a virtual machine's host is above
     * the one which takes its traffic past the host (netvsc, net_failover).
     */
    bool physical;
};

/*
 * Never fails: what cannot be read is 0 or false. Does not block, as none of it takes the lock of
 * the network's configuration or asks a driver.
 */
struct netdev_link netdev_link_inspect(const char *sysfs, const char *name);

/*
 * The same and the speed, which takes both. The names are the question, the rest the answer when
 * the task is done. Counted memory of a task: it goes by task_abandon().
 */
struct netdev_probe {
    struct task task; /* the first member */
    struct netdev_link link;
    double speed; /* of the link, in bytes per second; 0: unknown, as while it is down */
    char *name;   /* behind sysfs */
    char sysfs[];
};

/* NULL without memory. */
struct netdev_probe *netdev_probe_new(const char *sysfs, const char *name);

#endif

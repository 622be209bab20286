/* How network interfaces are set up: /sys/class/net, Documentation/ABI/testing/sysfs-class-net. */
#ifndef TACHO_COLLECTORS_SYSTEM_NETCLASS_H
#define TACHO_COLLECTORS_SYSTEM_NETCLASS_H

#include "collectors/collector.h"

/* Of more interfaces than that it shows so many. */
#define NETCLASS_LINKS_MAX 8192

extern const struct collector netclass_collector;

#endif

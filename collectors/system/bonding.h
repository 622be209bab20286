/*
 * Bonds of network interfaces: class/net/bonding_masters and each one's slaves in sysfs
 * (Documentation/networking/bonding.rst). Like all of class/net, of the network namespace.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_BONDING_H
#define TACHO_COLLECTORS_SYSTEM_BONDING_H

#include "collectors/collector.h"

extern const struct collector bonding_collector;

#endif

/*
 * Batteries, mains and what else gives power: /sys/class/power_supply,
 * Documentation/ABI/testing/sysfs-class-power.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_POWER_SUPPLY_H
#define TACHO_COLLECTORS_SYSTEM_POWER_SUPPLY_H

#include "collectors/collector.h"

extern const struct collector power_supply_collector;

#endif

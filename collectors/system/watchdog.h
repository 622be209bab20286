/*
 * Watchdogs, which restart a machine that hangs: class/watchdog in sysfs
 * (Documentation/ABI/testing/sysfs-class-watchdog).
 */
#ifndef TACHO_COLLECTORS_SYSTEM_WATCHDOG_H
#define TACHO_COLLECTORS_SYSTEM_WATCHDOG_H

#include "collectors/collector.h"

extern const struct collector watchdog_collector;

#endif

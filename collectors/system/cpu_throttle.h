/*
 * How often cores and packages have been throttled because they were hot: thermal_throttle of
 * sysfs's CPUs, which only x86 has.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_THROTTLE_H
#define TACHO_COLLECTORS_SYSTEM_CPU_THROTTLE_H

#include "collectors/collector.h"

extern const struct collector cpu_throttle_collector;

#endif

/*
 * Temperatures of thermal zones and what cools them: /sys/class/thermal,
 * Documentation/driver-api/thermal/sysfs-api.rst.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_THERMAL_ZONE_H
#define TACHO_COLLECTORS_SYSTEM_THERMAL_ZONE_H

#include "collectors/collector.h"

extern const struct collector thermal_zone_collector;

#endif

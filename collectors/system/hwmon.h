/*
 * Sensors of the hardware: temperatures, fans, voltages. /sys/class/hwmon,
 * Documentation/hwmon/sysfs-interface.rst.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_HWMON_H
#define TACHO_COLLECTORS_SYSTEM_HWMON_H

#include "collectors/collector.h"

/* Of a chip with more files of sensors than that it shows so many. */
#define HWMON_FILES_MAX 4096

extern const struct collector hwmon_collector;

#endif

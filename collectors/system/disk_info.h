/*
 * What block devices are: their model, file system, volume and cache, as udev knows them
 * (/run/udev/data) and sysfs; of the devices of the collector `disk`. Constants, mostly.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_DISK_INFO_H
#define TACHO_COLLECTORS_SYSTEM_DISK_INFO_H

#include "collectors/collector.h"

extern const struct collector disk_info_collector;

#endif

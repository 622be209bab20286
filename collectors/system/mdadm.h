/*
 * Software RAID: /proc/mdstat, and block/md…/md in sysfs (Documentation/admin-guide/md.rst), of
 * which reading some attributes waits for the array.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_MDADM_H
#define TACHO_COLLECTORS_SYSTEM_MDADM_H

#include "collectors/collector.h"

extern const struct collector mdadm_collector;

#endif

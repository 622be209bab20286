/*
 * Errors of memory that the hardware corrects or finds: devices/system/edac/mc in sysfs
 * (Documentation/admin-guide/ras.rst).
 */
#ifndef TACHO_COLLECTORS_SYSTEM_EDAC_H
#define TACHO_COLLECTORS_SYSTEM_EDAC_H

#include "collectors/collector.h"

extern const struct collector edac_collector;

#endif

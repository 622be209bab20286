/* What the firmware says of the machine and its board: class/dmi/id in sysfs. */
#ifndef TACHO_COLLECTORS_SYSTEM_DMI_H
#define TACHO_COLLECTORS_SYSTEM_DMI_H

#include "collectors/collector.h"

extern const struct collector dmi_collector;

#endif

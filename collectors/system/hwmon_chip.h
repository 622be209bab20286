/*
 * What a sensor chip is called: by the path of its device, so that the name stays when the kernel
 * numbers the chips otherwise.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_HWMON_CHIP_H
#define TACHO_COLLECTORS_SYSTEM_HWMON_CHIP_H

#include "collectors/survey.h"
#include "collectors/system/hwmon_attribute.h"

/* "pci0000:00_0000:00:18_3", or that with what tells it from others of the same device. */
#define HWMON_CHIP_MAX (3 * (HWMON_NAME_MAX + 1))

struct hwmon_chip {
    char label[HWMON_CHIP_MAX]; /* node_exporter's "chip"; no other chip has it */
    char
        name[HWMON_NAME_MAX + 1]; /* what its driver says, as hwmon_clean() has it; "" if nothing */
};

/*
 * Names the chip of a target in class/hwmon. Asks no driver; blocks only where that folder's own
 * file system does.
 */
void hwmon_name_chip(const struct survey_target *target, struct hwmon_chip *out);

/*
 * The device of a path: "a/platform/coretemp.0" gives "platform_coretemp_0"; "" where there is
 * none. Pure.
 */
void hwmon_name_device(struct span path, char out[HWMON_CHIP_MAX]);

#endif

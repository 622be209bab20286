/*
 * The clocks that the kernel can tell the time by, and the one that it does tell it by: sysfs's
 * devices/system/clocksource. One that changes to hpet or acpi_pm is a slow and troubled machine.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CLOCKSOURCE_H
#define TACHO_COLLECTORS_SYSTEM_CLOCKSOURCE_H

#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/* The kernel's names are below CS_NAME_LEN (32); no machine has more than a handful. */
#define CLOCKSOURCE_NAME_MAX 31
#define CLOCKSOURCES_MAX     64

struct clocksource_names {
    struct span names[CLOCKSOURCES_MAX]; /* into the text */
    size_t count;
};

/*
 * The words of available_clocksource or current_clocksource: none, one or several. 0; -EBADMSG
 * when one cannot be a name, -E2BIG above CLOCKSOURCES_MAX, *out then being untouched.
 */
__attribute__((warn_unused_result)) int clocksource_parse(const char *text, size_t length,
                                                          struct clocksource_names *out);

extern const struct collector clocksource_collector;

#endif

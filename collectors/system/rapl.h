/*
 * Energy that processors have used, by their own count: /sys/class/powercap,
 * Documentation/power/powercap/powercap.rst. The kernel shows it to root alone, as it tells what a
 * processor computes (CVE-2020-8694).
 */
#ifndef TACHO_COLLECTORS_SYSTEM_RAPL_H
#define TACHO_COLLECTORS_SYSTEM_RAPL_H

#include "collectors/collector.h"

/* Of more zones than that it shows so many. */
#define RAPL_ZONES_MAX 1024

extern const struct collector rapl_collector;

#endif

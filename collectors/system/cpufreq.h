/*
 * How fast CPUs run, may run, and who decides: cpufreq of sysfs's CPUs,
 * Documentation/admin-guide/pm/cpufreq.rst. Reading may ask firmware, so each CPU is a target.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPUFREQ_H
#define TACHO_COLLECTORS_SYSTEM_CPUFREQ_H

#include "collectors/collector.h"

extern const struct collector cpufreq_collector;

#endif

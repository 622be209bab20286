/* The CPUs that the scheduler leaves alone: isolcpus=, Documentation/admin-guide. */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_ISOLATED_H
#define TACHO_COLLECTORS_SYSTEM_CPU_ISOLATED_H

#include "collectors/collector.h"

extern const struct collector cpu_isolated_collector;

#endif

/*
 * The pools of huge pages, by size: kernel/mm/hugepages of sysfs, where meminfo has the pool of the
 * default size only; and, where there are several NUMA nodes, what each of them has of a pool.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_HUGEPAGES_H
#define TACHO_COLLECTORS_SYSTEM_HUGEPAGES_H

#include "collectors/collector.h"

extern const struct collector hugepages_collector;

#endif

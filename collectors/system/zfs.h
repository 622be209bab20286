/*
 * ZFS: /proc/spl/kstat/zfs, with the pools and their data sets (zfs-module-parameters(4) names few
 * of the statistics, the sources of OpenZFS the rest). The size of the cache and its least size
 * are the memory collector's, which reads them at each tick: arcstats.h.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_ZFS_H
#define TACHO_COLLECTORS_SYSTEM_ZFS_H

#include "collectors/collector.h"

extern const struct collector zfs_collector;

#endif

/* What sysfs knows of a block device beside its counters; asked when a device appears. */
#ifndef TACHO_COLLECTORS_SYSTEM_DISK_DEVICE_H
#define TACHO_COLLECTORS_SYSTEM_DISK_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/parse.h"

struct disk_device {
    /*
     * A disk of its own, whose traffic is no other's too: it hangs on a device, which partitions,
     * dm, md, loop and zram do not, and is not one path of an NVMe disk with several.
     */
    bool physical;
    uint64_t sequence; /* block/NAME/diskseq: another for each disk since boot; 0: unknown */
};

/*
 * Looks the device up by its name in /proc/diskstats. Never fails: what cannot be read is false
 * or 0, as on kernels before 5.15, which have no diskseq.
 */
struct disk_device disk_device_inspect(const char *sysfs, const char *name);

/*
 * Whether node_exporter leaves this device out unless told otherwise: ^(z?ram|loop|fd|
 * (h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$, which are RAM disks, loops, floppies and partitions.
 */
bool disk_device_is_excluded(struct span name);

#endif

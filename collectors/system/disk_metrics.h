/* The series of a block device, one per field of /proc/diskstats. */
#ifndef TACHO_COLLECTORS_SYSTEM_DISK_METRICS_H
#define TACHO_COLLECTORS_SYSTEM_DISK_METRICS_H

#include "collectors/collector.h"
#include "collectors/system/disk.h"

struct disk_metric {
    struct metric metric;
    double multiply; /* by these the kernel's number becomes the metric's unit; one of them is 1 */
    double divide;
};

extern const struct disk_metric disk_metrics[DISK_FIELDS];

static inline double disk_metric_value(unsigned field, uint64_t raw)
{
    return (double)raw * disk_metrics[field].multiply / disk_metrics[field].divide;
}

#endif

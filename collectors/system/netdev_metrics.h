/* The series of an interface, one per column of /proc/net/dev. */
#ifndef TACHO_COLLECTORS_SYSTEM_NETDEV_METRICS_H
#define TACHO_COLLECTORS_SYSTEM_NETDEV_METRICS_H

#include "collectors/collector.h"
#include "collectors/system/netdev.h"

struct netdev_metric {
    struct metric metric; /* without rate_max, which each link has its own of */
    /*
     * What each counted thing takes of the link at least, in bytes. 0: a wrap cannot be told from
     * a reset, as no speed limits it.
     */
    double least_bytes;
};

extern const struct netdev_metric netdev_metrics[NETDEV_COLUMNS];

/* The metric on a link of this speed in bytes per second; 0: it is unknown. */
static inline struct metric netdev_metric_at(unsigned column, double speed)
{
    struct metric metric = netdev_metrics[column].metric;

    if (netdev_metrics[column].least_bytes > 0)
        metric.rate_max = speed / netdev_metrics[column].least_bytes;
    return metric;
}

#endif

/* The series of an interface's attributes. */
#ifndef TACHO_COLLECTORS_SYSTEM_NETCLASS_METRICS_H
#define TACHO_COLLECTORS_SYSTEM_NETCLASS_METRICS_H

#include "collectors/collector.h"
#include "collectors/system/netclass_link.h"

struct netclass_metric {
    struct metric metric;
    double multiply; /* by this the kernel's number becomes the metric's unit */
};

extern const struct netclass_metric netclass_metrics[NETCLASS_NUMBERS];
extern const struct metric netclass_info;
extern const struct metric netclass_up;
extern const struct metric netclass_stuck_since;

#endif

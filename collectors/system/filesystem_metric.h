/* What is told of a mounted file system. */
#ifndef TACHO_COLLECTORS_SYSTEM_FILESYSTEM_METRIC_H
#define TACHO_COLLECTORS_SYSTEM_FILESYSTEM_METRIC_H

#include "collectors/collector.h"

enum filesystem_value {
    FILESYSTEM_SIZE,
    FILESYSTEM_FREE,
    FILESYSTEM_AVAIL,
    FILESYSTEM_FILES,
    FILESYSTEM_FILES_FREE,
    FILESYSTEM_READONLY,
    FILESYSTEM_DEVICE_ERROR,
    FILESYSTEM_STUCK_SINCE,
    FILESYSTEM_VALUES,
};

extern const struct metric filesystem_metrics[FILESYSTEM_VALUES];

#endif

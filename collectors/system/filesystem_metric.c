#include "collectors/system/filesystem_metric.h"

#define GAUGE(name_, unit_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .unit = (unit_), .help = (help_), .kind = METRIC_GAUGE                    \
    }

const struct metric filesystem_metrics[FILESYSTEM_VALUES] = {
    [FILESYSTEM_SIZE] = GAUGE("node_filesystem_size_bytes", "bytes", "Filesystem size in bytes."),
    [FILESYSTEM_FREE] =
        GAUGE("node_filesystem_free_bytes", "bytes", "Filesystem free space in bytes."),
    [FILESYSTEM_AVAIL] = GAUGE("node_filesystem_avail_bytes", "bytes",
                               "Filesystem space available to non-root users in bytes."),
    [FILESYSTEM_FILES] = GAUGE("node_filesystem_files", "", "Filesystem total file nodes."),
    [FILESYSTEM_FILES_FREE] =
        GAUGE("node_filesystem_files_free", "", "Filesystem total free file nodes."),
    [FILESYSTEM_READONLY] = GAUGE("node_filesystem_readonly", "", "Filesystem read-only status."),
    [FILESYSTEM_DEVICE_ERROR] =
        GAUGE("node_filesystem_device_error", "",
              "Whether an error occurred while getting statistics for the given device."),
    [FILESYSTEM_STUCK_SINCE] =
        GAUGE("tacho_filesystem_stuck_since_timestamp_seconds", "seconds",
              "Unix time of the statvfs call that this mount has not answered; it is not asked "
              "again before."),
};

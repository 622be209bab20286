#include "collectors/system/disk_metrics.h"

#define COUNTER(name_, unit_, help_)                                                               \
    .metric = {.name = (name_),                                                                    \
               .unit = (unit_),                                                                    \
               .help = (help_),                                                                    \
               .kind = METRIC_COUNTER,                                                             \
               .cumulative = true}
#define EVENTS(name_, help_) COUNTER(name_, "", help_), .multiply = 1, .divide = 1
#define BYTES(name_, help_)  COUNTER(name_, "bytes", help_), .multiply = 512, .divide = 1
/*
 * The kernel counts milliseconds in 32 bits (diskstats_show() in block/genhd.c): every 49.7 days of
 * such time they begin again at 0. Each request in flight adds a second to a second, and no limit
 * on queues tells how many that can be (NVMe: up to 1,023 in each, with a queue for each CPU). A
 * step back that needs more than so many is taken for a reset, which costs one rate.
 */
#define REQUESTS_MAX 4096
#define SECONDS(name_, help_, most_)                                                               \
    .metric = {.name = (name_),                                                                    \
               .unit = "seconds",                                                                  \
               .help = (help_),                                                                    \
               .kind = METRIC_COUNTER,                                                             \
               .cumulative = true,                                                                 \
               .wraps_at = 4294967.296,                                                            \
               .rate_max = (most_)},                                                               \
    .multiply = 1, .divide = 1000
#define GAUGE(name_, help_)                                                                        \
    .metric = {.name = (name_), .unit = "", .help = (help_), .kind = METRIC_GAUGE}, .multiply = 1, \
    .divide = 1

const struct disk_metric disk_metrics[DISK_FIELDS] = {
    [DISK_READS] = {EVENTS("node_disk_reads_completed_total",
                           "The total number of reads completed successfully.")},
    [DISK_READS_MERGED] = {EVENTS("node_disk_reads_merged_total",
                                  "The total number of reads merged.")},
    [DISK_SECTORS_READ] = {BYTES("node_disk_read_bytes_total",
                                 "The total number of bytes read successfully.")},
    [DISK_READ_TIME] = {SECONDS("node_disk_read_time_seconds_total",
                                "The total number of seconds spent by all reads.", REQUESTS_MAX)},
    [DISK_WRITES] = {EVENTS("node_disk_writes_completed_total",
                            "The total number of writes completed successfully.")},
    [DISK_WRITES_MERGED] = {EVENTS("node_disk_writes_merged_total",
                                   "The number of writes merged.")},
    [DISK_SECTORS_WRITTEN] = {BYTES("node_disk_written_bytes_total",
                                    "The total number of bytes written successfully.")},
    [DISK_WRITE_TIME] = {SECONDS("node_disk_write_time_seconds_total",
                                 "This is the total number of seconds spent by all writes.",
                                 REQUESTS_MAX)},
    [DISK_IN_FLIGHT] = {GAUGE("node_disk_io_now", "The number of I/Os currently in progress.")},
    [DISK_BUSY_TIME] = {SECONDS("node_disk_io_time_seconds_total",
                                "Total seconds spent doing I/Os.", 2)},
    [DISK_WEIGHTED_TIME] = {SECONDS("node_disk_io_time_weighted_seconds_total",
                                    "The weighted # of seconds spent doing I/Os.", REQUESTS_MAX)},
    [DISK_DISCARDS] = {EVENTS("node_disk_discards_completed_total",
                              "The total number of discards completed successfully.")},
    [DISK_DISCARDS_MERGED] = {EVENTS("node_disk_discards_merged_total",
                                     "The total number of discards merged.")},
    [DISK_SECTORS_DISCARDED] = {EVENTS("node_disk_discarded_sectors_total",
                                       "The total number of sectors discarded successfully.")},
    [DISK_DISCARD_TIME] = {SECONDS("node_disk_discard_time_seconds_total",
                                   "This is the total number of seconds spent by all discards.",
                                   REQUESTS_MAX)},
    [DISK_FLUSHES] = {EVENTS("node_disk_flush_requests_total",
                             "The total number of flush requests completed successfully")},
    [DISK_FLUSH_TIME] = {SECONDS("node_disk_flush_requests_time_seconds_total",
                                 "This is the total number of seconds spent by all flush requests.",
                                 REQUESTS_MAX)},
};

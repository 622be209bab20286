#include "collectors/system/netdev_metrics.h"

/* On 32-bit kernels, and in the drivers that count for themselves in 32 bits on others. */
#define WRAPS_AT 4294967296.0
/* The smallest frame on the wire: 64 bytes, preamble and gap. */
#define LEAST_FRAME_BYTES 84

#define COUNTER(what_, unit_, wraps_at_)                                                           \
    .metric = {.name = "node_network_" what_ "_total",                                             \
               .unit = (unit_),                                                                    \
               .help = "Network device statistic " what_ ".",                                      \
               .kind = METRIC_COUNTER,                                                             \
               .cumulative = true,                                                                 \
               .wraps_at = (wraps_at_)}
#define BYTES(what_)   COUNTER(what_, "bytes", WRAPS_AT), .least_bytes = 1
#define PACKETS(what_) COUNTER(what_, "", WRAPS_AT), .least_bytes = LEAST_FRAME_BYTES
#define EVENTS(what_)  COUNTER(what_, "", 0)

const struct netdev_metric netdev_metrics[NETDEV_COLUMNS] = {
    [NETDEV_RECEIVE_BYTES] = {BYTES("receive_bytes")},
    [NETDEV_RECEIVE_PACKETS] = {PACKETS("receive_packets")},
    [NETDEV_RECEIVE_ERRORS] = {EVENTS("receive_errs")},
    [NETDEV_RECEIVE_DROPPED] = {EVENTS("receive_drop")},
    [NETDEV_RECEIVE_FIFO] = {EVENTS("receive_fifo")},
    [NETDEV_RECEIVE_FRAME] = {EVENTS("receive_frame")},
    [NETDEV_RECEIVE_COMPRESSED] = {EVENTS("receive_compressed")},
    [NETDEV_RECEIVE_MULTICAST] = {EVENTS("receive_multicast")},
    [NETDEV_TRANSMIT_BYTES] = {BYTES("transmit_bytes")},
    [NETDEV_TRANSMIT_PACKETS] = {PACKETS("transmit_packets")},
    [NETDEV_TRANSMIT_ERRORS] = {EVENTS("transmit_errs")},
    [NETDEV_TRANSMIT_DROPPED] = {EVENTS("transmit_drop")},
    [NETDEV_TRANSMIT_FIFO] = {EVENTS("transmit_fifo")},
    [NETDEV_TRANSMIT_COLLISIONS] = {EVENTS("transmit_colls")},
    [NETDEV_TRANSMIT_CARRIER] = {EVENTS("transmit_carrier")},
    [NETDEV_TRANSMIT_COMPRESSED] = {EVENTS("transmit_compressed")},
};

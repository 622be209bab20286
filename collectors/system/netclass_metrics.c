#include "collectors/system/netclass_metrics.h"

#define BYTES_PER_MEGABIT 125000

#define NUMBER(name_, unit_, help_, ...)                                                           \
    .metric = {.name = "node_network_" name_, .unit = (unit_), .help = (help_), __VA_ARGS__}
#define PROPERTY "Network device property: "
#define GAUGE(name_, unit_, multiply_)                                                             \
    NUMBER(name_, unit_, PROPERTY name_, .kind = METRIC_GAUGE), .multiply = (multiply_)
#define COUNTER(name_, help_)                                                                      \
    NUMBER(name_, "", help_, .kind = METRIC_COUNTER, .cumulative = true), .multiply = 1
#define PLAIN(name_)   GAUGE(name_, "", 1)
#define CHANGES(name_) COUNTER(name_, PROPERTY name_)

const struct netclass_metric netclass_metrics[NETCLASS_NUMBERS] = {
    [NETCLASS_ADDRESS_ASSIGN_TYPE] = {PLAIN("address_assign_type")},
    [NETCLASS_CARRIER] = {PLAIN("carrier")},
    [NETCLASS_CARRIER_CHANGES] = {CHANGES("carrier_changes_total")},
    [NETCLASS_CARRIER_UP_CHANGES] = {CHANGES("carrier_up_changes_total")},
    [NETCLASS_CARRIER_DOWN_CHANGES] = {CHANGES("carrier_down_changes_total")},
    [NETCLASS_DEVICE_ID] = {PLAIN("device_id")},
    [NETCLASS_DORMANT] = {PLAIN("dormant")},
    [NETCLASS_FLAGS] = {PLAIN("flags")},
    [NETCLASS_IFACE_LINK] = {PLAIN("iface_link")},
    [NETCLASS_IFACE_LINK_MODE] = {PLAIN("iface_link_mode")},
    [NETCLASS_MTU] = {GAUGE("mtu_bytes", "bytes", 1)},
    [NETCLASS_NAME_ASSIGN_TYPE] = {PLAIN("name_assign_type")},
    [NETCLASS_NET_DEV_GROUP] = {PLAIN("net_dev_group")},
    [NETCLASS_PROTOCOL_TYPE] = {PLAIN("protocol_type")},
    [NETCLASS_RECEIVE_NOHANDLER] = {COUNTER("receive_nohandler_total",
                                            "Network device statistic receive_nohandler.")},
    [NETCLASS_SPEED] = {GAUGE("speed_bytes", "bytes", BYTES_PER_MEGABIT)},
    [NETCLASS_TRANSMIT_QUEUE_LENGTH] = {PLAIN("transmit_queue_length")},
    [NETCLASS_IFACE_ID] = {PLAIN("iface_id")},
};

const struct metric netclass_info = {
    .name = "node_network_info",
    .unit = "",
    .help = "Non-numeric data from /sys/class/net/<iface>, value is always 1.",
    .kind = METRIC_GAUGE,
};

const struct metric netclass_up = {
    .name = "node_network_up",
    .unit = "",
    .help = "Value is 1 if operstate is 'up', 0 otherwise.",
    .kind = METRIC_GAUGE,
};

const struct metric netclass_stuck_since = {
    .name = "tacho_network_class_stuck_since_timestamp_seconds",
    .unit = "seconds",
    .help = "Unix time at which an interface was asked for its attributes, and has not answered.",
    .kind = METRIC_GAUGE,
};

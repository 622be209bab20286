/* Network interfaces of a machine of text files. */
#ifndef TACHO_TESTS_UNIT_NET_MACHINE_H
#define TACHO_TESTS_UNIT_NET_MACHINE_H

#include "tests/unit/machine.h"

/* Of /proc/net/dev. */
#define NET_DEV_HEADING                                                                            \
    "Inter-|   Receive                                                |  Transmit\n"               \
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "     \
    "drop fifo colls carrier compressed\n"

/* A machine with this proc/net/dev; its collector is netdev. */
void net_machine_make(struct machine *machine, const char *text);

/* Opens the collector and makes the first tick. */
void net_machine_start(struct machine *machine);

/* Another proc/net/dev, and a tick. */
void net_machine_next(struct machine *machine, const char *text);

/* Puts a text in the place of sys/class/net/device/attribute. */
void net_set_attribute(const struct machine *machine, const char *device, const char *attribute,
                       const char *text);

/* An interface with all its attributes in sys/class/net; netclass makes so many series of it. */
#define NET_WHOLE_SERIES 20
void net_add_whole(const struct machine *machine, const char *device);

/* It goes from sys/class/net. */
void net_remove_link(const struct machine *machine, const char *device);

/* node_network_METRIC{device="DEVICE"}, until the next call; and its value in this tick. */
const char *net_series(const char *metric, const char *device);
double net_value(const struct machine *machine, const char *metric, const char *device);

/* A machine with eth0 whole, whose collector is netclass; and that opened, with its first question.
 */
void net_class_prepare(struct machine *machine);
void net_class_start(struct machine *machine);

/* The round's first tick asks; nobody has answered then. And a round in which all answer at once.
 */
void net_class_ask(struct machine *machine);
void net_class_round(struct machine *machine);

/* Whether there is a live series of this name. */
bool net_class_has(const struct machine *machine, const char *name);

#endif

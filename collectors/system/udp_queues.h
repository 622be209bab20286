/*
 * What waits in the queues of UDP sockets: net/udp and net/udp6 (proc_net_tcp.rst has the form),
 * which have a line for each socket, a hundred thousand on some machines.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_UDP_QUEUES_H
#define TACHO_COLLECTORS_SYSTEM_UDP_QUEUES_H

#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

extern const struct collector udp_queues_collector;

struct udp_queues {
    uint64_t transmit_bytes;
    uint64_t receive_bytes;
};

/* Adds a socket's line. 0, or -EBADMSG with *sum untouched. */
__attribute__((warn_unused_result)) int udp_queues_parse_line(struct scanner line,
                                                              struct udp_queues *sum);

#endif

/*
 * What the kernel tells of who sends datagrams: processes, by proc_pid_stat(5) and cgroups(7), and
 * the sockets of this machine, by proc_pid_net(5). Pure.
 */
#ifndef TACHO_COLLECTORS_APPLICATION_SENDER_H
#define TACHO_COLLECTORS_APPLICATION_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/parse.h"

/*
 * Of /proc/PID/stat: when the process started, in ticks of USER_HZ since boot. 0, -ESRCH for one
 * that has ended and is not yet waited for, or -EBADMSG; *out is untouched then.
 */
__attribute__((warn_unused_result)) int sender_parse_stat(const char *text, size_t length,
                                                          uint64_t *out);

/*
 * Of /proc/PID/cgroup: the systemd service that the process is of, the innermost one. False if it
 * is of none: one that a person started is in a scope, which has a name of its own each time.
 */
bool sender_parse_unit(const char *text, size_t length, struct span *out);

/* Ports of this machine that are bound: a bit for each. */
struct sender_ports {
    uint64_t words[65536 / 64];
};

/* Adds those of /proc/net/udp or udp6. Lines that are not understood are passed over. */
void sender_parse_ports(const char *text, size_t length, struct sender_ports *ports);

static inline bool sender_has_port(const struct sender_ports *ports, uint16_t port)
{
    return (ports->words[port / 64] >> port % 64 & 1) != 0;
}

#endif

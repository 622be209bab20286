/*
 * Which connections are taken: so many at a time of all addresses together, and so many of one.
 * Shared by the HTTP loops: any thread; a mutex is held for one look-up, whose time does not depend
 * on the number of connections. Its memory is bounded by max_connections.
 */
#ifndef TACHO_DAEMON_ADMISSION_H
#define TACHO_DAEMON_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "daemon/scope.h"
#include "daemon/self.h"

enum admission_verdict {
    ADMITTED,
    REFUSED_MAX_CONNECTIONS, /* there are as many as there may be */
    REFUSED_PER_ADDRESS,     /* of this address there are */
    REFUSED_DESCRIPTORS,     /* the process has no descriptor for another */
    ADMISSION_VERDICTS,
};

struct admission_options {
    size_t max_connections; /* at least 1 */
    size_t max_per_address; /* at least 1 */
};

struct admission;

/* 0 or -errno. */
int admission_new(const struct admission_options *options, struct admission **out) MUST_CHECK;

/* NULL is a no-op. */
void admission_free(struct admission *admission);

/*
 * Counts a connection of this client, or says why it is refused, and counts that. out is then what
 * admission_leave() wants. Of IPv6 a /64 is one client, but each address of fe80::/10 by itself, as
 * those of one link have the same /64; an IPv4 address written as IPv6 is that IPv4 address. Other
 * families, unix sockets that is, count in the total only.
 */
enum admission_verdict admission_enter(struct admission *admission, const struct sockaddr *address,
                                       uint32_t *out);
void admission_leave(struct admission *admission, uint32_t ticket);

/* A connection was answered for want of a descriptor. */
void admission_count_shortage(struct admission *admission);

/* True once a minute at most, whatever the number of loops: a shortage may be logged. */
bool admission_may_log(struct admission *admission);

/* How many connections there are, and how many were refused for this reason. */
size_t admission_connections(const struct admission *admission);
uint64_t admission_refused(const struct admission *admission, enum admission_verdict why);

/* Has each tick show what it counts. */
void admission_show(struct admission *admission, struct self *self);

#endif

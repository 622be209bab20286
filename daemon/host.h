/*
 * Which Host headers are answered. A page of another site can have its own name point here (DNS
 * rebinding) and would then read everything as if it were of this origin, but its requests carry
 * that name. Pure and bounded.
 */
#ifndef TACHO_DAEMON_HOST_H
#define TACHO_DAEMON_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_NAME_BYTES 254 /* of a name in the DNS, with its terminator */
#define HOST_OWN_NAMES  3

/* The names that are answered beside numeric addresses, localhost and *.localhost. */
struct host_rules {
    char own[HOST_OWN_NAMES][HOST_NAME_BYTES]; /* this machine's; empty where there is none */
    const char *const *listed;
    size_t listed_count;
};

/* From uname(2)'s nodename: that, its first label, and that one in mDNS. listed outlives it. */
void host_rules_init(struct host_rules *rules, const char *nodename, const char *const *listed,
                     size_t listed_count);

/* True if it can be a host's name: dot-separated labels; one dot may end it. */
bool host_name_is_valid(const char *name);

/* True for a header's value (length bytes) that names a host of the rules, and perhaps a port. */
bool host_is_allowed(const struct host_rules *rules, const char *header, size_t length);

#endif

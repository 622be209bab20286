/* Addresses of sockets as text: "ADDR:PORT", "[ADDR]:PORT" and paths of unix sockets. */
#ifndef TACHO_DAEMON_ADDRESS_H
#define TACHO_DAEMON_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/scope.h"

#define ADDRESS_MAX         256 /* bytes of an address as text, with its terminator */
#define ADDRESS_UNIX_PREFIX "unix:"

/*
 * A numeric address, since looking up a name may block, for sockets of this type (SOCK_STREAM). 0
 * with *out for freeaddrinfo(); -EINVAL, or -EACCES for one beyond loopback that may not be, with
 * *out NULL.
 */
int address_parse(const char *spec, int socket_type, bool beyond_loopback,
                  struct addrinfo **out) MUST_CHECK;

bool address_is_loopback(const struct sockaddr *address);

/* What an IPv4 or IPv6 socket is bound to. */
void address_write(int fd, char out[ADDRESS_MAX]);

bool address_is_unix(const char *spec);

/* "unix:PATH". 0, or -EINVAL: the path has no bytes or too many. */
int address_parse_unix(const char *spec, struct sockaddr_un *out) MUST_CHECK;

/*
 * Removes a socket's file that refuses connections: it was left behind by a daemon that is gone.
 * One of another type stays.
 */
void address_remove_abandoned(const struct sockaddr_un *address, int socket_type);

#endif

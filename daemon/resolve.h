/* Names of hosts, by whatever the machine resolves them with. */
#ifndef TACHO_DAEMON_RESOLVE_H
#define TACHO_DAEMON_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/scope.h"

#define RESOLVE_ADDRESSES_MAX 8
/* A name, a port and the addresses. */
#define RESOLVE_BYTES 800

/*
 * Whether the host is localhost or below it, which is this machine (RFC 6761) and needs nobody to
 * say so; then its addresses as below. Does not block.
 */
bool resolve_localhost(const char *host, uint16_t port, char out[RESOLVE_BYTES]);

/*
 * The addresses of a host for streams, as "HOST:PORT:ADDRESS[,ADDRESS]…", which fetch_start()
 * takes. Blocks for as long as that takes. 0; -ENOENT if there is no such host, -EAGAIN if that
 * could not be found out, or -E2BIG for a name that is too long, each with a constant that says so.
 * For workers.
 */
int resolve_host(const char *host, uint16_t port, char out[RESOLVE_BYTES],
                 const char **error) MUST_CHECK;

#endif

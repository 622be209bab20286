/*
 * The service manager (systemd): what it is told (sd_notify(3) has the protocol) and what it hands
 * over (sd_listen_fds(3), sd_watchdog_enabled(3)). Without one nothing is told, and without one or
 * built without libsystemd nothing is handed over. Main loop only.
 */
#ifndef TACHO_DAEMON_SERVICE_H
#define TACHO_DAEMON_SERVICE_H

#include <stdint.h>

#include "daemon/scope.h"

#define SERVICE_FIRST_SOCKET 3 /* the descriptor of the first socket; the others follow */

/*
 * The start, or a reload, is done. The status, of one line, is what systemctl(1) shows. 0, also if
 * there is no manager, or -errno: to be told again (-EAGAIN: its queue is full; nothing waits).
 */
int service_ready(const char *status) MUST_CHECK;

/* A reload has begun; service_ready() ends it. */
void service_reloading(void);

void service_stopping(void);

/* All is well: the watchdog waits anew. 0 or -errno, as above. */
int service_alive(void) MUST_CHECK;

/* Within which time service_alive() has to be called again and again; 0: it need not be. */
int64_t service_watchdog_ns(void);

/* How many sockets were handed over, or -errno where what the environment says is wrong. */
int service_sockets(void) MUST_CHECK;

#endif

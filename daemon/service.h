/*
 * The service manager (systemd): what it is told (sd_notify(3)) and what it hands over
 * (sd_listen_fds(3), sd_watchdog_enabled(3)). Without one, or built without libsystemd, nothing is
 * told and nothing is handed over. Main loop only.
 */
#ifndef TACHO_DAEMON_SERVICE_H
#define TACHO_DAEMON_SERVICE_H

#include <stdint.h>

#include "daemon/scope.h"

#define SERVICE_FIRST_SOCKET 3 /* the descriptor of the first socket; the others follow */

/* The start, or a reload, is done. The status, of one line, is what systemctl(1) shows. */
void service_ready(const char *status);

/* A reload has begun; service_ready() ends it. */
void service_reloading(void);

void service_stopping(void);

/* All is well: the watchdog waits anew. */
void service_alive(void);

/* Within which time service_alive() has to be called again and again; 0: it need not be. */
int64_t service_watchdog_ns(void);

/* How many sockets were handed over, or -errno where what the environment says is wrong. */
int service_sockets(void) MUST_CHECK;

#endif

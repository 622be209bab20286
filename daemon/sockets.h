/*
 * All that is listened on: the sockets that the service manager hands over, else those that the
 * configuration names.
 */
#ifndef TACHO_DAEMON_SOCKETS_H
#define TACHO_DAEMON_SOCKETS_H

#include "daemon/config.h"
#include "daemon/listening.h"

#define SOCKETS_STATUS_BYTES 1024

/* Caller's memory; zeros are no sockets. */
struct sockets {
    struct listening list[LISTENING_MAX];
    size_t count;
};

/* 0, or -errno with nothing to close and the error logged. */
int sockets_open(struct sockets *sockets, const struct config *config) MUST_CHECK;
void sockets_close(struct sockets *sockets);

/* Logs each address, and a warning where others than this machine may reach one. */
void sockets_log(const struct sockets *sockets);

/* "serving http://127.0.0.1:8224/ http://[::1]:8224/"; cut where they are many. */
void sockets_status(const struct sockets *sockets, char status[SOCKETS_STATUS_BYTES]);

#endif

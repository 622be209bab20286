/*
 * The libmicrohttpd daemon of one HTTP loop, which takes the connections that the listener accepts
 * and calls the endpoints. Its loop's thread only, but for start and stop.
 */
#ifndef TACHO_DAEMON_HTTP_DAEMON_H
#define TACHO_DAEMON_HTTP_DAEMON_H

#include "daemon/http_loop.h"

/* Caller's memory, which stays where it is. */
struct http_daemon {
    struct http_loop *loop;
    struct admission *admission;
    struct MHD_Daemon *mhd;
    uint32_t ticket; /* of the connection that is being handed to libmicrohttpd */
    bool taken;      /* and that it was taken */
};

/* The loop's options are set. 0 or -ENOMEM. */
int http_daemon_start(struct http_daemon *daemon, struct http_loop *loop,
                      struct admission *admission) MUST_CHECK;

/* Closes all connections; no request is suspended. */
void http_daemon_stop(struct http_daemon *daemon);

/* Readable, edge-triggered, when it has something to do. */
int http_daemon_epoll(const struct http_daemon *daemon);

/* Takes a connection and its ticket, which is given back when the connection ends. */
void http_daemon_take(struct http_daemon *daemon, int fd, const struct sockaddr *address,
                      socklen_t size, uint32_t ticket);

/* Does what is due; true if it is to run again after so long, 0 being at once. */
bool http_daemon_run(struct http_daemon *daemon, uint64_t *out_ms);

#endif

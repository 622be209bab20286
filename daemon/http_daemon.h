/*
 * The libmicrohttpd daemons of one HTTP loop, which take the connections that the listener accepts
 * and call the endpoints. They are several because each walks over all its suspended connections
 * whenever one is resumed: a lane has few of them, and another is begun when all are full. The
 * loop's thread only, but for start and stop.
 */
#ifndef TACHO_DAEMON_HTTP_DAEMON_H
#define TACHO_DAEMON_HTTP_DAEMON_H

#include "daemon/config.h"
#include "daemon/http_loop.h"

#define HTTP_LANE_CONNECTIONS 1024
#define HTTP_LANES            (CONFIG_CONNECTIONS_MAX / HTTP_LANE_CONNECTIONS)

struct http_daemon;

struct http_lane {
    struct http_daemon *daemon;
    struct MHD_Daemon *mhd;
    size_t connections;
    bool is_due; /* it has more to do at once */
};

/* Caller's memory, which stays where it is. */
struct http_daemon {
    struct http_loop *loop;
    struct admission *admission;
    struct http_lane lanes[HTTP_LANES];
    size_t lane_count;
    int epoll;       /* of the lanes' own */
    uint32_t ticket; /* of the connection that is being handed to libmicrohttpd */
    bool taken;      /* and that it was taken */
};

/* The loop's options are set. 0 or -errno. */
int http_daemon_start(struct http_daemon *daemon, struct http_loop *loop,
                      struct admission *admission) MUST_CHECK;

/* Closes all connections; no request is suspended. */
void http_daemon_stop(struct http_daemon *daemon);

/* Readable when it has something to do. */
int http_daemon_epoll(const struct http_daemon *daemon);

/* Takes a connection and its ticket, which is given back when the connection ends. */
void http_daemon_take(struct http_daemon *daemon, int fd, const struct sockaddr *address,
                      socklen_t size, uint32_t ticket);

/*
 * Does what is due, of all lanes or of those alone that had more to do after their last run; true
 * if it is to run again after so long, 0 being at once.
 */
bool http_daemon_run(struct http_daemon *daemon, bool all, uint64_t *out_ms);

#endif

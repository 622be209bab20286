/*
 * One HTTP request, from its request line to its completion. Its memory is the connection's, so
 * that each connection has one at a time; nothing of it is seen by other threads.
 */
#ifndef TACHO_DAEMON_REQUEST_H
#define TACHO_DAEMON_REQUEST_H

#include <microhttpd.h>

#include "daemon/problem.h"
#include "daemon/query.h"

struct http_loop;
struct order;
struct subscriber;

enum wait_state { WAIT_NONE, WAIT_SUSPENDED, WAIT_OVER };

struct wait_list {
    struct request *first, *last;
};

/* A request's wait for the next tick, see waiters.h. */
struct wait {
    enum wait_state state;
    int64_t until_ns; /* CLOCK_MONOTONIC */
    struct wait_list *list;
    struct request *previous, *next; /* in the list */
};

struct request {
    struct http_loop *loop;
    struct MHD_Connection *connection;
    const char *version;       /* "HTTP/1.1"; the connection's */
    size_t target_length;      /* of the raw request target */
    bool zero_in_target;       /* it holds an encoded zero byte, which would cut the path short */
    bool begun;                /* its headers were seen; it is answered at its end */
    const struct query *query; /* while it is being answered */
    struct subscriber *subscriber; /* a stream's; NULL otherwise */
    struct order *order;           /* what is being made for it; NULL otherwise */
    struct wait wait;
};

/*
 * 400 without a Host header, which only HTTP/1.0 may leave out (RFC 9112 3.2); one whose name is
 * misspelt ("Host :") is none. 421 unless every one names what host.h allows; over a unix socket
 * each passes, since no browser comes that way. 0 or -EINVAL with the problem.
 */
int request_check_host(const struct request *request, struct problem *problem) MUST_CHECK;

/* The parameters, whose strings are the connection's. 0 or -EINVAL with the problem. */
int request_read_query(const struct request *request, struct query *query,
                       struct problem *problem) MUST_CHECK;

/* A GET or HEAD that comes without a body: only then reading to its end keeps the connection. */
bool request_has_no_body(const struct request *request, const char *method);

#endif

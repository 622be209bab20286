/* One HTTP loop as its endpoints see it. Everything here belongs to its thread. */
#ifndef TACHO_DAEMON_HTTP_LOOP_H
#define TACHO_DAEMON_HTTP_LOOP_H

#include "daemon/follower.h"
#include "daemon/http.h"
#include "daemon/stream.h"
#include "daemon/waiters.h"

struct http_loop {
    const struct http_options *options;
    struct follower follower; /* the present, as every answer on this loop shows it */
    struct stream *stream;
    struct waiters waiters; /* for the next tick */
    size_t unread_bytes;    /* of answers that libmicrohttpd still holds */
};

#endif

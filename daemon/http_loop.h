/*
 * One HTTP loop: a thread with an event loop, a libmicrohttpd daemon, a follower, a stream and
 * waiters of its own, which accepts on all listening sockets.
 */
#ifndef TACHO_DAEMON_HTTP_LOOP_H
#define TACHO_DAEMON_HTTP_LOOP_H

#include "daemon/admission.h"
#include "daemon/exposition_cache.h"
#include "daemon/follower.h"
#include "daemon/http.h"
#include "daemon/orders.h"
#include "daemon/snapshot_texts.h"
#include "daemon/stream.h"
#include "daemon/waiters.h"

/* As its endpoints see it. Everything here belongs to its thread. */
struct http_loop {
    const struct http_options *options;
    struct follower follower; /* the present, as every answer on this loop shows it */
    struct stream *stream;
    struct waiters waiters; /* for the next tick */
    struct orders orders;   /* answers that workers make */
    struct exposition_cache expositions;
    struct snapshot_texts now_texts; /* of the follower's catalog, or an older one */
    size_t unread_bytes;             /* of answers that libmicrohttpd still holds */
};

/*
 * What follows is the main loop's, but for the wake-up. The name, a constant, is that of the thread
 * and of its measurements; options and admission outlive it. 0 or -errno.
 */
int http_loop_start(const struct http_options *options, const char *name,
                    struct admission *admission, struct http_loop **out) MUST_CHECK;

/* New ticks or a new list of processes are visible. Any thread; never blocks. */
void http_loop_wake(struct http_loop *shown);

/* True if it has turned since the last call, or this is the first; asks it to turn again. */
bool http_loop_turned(struct http_loop *shown);

/* Ends all requests, streams too. Does not wait for that. */
void http_loop_ask_to_end(struct http_loop *shown);

/* Waits for the end that it was asked for. */
void http_loop_join(struct http_loop *shown);

/* For its measurements. */
struct loop *http_loop_measured(struct http_loop *shown);

#endif

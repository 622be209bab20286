/*
 * What a connection that is not taken gets: a canned 503 that names the limit. Closing a socket
 * while bytes of the request are unread, or before they have come, sends a reset that may destroy
 * the answer before it is read. So a few such sockets linger for a second, and what came is
 * read before they are closed. One HTTP loop's; its thread only.
 */
#ifndef TACHO_DAEMON_REFUSAL_H
#define TACHO_DAEMON_REFUSAL_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/admission.h"

#define REFUSALS_MAX 8 /* that linger; one more closes the oldest */

struct refusals {
    struct ev_loop *ev;
    ev_timer timer; /* for the oldest */
    struct {
        int fd;
        int64_t until_ns;
    } list[REFUSALS_MAX]; /* the oldest first */
    size_t count;
};

void refusals_init(struct refusals *refusals, struct ev_loop *ev);

/* Answers on the socket, which it takes. */
void refusals_add(struct refusals *refusals, int fd, enum admission_verdict why);

/* Closes all at once. */
void refusals_end(struct refusals *refusals);

#endif

/*
 * The accepting of connections on all listening sockets by one HTTP loop. Several may accept on
 * the same sockets. What is beyond a limit is answered 503. Its loop's thread only.
 */
#ifndef TACHO_DAEMON_LISTENER_H
#define TACHO_DAEMON_LISTENER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "daemon/admission.h"
#include "daemon/listening.h"
#include "daemon/refusal.h"

struct listener_ops {
    /* Takes the connection, which was admitted with this ticket. */
    void (*accepted)(void *arg, int fd, const struct sockaddr *address, socklen_t size,
                     uint32_t ticket);
    /* One turn's connections were handed over. */
    void (*turn_done)(void *arg);
};

struct listener_options {
    struct ev_loop *ev;
    const struct listening *sockets; /* at most LISTENING_MAX, which do not block */
    size_t socket_count;
    size_t loops; /* that accept on them; each takes its share of what comes at once */
    struct admission *admission;
    const struct listener_ops *ops;
    void *arg;
};

/* One of its sockets. */
struct listener_socket {
    ev_io io;
    struct listener *listener;
    bool is_unix;
};

struct listener {
    struct listener_options options;
    struct listener_socket sockets[LISTENING_MAX];
    ev_timer pause; /* accepting rests for a while */
    int reserve;    /* a descriptor that is given up to answer when there is no other; or -1 */
    struct refusals refusals;
};

/* Caller's memory, which stays where it is. What the options point to outlives it. */
void listener_start(struct listener *listener, const struct listener_options *options);

/* The sockets stay open. */
void listener_stop(struct listener *listener);

#endif

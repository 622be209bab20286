/*
 * Listening sockets: from "ADDR:PORT" or "unix:PATH" to a descriptor, and the accepting of
 * connections on an HTTP loop.
 */
#ifndef TACHO_DAEMON_LISTENER_H
#define TACHO_DAEMON_LISTENER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "daemon/scope.h"

#define LISTENER_MAX         16
#define LISTENER_ADDRESS_MAX 256 /* bytes of an address as text, with its terminator */
#define LISTENER_URL_MAX     (LISTENER_ADDRESS_MAX + 8)
#define LISTENER_ERROR_BYTES 256

/* A socket that listens; owned by who opened it. */
struct listening {
    int fd;
    char address[LISTENER_ADDRESS_MAX]; /* "127.0.0.1:8224", "[::1]:8224" or "unix:/run/x" */
    bool is_unix;
    bool is_open;    /* others than this machine may reach it */
    bool is_adopted; /* another opened it, and removes a unix socket's file */
};

/*
 * Whether listening_open() would try: the spec is well formed, and beyond loopback only if that is
 * allowed. Opens nothing. 0 or -errno with the error's text.
 */
int listening_check(const char *spec, bool beyond_loopback,
                    char error[LISTENER_ERROR_BYTES]) MUST_CHECK;

/*
 * Opens it. Port 0 picks a free one; address tells which. A unix socket that nobody serves any
 * more is replaced. 0 or -errno with the error's text.
 */
int listening_open(const char *spec, bool beyond_loopback, struct listening *out,
                   char error[LISTENER_ERROR_BYTES]) MUST_CHECK;

/*
 * Takes over a descriptor that has to be a stream socket which listens, over TCP or as a unix
 * socket; "@" begins the address of an abstract one. 0, or -errno with the error's text and the
 * descriptor left to the caller.
 */
int listening_adopt(int fd, bool beyond_loopback, struct listening *out,
                    char error[LISTENER_ERROR_BYTES]) MUST_CHECK;

/* Closes it and removes the file of a unix socket that listening_open() made. */
void listening_close(struct listening *listening);

/* "http://127.0.0.1:8224/" or "unix:/run/x". */
void listening_url(const struct listening *listening, char url[LISTENER_URL_MAX]);

struct listener_ops {
    /* How many more connections may be served; asked before each is accepted. */
    size_t (*room)(void *arg);
    /* Takes the connection. */
    void (*accepted)(void *arg, int fd, const struct sockaddr *address, socklen_t size);
    /* One turn's connections were handed over. */
    void (*turn_done)(void *arg);
};

/* The accepting side of one socket on one loop. */
struct listener {
    struct ev_loop *ev;
    ev_io io;
    ev_timer pause;          /* no descriptors: accepting rests for a while */
    int64_t silent_until_ns; /* no further message of that before */
    const struct listener_ops *ops;
    void *arg;
    bool is_unix;
};

void listener_start(struct listener *listener, struct ev_loop *ev,
                    const struct listening *listening, const struct listener_ops *ops, void *arg);
void listener_stop(struct listener *listener);

#endif

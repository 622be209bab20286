/* Listening sockets: from "ADDR:PORT" or "unix:PATH", or one handed over, to a descriptor. */
#ifndef TACHO_DAEMON_LISTENING_H
#define TACHO_DAEMON_LISTENING_H

#include <stdbool.h>

#include "daemon/address.h"
#include "daemon/scope.h"

#define LISTENING_MAX         16
#define LISTENING_ADDRESS_MAX ADDRESS_MAX
#define LISTENING_URL_MAX     (LISTENING_ADDRESS_MAX + 8)
#define LISTENING_ERROR_BYTES 256

/* A socket that listens; owned by who opened it. */
struct listening {
    int fd;
    char address[LISTENING_ADDRESS_MAX]; /* "127.0.0.1:8224", "[::1]:8224" or "unix:/run/x" */
    bool is_unix;
    bool is_open;    /* others than this machine may reach it */
    bool is_adopted; /* another opened it, and removes a unix socket's file */
};

/*
 * Whether listening_open() would try: the spec is well formed, and beyond loopback only if that is
 * allowed. Opens nothing. 0 or -errno with the error's text.
 */
int listening_check(const char *spec, bool beyond_loopback,
                    char error[LISTENING_ERROR_BYTES]) MUST_CHECK;

/*
 * Opens it. Port 0 picks a free one; address tells which. A unix socket that nobody serves any
 * more is replaced. 0 or -errno with the error's text.
 */
int listening_open(const char *spec, bool beyond_loopback, struct listening *out,
                   char error[LISTENING_ERROR_BYTES]) MUST_CHECK;

/*
 * Takes over a descriptor that has to be a stream socket which listens, over TCP or as a unix
 * socket; "@" begins the address of an abstract one. 0, or -errno with the error's text and the
 * descriptor left to the caller.
 */
int listening_adopt(int fd, bool beyond_loopback, struct listening *out,
                    char error[LISTENING_ERROR_BYTES]) MUST_CHECK;

/* Closes it and removes the file of a unix socket that listening_open() made. */
void listening_close(struct listening *listening);

/* "http://127.0.0.1:8224/" or "unix:/run/x". */
void listening_url(const struct listening *listening, char url[LISTENING_URL_MAX]);

#endif

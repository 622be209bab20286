/* Datagram sockets: from "udp:ADDR:PORT" or "unix:PATH" to packets, many at a time. */
#ifndef TACHO_DAEMON_DATAGRAMS_H
#define TACHO_DAEMON_DATAGRAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/address.h"

#define DATAGRAMS_ERROR_BYTES 256
#define DATAGRAMS_SPEC_MAX    (ADDRESS_MAX + 8)
#define DATAGRAM_MAX          65535 /* bytes; UDP has no more */
#define DATAGRAMS_BATCH       32

/* A socket that is bound; owned by who opened it. */
struct datagrams {
    int fd;
    bool is_unix;
    bool is_open;                  /* others than this machine may reach it */
    char spec[DATAGRAMS_SPEC_MAX]; /* "udp:127.0.0.1:8125" */
    uint32_t overflows;            /* packets that the kernel dropped, as it told last */
};

struct datagram {
    const char *text;
    size_t size;
    bool is_cut;                 /* it was longer than DATAGRAM_MAX */
    uint32_t lost;               /* how many the kernel dropped that came before it */
    pid_t pid;                   /* who sent it to a unix socket; 0: that is not known */
    const struct sockaddr *from; /* and to another */
};

struct datagrams_batch;

/*
 * Whether datagrams_open() would try, as listening_check() says. 0 or -errno with the error's text.
 */
int datagrams_check(const char *spec, bool beyond_loopback,
                    char error[DATAGRAMS_ERROR_BYTES]) MUST_CHECK;

/*
 * Opens it. Port 0 picks a free one; spec tells which. A unix socket that nobody reads any more is
 * replaced. 0 or -errno with the error's text.
 */
int datagrams_open(const char *spec, bool beyond_loopback, struct datagrams *out,
                   char error[DATAGRAMS_ERROR_BYTES]) MUST_CHECK;

/* Closes it and removes the file of a unix socket. */
void datagrams_close(struct datagrams *datagrams);

/* NULL: no memory. */
struct datagrams_batch *datagrams_batch_new(void);
void datagrams_batch_free(struct datagrams_batch *batch); /* NULL is a no-op */

/*
 * Takes what waits, up to DATAGRAMS_BATCH, and never waits itself. Gives how many. Descriptors that
 * a sender passes along are closed.
 */
size_t datagrams_receive(struct datagrams *datagrams, struct datagrams_batch *batch);

/*
 * Whether to let packets gather for a moment before the next receive, where so many came at once.
 * Not on a unix socket: few packets wait there, and then their sender does.
 */
bool datagrams_gather(const struct datagrams *datagrams, size_t count);

/* One of those that were received last; good until the next receive. */
struct datagram datagrams_get(struct datagrams *datagrams, struct datagrams_batch *batch,
                              size_t index);

#endif

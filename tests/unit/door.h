/* A listener on an event loop that runs when the test says so. */
#ifndef TACHO_TESTS_UNIT_DOOR_H
#define TACHO_TESTS_UNIT_DOOR_H

#include <netinet/in.h>

#include "daemon/listener.h"

struct door {
    struct ev_loop *ev;
    struct listening listening;
    struct listener listener;
    struct admission *admission;
    bool is_shared;
    size_t accepted, turns;
    struct sockaddr_in peer; /* of what was accepted last */
};

/* What is accepted is closed and goes on counting. */
void door_open(struct door *door, const char *spec, size_t max_connections, size_t max_per_address);

/* Another loop's, of the same socket and limits; closed before the first. */
void door_share(const struct door *first, struct door *second);
void door_close(struct door *door);

/* A connection to it; the kernel completes it before it is accepted. */
int door_connect(const struct door *door);

/* Reads to the end, as a text. Fails on a reset. */
void door_read(int fd, char *out, size_t size);

/* The socket's pending error, which a reset is. */
int door_error(int fd);

#endif

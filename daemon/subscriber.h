/*
 * A client of the stream: a cursor, and the connection that is suspended while there is nothing to
 * send. Those who read one track are its audience, which is woken a few at a time. HTTP loop only.
 */
#ifndef TACHO_DAEMON_SUBSCRIBER_H
#define TACHO_DAEMON_SUBSCRIBER_H

#include "daemon/audience.h"
#include "daemon/cursor.h"
#include "daemon/request.h"

struct subscriber {
    struct cursor cursor;
    struct subscriber *previous, *next; /* its audience's ring */
    struct audience *audience;
    struct MHD_Connection *connection;
    bool is_suspended;
};

/* Joins as one that need not be looked at in this round; leaves. */
void audience_add(struct audience *audience, struct subscriber *subscriber);
void audience_remove(struct subscriber *subscriber);

/* Looks at those that are left until `most` were resumed, and says how many: MHD has to run. */
size_t audience_resume(struct audience *audience, size_t most);

/* A content reader of libmicrohttpd: up to `room` bytes of the endless body of a subscriber. */
ssize_t subscriber_read(void *subscriber, uint64_t position, char *out, size_t room);

#endif

/* A client of the stream: applies events to what it knows, as the page does. */
#ifndef TACHO_TESTS_UNIT_STREAM_CLIENT_H
#define TACHO_TESTS_UNIT_STREAM_CLIENT_H

#include "daemon/track.h"
#include "tests/unit/model.h"

#define STREAM_CLIENT_IDS 1024 /* above every id of a test */

enum stream_client_event {
    STREAM_CLIENT_HELLO,
    STREAM_CLIENT_TICK,
    STREAM_CLIENT_SERIES,
    STREAM_CLIENT_GAP,
    STREAM_CLIENT_PING,
    STREAM_CLIENT_EVENTS,
};

struct stream_client {
    char **names;   /* by id; NULL: not among its series */
    double *values; /* by id; NAN: null, or none was sent */
    uint64_t every; /* its ticks are multiples of it */
    uint64_t seq;   /* up to which all is known to it, or told by a gap; 0: it comes anew */
    bool is_fresh;  /* the next tick has to hold all series: nothing is known of them */
    size_t seen[STREAM_CLIENT_EVENTS];
};

void stream_client_init(struct stream_client *client, uint64_t every);
void stream_client_finish(struct stream_client *client);

/*
 * Applies one event as it stands on the wire. Fails the test when it is malformed, or says
 * something of a series that the client was not told of, or a tick comes that is not the next.
 */
void stream_client_apply(struct stream_client *client, const char *text, size_t size);

/* Fails the test unless the client knows the track's series and no other, as it has shown them. */
void stream_client_compare(const struct stream_client *client, const struct track *track);

#endif

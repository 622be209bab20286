/*
 * Fetching by HTTP on a libev loop, by libcurl. Nothing here blocks: names are resolved by others
 * and handed in; what was received is taken in pieces, and what is packed is unpacked in pieces, a
 * few a turn of the loop. Neither redirects, proxies, cookies nor passwords of the environment are
 * followed or used. All of it runs on the loop's thread.
 */
#ifndef TACHO_DAEMON_FETCH_H
#define TACHO_DAEMON_FETCH_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/loop.h"
#include "daemon/scope.h"

#define FETCH_HEADER_BYTES (16 * 1024) /* of all headers of an answer */
#define FETCH_HEADER_LINES 256
#define FETCH_PIECE_BYTES  (16 * 1024) /* of a body, at once */
#define FETCH_ERROR_BYTES  320

/* What is common to all fetches of a loop: its connections and its watchers. */
struct fetcher;

/* What it does counts as the callback of this place of the loop. 0 or -ENOMEM. */
int fetcher_new(struct loop *loop, size_t callback, struct fetcher **out) MUST_CHECK;

/* Its fetches have been freed. NULL is a no-op. */
void fetcher_free(struct fetcher *fetcher);

/* Called in this order, on the loop; all are mandatory. */
struct fetch_visitor {
    /* A good answer begins; the type is "" if there is none. */
    void (*head)(void *arg, const char *content_type);
    /* The next piece of its body, unpacked, of up to FETCH_PIECE_BYTES. */
    void (*body)(void *arg, const char *bytes, size_t size);
    /*
     * It is over: NULL, and the body is whole; or why it is not, as one line whose bytes may be the
     * peer's. The fetch may be started anew from here, but not freed.
     */
    void (*done)(void *arg, const char *error);
};

/* Strings are copied, but the visitor is not. */
struct fetch_options {
    const char *url;       /* absolute, http or https */
    const char *unix_path; /* the socket to connect to; NULL: the URL's host */
    const char *accept;    /* for the header Accept */
    int64_t timeout_ms;    /* in all; it is told to the peer too */
    uint64_t max_bytes;    /* of the body, packed or not */
    const struct fetch_visitor *visitor;
    void *arg;
};

/* One that can be made time and again, over one connection where the peer keeps it. */
struct fetch;

/* 0, -EINVAL or -ENOMEM. */
int fetch_new(struct fetcher *fetcher, const struct fetch_options *options,
              struct fetch **out) MUST_CHECK;

/* Not from within its visitor. One under way is given up. NULL is a no-op. */
void fetch_free(struct fetch *fetch);

/*
 * Starts it; it is not under way. The addresses are "HOST:PORT:ADDRESS[,ADDRESS]…", or NULL where
 * the URL has none to be resolved; the token is for "Authorization: Bearer", or NULL. 0, or -ENOMEM
 * without a call of the visitor.
 */
int fetch_start(struct fetch *fetch, const char *addresses, const char *token) MUST_CHECK;

/*
 * Gives up one under way, without a call of the visitor; not from within it. A no-op of one that is
 * not under way.
 */
void fetch_stop(struct fetch *fetch);

bool fetch_is_under_way(const struct fetch *fetch);

#endif

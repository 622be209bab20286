/* What a fetcher and its fetches know of each other: for fetcher.c and fetch.c alone. */
#ifndef TACHO_DAEMON_FETCH_OWN_H
#define TACHO_DAEMON_FETCH_OWN_H

#include "daemon/fetch_body.h"

struct fetcher {
    CURLM *multi;
    struct loop *loop;
    size_t callback;
    ev_timer timer;      /* libcurl's */
    ev_timer turn;       /* those that wait go on */
    struct fetch *first; /* that wait for their turn */
    uint64_t iteration;  /* the loop's, that this is left of: */
    size_t bytes_left;   /* of bodies, until the loop has turned */
};

struct fetch {
    struct fetcher *fetcher;
    struct fetch_body body;
    CURL *easy;
    struct curl_slist *headers, *addresses;
    char *accept;
    int64_t timeout_ms;
    bool under_way;
    bool received; /* all of it, though some is held */
    size_t header_bytes, header_lines;
    CURLcode code; /* once it is received */
    char curl_error[CURL_ERROR_SIZE];
    struct fetch *next; /* that waits for its turn */
    bool listed;
};

/* It waits for its turn, with something that it holds or that libcurl keeps for it. */
void fetcher_list(struct fetcher *fetcher, struct fetch *fetch);
void fetcher_unlist(struct fetcher *fetcher, struct fetch *fetch);

/* Whether there is something left of this turn of the loop; what is taken of it, or costs as much.
 */
bool fetcher_has_room(struct fetcher *fetcher);
void fetcher_use(struct fetcher *fetcher, size_t bytes);

/* libcurl has all of it, or has failed. */
void fetch_receive(struct fetch *fetch, CURLcode code);

/* Its turn: a part of what it holds; then libcurl goes on, or all is there. */
void fetch_go_on(struct fetch *fetch);

#endif

/* What a fetcher and its fetches know of each other: for fetcher.c and fetch.c alone. */
#ifndef TACHO_DAEMON_FETCH_OWN_H
#define TACHO_DAEMON_FETCH_OWN_H

#include "daemon/fetch_body.h"

struct fetcher {
    CURLM *multi;
    struct loop *loop;
    size_t callback;
    ev_timer timer;      /* libcurl's */
    ev_timer turn;       /* what is held goes on */
    struct fetch *first; /* that hold what is not unpacked */
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
    size_t header_bytes;
    CURLcode code; /* once it is received */
    char curl_error[CURL_ERROR_SIZE];
    struct fetch *next; /* that holds something */
    bool listed;
};

/* Gives it its next turn, since it holds something. */
void fetcher_list(struct fetcher *fetcher, struct fetch *fetch);
void fetcher_unlist(struct fetcher *fetcher, struct fetch *fetch);

/* libcurl has all of it, or has failed. */
void fetch_receive(struct fetch *fetch, CURLcode code);

/* A part of what it holds; then libcurl goes on, or all is there. */
void fetch_go_on(struct fetch *fetch);

#endif

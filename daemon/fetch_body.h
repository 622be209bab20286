/*
 * The body of an answer: judges whether it is one, unpacks it a few pieces a turn, and holds what
 * is left of what came. Its loop's thread only; for fetch.c.
 */
#ifndef TACHO_DAEMON_FETCH_BODY_H
#define TACHO_DAEMON_FETCH_BODY_H

#include <curl/curl.h>

#include "daemon/buffer.h"
#include "daemon/fetch.h"
#include "daemon/gunzip.h"

struct fetch_body {
    const struct fetch_visitor *visitor;
    void *arg;
    uint64_t max_bytes;
    uint64_t packed_bytes, bytes; /* so far */
    bool begun;                   /* the head was judged, and is good */
    bool packed;
    struct gunzip *gunzip; /* made when it is first needed */
    struct buffer held;    /* packed bytes that came and are to be unpacked */
    size_t held_at;
    bool more;                     /* there is more to be had even of those that were unpacked */
    char error[FETCH_ERROR_BYTES]; /* "": none */
};

void fetch_body_init(struct fetch_body *body, const struct fetch_options *options);
void fetch_body_finish(struct fetch_body *body);

/* A fetch starts. */
void fetch_body_begin(struct fetch_body *body);

/*
 * What came: at first the head is judged. Some of it may be held, and no more is taken until it is
 * not. 0, or -1 with the error.
 */
int fetch_body_take(struct fetch_body *body, CURL *easy, const char *data, size_t size) MUST_CHECK;

/* A part of what is held. 0, or -1 with the error. */
int fetch_body_go_on(struct fetch_body *body) MUST_CHECK;

bool fetch_body_holds(const struct fetch_body *body);

/* Nothing more comes, and nothing is held: the error is set if that is not all. */
void fetch_body_end(struct fetch_body *body, CURL *easy);

/* Says that it is too long. */
void fetch_body_refuse_size(const struct fetch_body *body, char error[FETCH_ERROR_BYTES]);

#endif

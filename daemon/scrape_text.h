/*
 * The text of one scrape, taken in the pieces that it comes in: its samples go to the target's
 * cache, its faults are counted. Main loop only.
 */
#ifndef TACHO_DAEMON_SCRAPE_TEXT_H
#define TACHO_DAEMON_SCRAPE_TEXT_H

#include "collectors/application/exposition.h"
#include "daemon/drops.h"
#include "daemon/scope.h"
#include "daemon/scrape_cache.h"

#define SCRAPE_TEXT_ERROR_BYTES 96

struct scrape_text {
    struct scrape_cache *cache;
    struct drops *drops;
    struct exposition exposition;
    bool begun;                     /* the exposition is in use */
    size_t wrong_lines, wrong_line; /* how many were dropped, and the first */
};

/* The pointers outlive it. */
void scrape_text_init(struct scrape_text *text, struct scrape_cache *cache, struct drops *drops);

/* Gives up what was begun; another may follow. */
void scrape_text_finish(struct scrape_text *text);

/* One begins, in the format that the header says: OpenMetrics, or else Prometheus's text. */
void scrape_text_begin(struct scrape_text *text, const char *content_type);
void scrape_text_feed(struct scrape_text *text, const char *bytes, size_t size);

/* There is no more. 0, or -EBADMSG with what it is: cut, or nothing that has metrics. */
int scrape_text_end(struct scrape_text *text, char error[SCRAPE_TEXT_ERROR_BYTES]) MUST_CHECK;

#endif

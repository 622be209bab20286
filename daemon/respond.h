/* The answers' bodies and headers: one helper per kind of ownership. HTTP loop only. */
#ifndef TACHO_DAEMON_RESPOND_H
#define TACHO_DAEMON_RESPOND_H

#include "daemon/assets.h"
#include "daemon/buffer.h"
#include "daemon/problem.h"
#include "daemon/request.h"

/*
 * Takes the buffer's memory, also on failure. A buffer that failed becomes a 503, and so does any
 * while the loop's clients leave too much unread.
 */
enum MHD_Result respond_buffer(struct request *request, unsigned status, const char *type,
                               struct buffer *body);

/*
 * The same with status 200 of what is written as the request's headers have it; encoding, a
 * constant, is that of the body, NULL as it is.
 */
enum MHD_Result respond_encoded(struct request *request, const char *type, const char *encoding,
                                struct buffer *body);

static inline enum MHD_Result respond_json(struct request *request, struct buffer *body)
{
    return respond_buffer(request, MHD_HTTP_OK, "application/json", body);
}

/* A 405 names the methods that are allowed. */
enum MHD_Result respond_problem(struct request *request, const struct problem *problem);

/* No body and no content, for the health checks. */
enum MHD_Result respond_empty(struct request *request, unsigned status);

/* ETag, 304, gzip where the client takes it; from the directory if there is one. */
enum MHD_Result respond_asset(struct request *request, const struct asset *asset,
                              const char *static_dir);

/* Queues the response with the headers that every answer has, and gives up this reference. */
enum MHD_Result respond_queue(struct request *request, unsigned status, const char *type,
                              struct MHD_Response *response);

/*
 * The same for an answer without end, each of which is memory for as long as its client stays:
 * without what only pages need.
 */
enum MHD_Result respond_queue_stream(struct request *request, const char *type,
                                     struct MHD_Response *response);

/* Whether the client takes an answer in gzip. */
bool respond_takes_gzip(const struct request *request);

/* True if an Accept-Encoding header's value takes gzip (RFC 9110). Pure. */
bool accepts_gzip(const char *header);

/* True if an If-None-Match header's value names the entity tag. Pure. */
bool etag_matches(const char *header, const char *etag);

#endif

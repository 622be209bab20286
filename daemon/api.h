/*
 * The endpoints, one a file (api_<name>.c): each parses the query, asks the ring, encodes and
 * responds. HTTP loop only.
 */
#ifndef TACHO_DAEMON_API_H
#define TACHO_DAEMON_API_H

#include "daemon/format.h"
#include "daemon/http_loop.h"
#include "daemon/request.h"
#include "daemon/respond.h"

typedef enum MHD_Result api_fn(struct request *request, bool head);

enum MHD_Result api_catalog(struct request *request, bool head);
enum MHD_Result api_healthz(struct request *request, bool head);
enum MHD_Result api_history(struct request *request, bool head);
enum MHD_Result api_info(struct request *request, bool head);
enum MHD_Result api_metrics(struct request *request, bool head);
enum MHD_Result api_now(struct request *request, bool head);
enum MHD_Result api_openapi(struct request *request, bool head);
enum MHD_Result api_processes(struct request *request, bool head);
enum MHD_Result api_readyz(struct request *request, bool head);
enum MHD_Result api_stream(struct request *request, bool head);

/* As respond_buffer, with the format's type; an empty body is one too. */
enum MHD_Result api_respond(struct request *request, enum format format, struct buffer *body);

/*
 * The answer of a request whose order was placed, now that it is made, or the problem that it
 * found. format_of tells how its body is written; NULL: as JSON.
 */
enum MHD_Result api_respond_made(struct request *request,
                                 enum format (*format_of)(const struct order *order));

/* The problem of a format that cannot say that no series is selected. */
enum MHD_Result api_respond_none(struct request *request);

#endif

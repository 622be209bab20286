/*
 * The endpoints, one a file (api_<name>.c): each parses the query, asks the ring, encodes and
 * responds. HTTP loop only.
 */
#ifndef TACHO_DAEMON_API_H
#define TACHO_DAEMON_API_H

#include "daemon/encode_json.h"
#include "daemon/http_loop.h"
#include "daemon/request.h"
#include "daemon/respond.h"

typedef enum MHD_Result api_fn(struct request *request, bool head);

enum MHD_Result api_catalog(struct request *request, bool head);
enum MHD_Result api_healthz(struct request *request, bool head);
enum MHD_Result api_history(struct request *request, bool head);
enum MHD_Result api_info(struct request *request, bool head);
enum MHD_Result api_now(struct request *request, bool head);
enum MHD_Result api_readyz(struct request *request, bool head);
enum MHD_Result api_stream(struct request *request, bool head);

/* How derived numbers are rounded: digits=6 (the default) or 17. */
int api_digits(const struct query *query, enum json_digits *out,
               struct problem *problem) MUST_CHECK;

enum format { FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_VALUE };

/* How numbers are told: format=json (the default), ndjson, csv or value. */
int api_format(const struct query *query, enum format *out, struct problem *problem) MUST_CHECK;

/* As respond_buffer, with the format's type; an empty body is one too. */
enum MHD_Result api_respond(struct request *request, enum format format, struct buffer *body);

/* The problem of a format that cannot say that no series is selected. */
enum MHD_Result api_respond_none(struct request *request);

#endif

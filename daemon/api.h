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

#endif

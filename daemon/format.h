/* How an answer is written: what its parameters format= and digits= say. Pure. */
#ifndef TACHO_DAEMON_FORMAT_H
#define TACHO_DAEMON_FORMAT_H

#include "daemon/encode_json.h"
#include "daemon/query.h"

enum format { FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_VALUE };

/* format=json (the default), ndjson, csv or value. */
int format_parse(const struct query *query, enum format *out, struct problem *problem) MUST_CHECK;

/* The Content-Type. */
const char *format_type(enum format format);

/* How derived numbers are rounded: digits=6 or 17; untouched without. */
int format_digits(const struct query *query, enum json_digits *out,
                  struct problem *problem) MUST_CHECK;

#endif

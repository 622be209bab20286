/* What is wrong with a request, as RFC 9457 (application/problem+json) tells it. */
#ifndef TACHO_DAEMON_PROBLEM_H
#define TACHO_DAEMON_PROBLEM_H

#include "daemon/buffer.h"

#define PROBLEM_DETAIL_BYTES 512

struct problem {
    unsigned status;                   /* HTTP status, 4xx or 5xx */
    const char *parameter;             /* constant name of the query's parameter, or NULL */
    char detail[PROBLEM_DETAIL_BYTES]; /* what was wrong and what is allowed */
};

/* Fills the problem and gives -EINVAL, so that a parser can return it. The detail may be cut. */
int problem_set(struct problem *problem, unsigned status, const char *parameter, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* The JSON document. */
void problem_encode(const struct problem *problem, struct buffer *out);

#endif

/*
 * The parameters of a request and the readers of their values. Every reader leaves its output
 * untouched where the parameter is not there, and else fills the problem with the parameter's name
 * and range and gives -EINVAL. Values may hold any byte.
 */
#ifndef TACHO_DAEMON_QUERY_H
#define TACHO_DAEMON_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/problem.h"
#include "daemon/scope.h"

#define QUERY_MAX_PARAMETERS 64

struct parameter {
    const char *name;  /* terminated */
    const char *value; /* terminated, but may hold zeros before */
    size_t length;     /* of value */
};

/* The strings belong to the request. */
struct query {
    struct parameter items[QUERY_MAX_PARAMETERS];
    size_t count;
};

/* Adds a parameter; -E2BIG if there is no room. */
int query_add(struct query *query, const char *name, const char *value, size_t length) MUST_CHECK;

/*
 * Checks that all parameters are among the allowed ones, a list that NULL ends. In it a '+' before
 * a name says that the parameter may be given more than once.
 */
int query_check(const struct query *query, const char *const *allowed,
                struct problem *problem) MUST_CHECK;

/* NULL if it is not there. */
const struct parameter *query_find(const struct query *query, const char *name);

/*
 * A moment in Unix milliseconds: RFC 3339, "now", "-15m" before now, Unix seconds, or (from 10^11
 * on) Unix milliseconds.
 */
int query_time(const struct query *query, const char *name, int64_t now_ms, int64_t *out_ms,
               struct problem *problem) MUST_CHECK;

/* "500ms", "10s", "5m", "1h" or "2d", from lowest to highest milliseconds. */
int query_duration(const struct query *query, const char *name, int64_t lowest_ms,
                   int64_t highest_ms, int64_t *out_ms, struct problem *problem) MUST_CHECK;

int query_number(const struct query *query, const char *name, uint64_t lowest, uint64_t highest,
                 uint64_t *out, struct problem *problem) MUST_CHECK;

/* One of count choices; *out is its index. */
int query_choice(const struct query *query, const char *name, const char *const *choices,
                 size_t count, size_t *out, struct problem *problem) MUST_CHECK;

#endif

/* Which family has which name. Pure but for memory. */
#ifndef TACHO_DAEMON_EXPOSITION_NAMES_H
#define TACHO_DAEMON_EXPOSITION_NAMES_H

#include "collectors/parse.h"
#include "daemon/buffer.h"
#include "daemon/scope.h"

#define EXPOSITION_NO_FAMILY UINT32_MAX

struct exposition_name {
    uint64_t hash;
    uint32_t at, length; /* in the texts; length 0: the place is free */
    uint32_t family;
};

struct exposition_names {
    uint64_t seed;
    struct exposition_name *places; /* by hash */
    size_t mask, count;
    struct buffer texts;
};

/* 0, -EIO without random numbers or -ENOMEM; it is to be finished in either case. */
int exposition_names_init(struct exposition_names *names, size_t expected) MUST_CHECK;
void exposition_names_finish(struct exposition_names *names);

/* Whose the name is that is made of both, or EXPOSITION_NO_FAMILY. */
uint32_t exposition_names_find(const struct exposition_names *names, struct span base,
                               const char *ending);

/* It is this family's, and was nobody's. 0 or -ENOMEM. */
int exposition_names_take(struct exposition_names *names, struct span base, const char *ending,
                          uint32_t family) MUST_CHECK;

#endif

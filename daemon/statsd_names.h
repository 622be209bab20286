/*
 * Which series a line is of. Series are known by their keys (struct statsd_key); and lines are
 * known as senders write them, so that a line that was seen before is not mapped anew. One thread.
 */
#ifndef TACHO_DAEMON_STATSD_NAMES_H
#define TACHO_DAEMON_STATSD_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/application/statsd.h"
#include "daemon/scope.h"

#define STATSD_NAMES_NONE UINT32_MAX
/* Ways to write that are known at a time, for each series that there may be, and bytes of all. */
#define STATSD_ALIASES_EACH      4
#define STATSD_ALIASES_MAX_BYTES (2 << 20)

struct statsd_definition;

/* A way to write a series, as it stands in a packet: name, tags, type and where it came from. */
struct statsd_alias {
    uint64_t hash;
    uint64_t origin;
    struct span name, tags;
    enum statsd_type type;
};

struct statsd_known_alias;
struct statsd_known_name;

struct statsd_names {
    uint64_t seed;
    uint32_t capacity;               /* of series */
    struct statsd_known_name *names; /* by series */
    uint32_t *name_chains;           /* by hash */
    struct statsd_known_alias *aliases;
    uint32_t *alias_chains;
    uint32_t alias_capacity;
    uint32_t free_alias; /* the first of a chain */
    size_t alias_bytes;
    uint32_t mask; /* of both hashes */
};

/* 0 or -ENOMEM; it is to be finished in either case. */
int statsd_names_init(struct statsd_names *names, uint32_t capacity, uint64_t seed) MUST_CHECK;
void statsd_names_finish(struct statsd_names *names);

/* The series of a line that was written so before, or STATSD_NAMES_NONE with *alias set. */
uint32_t statsd_names_look_up(const struct statsd_names *names, const struct statsd_metric *metric,
                              uint64_t origin, struct statsd_alias *alias);

/* The series of this key, or STATSD_NAMES_NONE; and the key's hash. */
uint32_t statsd_names_find(const struct statsd_names *names, const char *text, size_t size,
                           uint64_t *hash);

/*
 * Whether a series of this key would have one of the names that another has: timers have NAME_count
 * and NAME_sum beside their own.
 */
bool statsd_names_collide(const struct statsd_names *names, const struct statsd_key *key,
                          bool distribution);

/* The series has this definition, which outlives it here; no other has. */
void statsd_names_add(struct statsd_names *names, uint32_t series,
                      const struct statsd_definition *definition, uint64_t hash);

/* Remembers that the series is written so, if there is room. */
void statsd_names_alias(struct statsd_names *names, const struct statsd_alias *alias,
                        uint32_t series);

/* Forgets a series; and, after some were, how those were written. */
void statsd_names_remove(struct statsd_names *names, uint32_t series);
void statsd_names_forget(struct statsd_names *names);

#endif

/*
 * What an exposition has and in which order: families by name, each with one type, and in each the
 * series that have a place in it, those of one histogram or summary together. No name is of two
 * families, whatever applications call their metrics: the family that has the first series by id
 * stays, and what would be of another under its names is left out. Pure but for memory.
 */
#ifndef TACHO_DAEMON_EXPOSITION_PLAN_H
#define TACHO_DAEMON_EXPOSITION_PLAN_H

#include "daemon/exposition_shape.h"

struct exposition_family_plan {
    const char *name; /* of its first series; name_length of it */
    size_t name_length;
    enum family_class class;
    enum metric_kind kind; /* of its first series by id */
    const char *help;      /* the first that is not empty, or "" */
    const char *unit;      /* the same */
    size_t first, count;   /* among the members */
    bool has_parts;        /* samples that belong together */
    uint32_t chain;        /* while it is made: 1 more than its last member */
};

struct exposition_member {
    const struct series *series;
    struct exposition_shape shape;
    uint32_t next;  /* while it is made */
    uint32_t group; /* of those that belong together; by its first member */
};

struct exposition_plan {
    struct exposition_family_plan *families; /* by name */
    size_t family_count;
    struct exposition_member *members; /* by family */
    size_t member_count;
    size_t left_out; /* series that have no place; not what another series says already */
};

/*
 * Of these series, by ascending id, which outlive it. The name reserved is nobody's. 0 with the
 * plan to be finished, or -ENOMEM.
 */
int exposition_plan_make(const struct series *const *series, size_t count,
                         enum exposition_format format, const char *reserved,
                         struct exposition_plan *out) MUST_CHECK;
void exposition_plan_finish(struct exposition_plan *plan);

#endif

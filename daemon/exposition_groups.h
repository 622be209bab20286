/*
 * Which members of a family are of one histogram or summary: those of the same labels, but for the
 * one that tells its parts apart. Pure but for memory.
 */
#ifndef TACHO_DAEMON_EXPOSITION_GROUPS_H
#define TACHO_DAEMON_EXPOSITION_GROUPS_H

#include "daemon/exposition_plan.h"

struct exposition_groups {
    uint64_t seed;
    uint32_t *places; /* by hash: 1 more than the index of a group's first member; 0: none */
    size_t capacity;  /* of the places, a power of two */
};

/* 0 or -EIO without random numbers; to be finished. */
int exposition_groups_init(struct exposition_groups *groups) MUST_CHECK;
void exposition_groups_finish(struct exposition_groups *groups);

/* Numbers the groups of these members by the first that each has. 0 or -ENOMEM. */
int exposition_groups_find(struct exposition_groups *groups, struct exposition_member *members,
                           size_t count) MUST_CHECK;

#endif

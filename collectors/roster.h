/*
 * The things that a collector's file lists (CPUs, disks, fields), found again by name every tick
 * wherever their line has moved to, so that each keeps its slots and its former values.
 *
 *     roster_begin(roster);
 *     for each line: item = roster_take(roster, name); keep its values in the item
 *     roster_sweep(roster, on_gone, sink);
 *     for each item: write its values
 *
 * Looking up costs one comparison while the file keeps its order, and little more when it does not.
 */
#ifndef TACHO_COLLECTORS_ROSTER_H
#define TACHO_COLLECTORS_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/parse.h"

struct sink;

#define ROSTER_NAME_MAX 63

/* The first member of every item; a new item is all zero behind it. */
struct roster_key {
    char name[ROSTER_NAME_MAX + 1]; /* with NUL, as a label's value wants it */
    uint32_t length;
    uint32_t hash; /* of the name */
    uint32_t tick; /* of the roster, when the name was last taken */
    uint32_t line; /* and its place among the names of that tick */
};

/* Caller's memory; only items, count and lines are for the caller's eyes. */
struct roster {
    void *items; /* count items of item_bytes each, in the file's order after a sweep */
    size_t count;
    size_t capacity;
    size_t item_bytes;
    size_t cursor; /* where the next name is expected */
    uint32_t tick;
    uint32_t lines; /* names taken in this tick */
    bool moved;     /* a name was not where it was expected */
    /*
     * Where the items are, by the hashes of their names: 1 more than an index, or 0. It is made by
     * the first name that is not where it was expected, and is good until the sweep.
     */
    uint32_t *places;
    size_t place_count; /* 0, or a power of 2 above twice the items */
    bool indexed;       /* it is good */
};

/* Whether this can be an item's name: 1 to ROSTER_NAME_MAX characters, none a control character. */
bool roster_accepts(struct span name);

void roster_init(struct roster *roster, size_t item_bytes);

/* Frees the items, without asking on_gone: a collector's series end with its state. */
void roster_finish(struct roster *roster);

/* A new tick: no name has been taken yet. */
void roster_begin(struct roster *roster);

/*
 * The item of this name, new (zero behind its key) if the roster has none; a name that was taken
 * in this tick already gives the same item again. Valid until the next take or sweep. NULL when
 * there is no memory. The name is one that roster_accepts().
 */
void *roster_take(struct roster *roster, struct span name);

/* Drops the items that were not taken since roster_begin, each after on_gone(item, sink). */
void roster_sweep(struct roster *roster, void (*on_gone)(void *item, struct sink *sink),
                  struct sink *sink);

#endif

/*
 * The series that ended, for as long as the history may have values of them. One that comes back
 * gets a new id, and is stored under the one that it had first. Main loop only.
 */
#ifndef TACHO_DAEMON_PAST_H
#define TACHO_DAEMON_PAST_H

#include "daemon/series_make.h"

struct past_entry {
    uint64_t hash;         /* the series', beside the pointer for the search */
    uint64_t last_seq;     /* no later tick has a value of it */
    struct series *series; /* held; its slot is SERIES_NO_SLOT */
};

struct past {
    struct past_entry *entries; /* by ascending hash */
    size_t count;
    size_t capacity; /* beyond it the one that ended first is dropped */
    uint64_t dropped;
};

int past_init(struct past *past, size_t capacity) MUST_CHECK;
void past_finish(struct past *past);

/* Takes a copy, with the slot taken from it. When memory is short it is dropped, and counted. */
void past_add(struct past *past, const struct series *series, uint64_t last_seq);

/* The id that this one was stored under, after which it is no longer past; 0: there is none. */
uint32_t past_take(struct past *past, uint64_t hash, const struct series_identity *identity);

/* Forgets what has no value at first_seq and later, and says how many that were. */
size_t past_forget(struct past *past, uint64_t first_seq);

#endif

/* What a selection is made of: select.c reads it, select_match.c compares it with series. */
#ifndef TACHO_DAEMON_SELECT_TERM_H
#define TACHO_DAEMON_SELECT_TERM_H

#include "daemon/select.h"
#include "daemon/selector.h"

/* The terms that are a union, and those that narrow it. */
enum term_type { TERM_MATCH, TERM_NAME, TERM_LABEL };

struct term {
    enum term_type type;
    struct selector *selector; /* TERM_MATCH */
    char *key;                 /* TERM_LABEL */
    char *glob;                /* TERM_NAME, TERM_LABEL */
    bool plain;                /* TERM_NAME: without * and ?, as most are */
};

/* Inclusive. */
struct id_range {
    uint32_t first, last;
};

struct select {
    struct term *terms;
    size_t count, capacity;
    struct id_range *ids; /* in the union too; ascending and apart from each other */
    size_t id_count, id_capacity;
    size_t union_count; /* terms other than TERM_LABEL, and ids */
    char *key;
};

#endif

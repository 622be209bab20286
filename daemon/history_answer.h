/*
 * The bytes that answer a question about the history. May take long, and blocks on files: workers
 * only, or tests.
 */
#ifndef TACHO_DAEMON_HISTORY_ANSWER_H
#define TACHO_DAEMON_HISTORY_ANSWER_H

#include "daemon/archive.h"
#include "daemon/history.h"
#include "daemon/history_query.h"
#include "daemon/select.h"

/* Series times buckets times columns of one answer. */
#define HISTORY_VALUES_MAX 100000
/* Buckets between the least and the greatest value, of all histograms that quantiles are of. */
#define HISTORY_WIDTH_MAX 1000000

/* What it points to, and the catalog that the selection comes from, outlive it. */
struct history_question {
    struct archive *archive;
    const struct history *history;
    const _Atomic bool *cancelled; /* nobody waits for it any more; NULL: never */
    struct selection selection;    /* of a catalog that is as new as the last tick */
    uint32_t interval_ms;          /* of ticks */
    uint64_t last_seq;             /* the last tick that the answer knows */
    struct history_query query;
};

/*
 * Appends the answer. 0, -EINVAL with the problem filled, -ECANCELED, or -ENOMEM and such; a buffer
 * that failed is for the caller to see.
 */
int history_answer(const struct history_question *question, struct buffer *out,
                   struct problem *problem) MUST_CHECK;

#endif

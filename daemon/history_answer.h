/*
 * The bytes that answer a question about the history. May take long: workers only, or tests. Reads
 * the history as any reader does and touches nothing else that others have.
 */
#ifndef TACHO_DAEMON_HISTORY_ANSWER_H
#define TACHO_DAEMON_HISTORY_ANSWER_H

#include "daemon/history.h"
#include "daemon/history_query.h"
#include "daemon/select.h"

/* The history and the catalog that the selection comes from outlive it. */
struct history_question {
    const struct history *history;
    struct selection selection; /* of a catalog that is as new as the last tick */
    uint32_t interval_ms;       /* of ticks */
    uint64_t last_seq;          /* the last tick that the answer knows */
    struct history_query query;
};

/*
 * Appends the answer. 0, -EINVAL with the problem filled, or -ENOMEM; a buffer that failed is for
 * the caller to see.
 */
int history_answer(const struct history_question *question, struct buffer *out,
                   struct problem *problem) MUST_CHECK;

#endif

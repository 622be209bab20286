/*
 * Requests that wait for the next tick, as one HTTP loop has them. Each is suspended, and asked
 * again when a tick came or its time is over: its endpoint then finds it no longer waiting. HTTP
 * loop only.
 */
#ifndef TACHO_DAEMON_WAITERS_H
#define TACHO_DAEMON_WAITERS_H

#include "daemon/request.h"
#include "daemon/scope.h"

#define WAITERS_MAX 1024

struct waiters {
    struct request *first;
    size_t count;
    bool ended; /* nobody waits any more */
};

/*
 * Suspends the request until a moment of CLOCK_MONOTONIC; its handler then gives MHD_YES without an
 * answer. -EINVAL with the problem filled: too many wait.
 */
int waiters_join(struct waiters *waiters, struct request *request, int64_t until_ns,
                 struct problem *problem) MUST_CHECK;

/* The request ends. A no-op if it does not wait. */
void waiters_leave(struct waiters *waiters, struct request *request);

/* Resumes all, or those whose time is over. MHD then has to run. */
void waiters_resume(struct waiters *waiters);
void waiters_resume_due(struct waiters *waiters, int64_t now_ns);

/* Resumes all and lets nobody wait. MHD then has to run. */
void waiters_end(struct waiters *waiters);

/* The earliest end of a wait; INT64_MAX if nobody waits. */
int64_t waiters_next_ns(const struct waiters *waiters);

#endif

/*
 * Requests that wait for the next tick, as one HTTP loop has them. Each is suspended, and asked
 * again when a tick came or its time is over: its endpoint then finds it no longer waiting. HTTP
 * loop only.
 */
#ifndef TACHO_DAEMON_WAITERS_H
#define TACHO_DAEMON_WAITERS_H

#include <ev.h>

#include "daemon/request.h"
#include "daemon/scope.h"

#define WAITERS_MAX 1024

struct waiters {
    struct request *first;
    size_t count;
    bool ended; /* nobody waits any more */
    struct ev_loop *ev;
    ev_timer timer; /* for the earliest end of a wait */
    void (*resumed)(void *arg);
    void *arg;
};

/* Ready for use on the loop. resumed: waits were over and their requests resumed; MHD has to run.
 */
void waiters_init(struct waiters *waiters, struct ev_loop *ev, void (*resumed)(void *arg),
                  void *arg);

/*
 * Suspends the request for so long at most; its handler then gives MHD_YES without an
 * answer. -EINVAL with the problem filled: too many wait.
 */
int waiters_join(struct waiters *waiters, struct request *request, int64_t wait_ms,
                 struct problem *problem) MUST_CHECK;

/* The request ends. A no-op if it does not wait. */
void waiters_leave(struct waiters *waiters, struct request *request);

/* Resumes all. MHD then has to run. */
void waiters_resume(struct waiters *waiters);

/* Resumes all and lets nobody wait. MHD then has to run. */
void waiters_end(struct waiters *waiters);

#endif

/*
 * Requests that wait for the next tick, as one HTTP loop has them. Each is suspended, and asked
 * again when a tick came or its time is over: its endpoint then finds it no longer waiting. They
 * are resumed in the order they came, a few each turn of the loop, so that others are served
 * between. HTTP loop only.
 */
#ifndef TACHO_DAEMON_WAITERS_H
#define TACHO_DAEMON_WAITERS_H

#include <ev.h>

#include "daemon/request.h"
#include "daemon/scope.h"

#define WAITERS_MAX 1024

struct waiters {
    struct wait_list waiting; /* for a tick or the end of their time */
    struct wait_list due;     /* to be resumed; who joins now is not among them */
    size_t count;             /* of both */
    bool ended;               /* nobody waits any more */
    struct ev_loop *ev;
    ev_timer timer;   /* for the earliest end of a wait, or an earlier one of who has left */
    int64_t armed_ns; /* what it is armed for; INT64_MAX: nothing */
    ev_timer turn;    /* for the next of those due */
    void (*resumed)(void *arg);
    void *arg;
};

/* Ready for use on the loop. resumed: some requests were resumed; MHD has to run. */
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

/* A tick came: all that wait now are due. */
void waiters_resume(struct waiters *waiters);

/* Resumes all at once and lets nobody wait. MHD then has to run. */
void waiters_end(struct waiters *waiters);

#endif

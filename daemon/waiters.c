#include "daemon/waiters.h"

int waiters_join(struct waiters *waiters, struct request *request, int64_t until_ns,
                 struct problem *problem)
{
    struct wait *wait = &request->wait;

    if (waiters->count == WAITERS_MAX)
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, "wait",
                           "%d requests wait already, which is the limit; try again later",
                           WAITERS_MAX);
    *wait = (struct wait){.state = WAIT_SUSPENDED, .until_ns = until_ns, .next = waiters->first};
    if (waiters->first)
        waiters->first->wait.previous = request;
    waiters->first = request;
    waiters->count++;
    MHD_suspend_connection(request->connection);
    return 0;
}

void waiters_leave(struct waiters *waiters, struct request *request)
{
    struct wait *wait = &request->wait;

    if (wait->state != WAIT_SUSPENDED)
        return;
    if (wait->previous)
        wait->previous->wait.next = wait->next;
    else
        waiters->first = wait->next;
    if (wait->next)
        wait->next->wait.previous = wait->previous;
    wait->state = WAIT_OVER;
    waiters->count--;
}

static void resume(struct waiters *waiters, struct request *request)
{
    waiters_leave(waiters, request);
    MHD_resume_connection(request->connection);
}

void waiters_resume(struct waiters *waiters)
{
    while (waiters->first)
        resume(waiters, waiters->first);
}

void waiters_resume_due(struct waiters *waiters, int64_t now_ns)
{
    struct request *next;

    for (struct request *each = waiters->first; each; each = next) {
        next = each->wait.next;
        if (each->wait.until_ns <= now_ns)
            resume(waiters, each);
    }
}

void waiters_end(struct waiters *waiters)
{
    waiters->ended = true;
    waiters_resume(waiters);
}

int64_t waiters_next_ns(const struct waiters *waiters)
{
    int64_t next_ns = INT64_MAX;

    for (const struct request *each = waiters->first; each; each = each->wait.next) {
        if (each->wait.until_ns < next_ns)
            next_ns = each->wait.until_ns;
    }
    return next_ns;
}

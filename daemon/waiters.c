#include "daemon/waiters.h"

#include "daemon/clock.h"

/* For the earliest end of those that are left. */
static void arm(struct waiters *waiters, int64_t now_ns)
{
    int64_t next_ns = INT64_MAX;

    for (const struct request *each = waiters->first; each; each = each->wait.next) {
        if (each->wait.until_ns < next_ns)
            next_ns = each->wait.until_ns;
    }
    ev_timer_stop(waiters->ev, &waiters->timer);
    if (!waiters->first)
        return;
    ev_now_update(waiters->ev);
    ev_timer_set(&waiters->timer,
                 next_ns > now_ns ? (double)(next_ns - now_ns) / (double)NS_PER_SECOND : 0.0, 0.0);
    ev_timer_start(waiters->ev, &waiters->timer);
}

static void resume(struct waiters *waiters, struct request *request)
{
    waiters_leave(waiters, request);
    MHD_resume_connection(request->connection);
}

static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct waiters *waiters = timer->data;
    int64_t now_ns = clock_mono_ns();
    struct request *next;

    (void)ev;
    (void)events;
    for (struct request *each = waiters->first; each; each = next) {
        next = each->wait.next;
        if (each->wait.until_ns <= now_ns)
            resume(waiters, each);
    }
    arm(waiters, now_ns);
    waiters->resumed(waiters->arg);
}

void waiters_init(struct waiters *waiters, struct ev_loop *ev, void (*resumed)(void *arg),
                  void *arg)
{
    *waiters = (struct waiters){.ev = ev, .resumed = resumed, .arg = arg};
    ev_init(&waiters->timer, on_timer);
    waiters->timer.data = waiters;
}

int waiters_join(struct waiters *waiters, struct request *request, int64_t wait_ms,
                 struct problem *problem)
{
    struct wait *wait = &request->wait;
    int64_t now_ns = clock_mono_ns();

    if (waiters->count == WAITERS_MAX)
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, "wait",
                           "%d requests wait already, which is the limit; try again later",
                           WAITERS_MAX);
    *wait = (struct wait){
        .state = WAIT_SUSPENDED, .until_ns = now_ns + wait_ms * NS_PER_MS, .next = waiters->first};
    if (waiters->first)
        waiters->first->wait.previous = request;
    waiters->first = request;
    waiters->count++;
    arm(waiters, now_ns);
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

/* A timer that is still armed finds nobody, or arms itself anew. */
void waiters_resume(struct waiters *waiters)
{
    while (waiters->first)
        resume(waiters, waiters->first);
}

void waiters_end(struct waiters *waiters)
{
    waiters->ended = true;
    waiters_resume(waiters);
    ev_timer_stop(waiters->ev, &waiters->timer);
}

#include "daemon/waiters.h"

#include "daemon/clock.h"

/* Answers are made when MHD runs, one with a long average in 1 ms: few at once, and few ms a turn.
 */
#define RESUMED_AT_ONCE 8
#define TURN_MS         2

static void append(struct wait_list *list, struct request *request)
{
    struct wait *wait = &request->wait;

    wait->list = list;
    wait->previous = list->last;
    wait->next = NULL;
    if (list->last)
        list->last->wait.next = request;
    else
        list->first = request;
    list->last = request;
}

static void unlink_request(struct request *request)
{
    struct wait *wait = &request->wait;

    if (wait->previous)
        wait->previous->wait.next = wait->next;
    else
        wait->list->first = wait->next;
    if (wait->next)
        wait->next->wait.previous = wait->previous;
    else
        wait->list->last = wait->previous;
}

static void arm(struct waiters *waiters, int64_t end_ns, int64_t now_ns)
{
    ev_timer_stop(waiters->ev, &waiters->timer);
    waiters->armed_ns = end_ns;
    if (end_ns == INT64_MAX)
        return;
    ev_now_update(waiters->ev);
    ev_timer_set(&waiters->timer,
                 end_ns > now_ns ? (double)(end_ns - now_ns) / (double)NS_PER_SECOND : 0.0, 0.0);
    ev_timer_start(waiters->ev, &waiters->timer);
}

static void start_turn(struct waiters *waiters)
{
    if (!waiters->due.first || ev_is_active(&waiters->turn))
        return;
    ev_timer_set(&waiters->turn, 0.0, 0.0);
    ev_timer_start(waiters->ev, &waiters->turn);
}

static void resume(struct waiters *waiters, struct request *request)
{
    waiters_leave(waiters, request);
    MHD_resume_connection(request->connection);
}

/* Between two turns the loop does what else is to be done. */
static void on_turn(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct waiters *waiters = timer->data;
    const int64_t end_ns = clock_mono_ns() + TURN_MS * NS_PER_MS;

    (void)ev;
    (void)events;
    do {
        for (int i = 0; i < RESUMED_AT_ONCE && waiters->due.first; i++)
            resume(waiters, waiters->due.first);
        waiters->resumed(waiters->arg);
    } while (waiters->due.first && clock_mono_ns() < end_ns);
    start_turn(waiters);
}

/* Also when who it was armed for has left: then it finds nobody. */
static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct waiters *waiters = timer->data;
    int64_t now_ns = clock_mono_ns(), next_ns = INT64_MAX;
    struct request *next;

    (void)ev;
    (void)events;
    for (struct request *each = waiters->waiting.first; each; each = next) {
        next = each->wait.next;
        if (each->wait.until_ns <= now_ns) {
            unlink_request(each);
            append(&waiters->due, each);
        } else if (each->wait.until_ns < next_ns) {
            next_ns = each->wait.until_ns;
        }
    }
    arm(waiters, next_ns, now_ns);
    start_turn(waiters);
}

void waiters_init(struct waiters *waiters, struct ev_loop *ev, void (*resumed)(void *arg),
                  void *arg)
{
    *waiters = (struct waiters){.ev = ev, .armed_ns = INT64_MAX, .resumed = resumed, .arg = arg};
    ev_init(&waiters->timer, on_timer);
    ev_init(&waiters->turn, on_turn);
    waiters->timer.data = waiters;
    waiters->turn.data = waiters;
}

int waiters_join(struct waiters *waiters, struct request *request, int64_t wait_ms,
                 struct problem *problem)
{
    int64_t now_ns = clock_mono_ns();

    if (waiters->count == WAITERS_MAX)
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, "wait",
                           "%d requests wait already, which is the limit; try again later",
                           WAITERS_MAX);
    request->wait =
        (struct wait){.state = WAIT_SUSPENDED, .until_ns = now_ns + wait_ms * NS_PER_MS};
    append(&waiters->waiting, request);
    waiters->count++;
    if (request->wait.until_ns < waiters->armed_ns)
        arm(waiters, request->wait.until_ns, now_ns);
    MHD_suspend_connection(request->connection);
    return 0;
}

void waiters_leave(struct waiters *waiters, struct request *request)
{
    if (request->wait.state != WAIT_SUSPENDED)
        return;
    unlink_request(request);
    request->wait.state = WAIT_OVER;
    waiters->count--;
}

void waiters_resume(struct waiters *waiters)
{
    struct request *next;

    for (struct request *each = waiters->waiting.first; each; each = next) {
        next = each->wait.next;
        append(&waiters->due, each);
    }
    waiters->waiting = (struct wait_list){0};
    start_turn(waiters);
}

void waiters_end(struct waiters *waiters)
{
    waiters->ended = true;
    waiters_resume(waiters);
    while (waiters->due.first)
        resume(waiters, waiters->due.first);
    ev_timer_stop(waiters->ev, &waiters->timer);
    ev_timer_stop(waiters->ev, &waiters->turn);
}

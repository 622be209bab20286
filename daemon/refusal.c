#include "daemon/refusal.h"

#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"

#define LINGER_SECONDS 1
/* Of a request that nobody reads: no more than a few of the largest that would be taken. */
#define DRAIN_BYTES 4096
#define DRAIN_READS 8

/* What came is read, without waiting, so that closing sends no reset. */
static void drain_and_close(int fd)
{
    char bytes[DRAIN_BYTES];

    for (int i = 0; i < DRAIN_READS && recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0; i++)
        ;
    close(fd);
}

static void close_oldest(struct refusals *refusals)
{
    drain_and_close(refusals->list[0].fd);
    refusals->count--;
    memmove(refusals->list, refusals->list + 1, refusals->count * sizeof *refusals->list);
}

static void on_over(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct refusals *refusals = timer->data;
    int64_t now_ns = clock_mono_ns();

    (void)events;
    while (refusals->count > 0 && refusals->list[0].until_ns <= now_ns)
        close_oldest(refusals);
    if (refusals->count == 0)
        return;
    ev_timer_set(timer, (double)(refusals->list[0].until_ns - now_ns) / (double)NS_PER_SECOND, 0);
    ev_timer_start(ev, timer);
}

void refusals_init(struct refusals *refusals, struct ev_loop *ev)
{
    *refusals = (struct refusals){.ev = ev};
    ev_init(&refusals->timer, on_over);
    refusals->timer.data = refusals;
}

static const char *detail_of(enum admission_verdict why)
{
    switch (why) {
    case REFUSED_MAX_CONNECTIONS:
        return "there are as many connections as http.max_connections allows; try again later";
    case REFUSED_PER_ADDRESS:
        return "this address has as many connections as http.max_connections_per_address allows";
    default:
        return "the server has no file descriptor for another connection; try again later";
    }
}

static void send_answer(int fd, enum admission_verdict why)
{
    char body[256], answer[512];
    int length = snprintf(body, sizeof body,
                          "{\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"%s\"}\n",
                          detail_of(why));

    length = snprintf(answer, sizeof answer,
                      "HTTP/1.1 503 Service Unavailable\r\n"
                      "Content-Type: application/problem+json\r\n"
                      "Content-Length: %d\r\nRetry-After: 10\r\nConnection: close\r\n\r\n%s",
                      length, body);
    (void)!send(fd, answer, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
}

void refusals_add(struct refusals *refusals, int fd, enum admission_verdict why)
{
    send_answer(fd, why);
    /* A descriptor that lingers is one that the next connection lacks. */
    if (why == REFUSED_DESCRIPTORS) {
        drain_and_close(fd);
        return;
    }
    if (refusals->count == REFUSALS_MAX)
        close_oldest(refusals);
    refusals->list[refusals->count].fd = fd;
    refusals->list[refusals->count].until_ns = clock_mono_ns() + LINGER_SECONDS * NS_PER_SECOND;
    refusals->count++;
    if (ev_is_active(&refusals->timer))
        return;
    ev_timer_set(&refusals->timer, LINGER_SECONDS, 0);
    ev_timer_start(refusals->ev, &refusals->timer);
}

void refusals_end(struct refusals *refusals)
{
    while (refusals->count > 0)
        close_oldest(refusals);
    ev_timer_stop(refusals->ev, &refusals->timer);
}

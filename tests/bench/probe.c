#include "tests/bench/probe.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/clock.h"

#define EVERY_NS (41 * NS_PER_MS)

static const char *const requests[PROBE_KINDS] = {
    [PROBE_HEALTH] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    [PROBE_NOW] = "GET /v1/now?name=node_load1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    [PROBE_AT_TICK] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
};

void probe_init(struct probe *probe, int fd, size_t seconds)
{
    *probe = (struct probe){.fd = fd, .room = (seconds + 1) * (NS_PER_SECOND / EVERY_NS + 1)};
    for (size_t kind = 0; kind < PROBE_KINDS; kind++) {
        probe->delays_ns[kind] = calloc(probe->room, sizeof(int64_t));
        if (!probe->delays_ns[kind])
            errx(1, "out of memory");
    }
    probe->due_ns = clock_mono_ns();
}

void probe_finish(struct probe *probe)
{
    for (size_t kind = 0; kind < PROBE_KINDS; kind++)
        free(probe->delays_ns[kind]);
    *probe = (struct probe){.fd = -1};
}

static void ask(struct probe *probe, enum probe_kind kind, int64_t start_ns)
{
    const char *request = requests[kind];

    if (send(probe->fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        err(1, "the other request");
    probe->kind = kind;
    probe->start_ns = start_ns;
    probe->is_asked = true;
}

static void ask_next(struct probe *probe, int64_t start_ns)
{
    ask(probe, probe->next, start_ns);
    probe->next = probe->next == PROBE_HEALTH ? PROBE_NOW : PROBE_HEALTH;
}

static void ask_what_is_due(struct probe *probe, int64_t now_ns)
{
    /* What fell due while nobody looked is due now: the server had no part in that. */
    if (probe->due_ns < now_ns)
        probe->due_ns = now_ns;
    if (probe->tick_began)
        ask(probe, PROBE_AT_TICK, now_ns);
    else if (probe->due_ns <= now_ns)
        ask_next(probe, now_ns);
    probe->tick_began = false;
}

void probe_turn(struct probe *probe)
{
    char answer[4096];
    int64_t now_ns = clock_mono_ns();
    ssize_t length;

    if (probe->fd < 0)
        return;
    if (!probe->is_asked) {
        ask_what_is_due(probe, now_ns);
        return;
    }
    length = recv(probe->fd, answer, sizeof answer, MSG_DONTWAIT);
    if (length < 0 && errno == EAGAIN)
        return;
    if (length <= 0 || strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
        errx(1, "the other request was answered: %.*s", length > 0 ? (int)length : 0, answer);
    if (probe->counts[probe->kind] < probe->room)
        probe->delays_ns[probe->kind][probe->counts[probe->kind]++] = now_ns - probe->start_ns;
    probe->is_asked = false;
    if (probe->kind != PROBE_AT_TICK)
        probe->due_ns += EVERY_NS;
    /* What would have been asked meanwhile has waited since then. */
    if (probe->due_ns <= now_ns)
        ask_next(probe, probe->due_ns);
}

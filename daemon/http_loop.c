#include "daemon/http_loop.h"

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/hang.h"
#include "daemon/http_daemon.h"
#include "daemon/listener.h"

#define STREAM_TURN_MS 2  /* of encoding in a turn of the stream */
#define RUNS_A_TURN    64 /* runs in a row before others on the loop get their turn */
#define RUNS_AT_END    16 /* at the end responses are flushed for so many runs, then cut */

/* The callbacks that are measured. */
enum {
    CALLBACK_ACCEPT,
    CALLBACK_SERVE,
    CALLBACK_TIMEOUT,
    CALLBACK_TICK,
    CALLBACK_PING,
    CALLBACK_WAITS,
    CALLBACK_STREAM,
    CALLBACK_MADE,
};
static const char *const callback_names[] = {"accept", "serve", "timeout", "tick",
                                             "ping",   "waits", "stream",  "made"};

struct server {
    struct http_loop shown; /* first: what others hold is a pointer to it */
    pthread_t thread;
    struct ev_loop *ev;
    struct loop loop;
    ev_async wake;
    ev_timer stream_turn; /* the next one */
    ev_timer ping;
    struct http_daemon daemon;
    ev_io mhd_io;
    ev_timer mhd_timer;
    struct listener listener;
    _Atomic bool stopping;
    _Atomic int64_t
        woken_ns;       /* when http_loop_wake() was first called since the last wake-up; 0: not */
    _Atomic bool asked; /* to turn: it clears this */
};

/*
 * Runs libmicrohttpd until it has nothing due. Its epoll is edge-triggered, and neither it nor
 * MHD_get_timeout() tells of connections just resumed: so it runs at least once, and the timer is
 * armed anew after every run.
 */
static void run_mhd(struct server *server)
{
    uint64_t timeout_ms = 0;
    bool timed = true;

    for (int i = 0; i < RUNS_A_TURN && timed && timeout_ms == 0; i++)
        timed = http_daemon_run(&server->daemon, i == 0, &timeout_ms);
    ev_timer_stop(server->ev, &server->mhd_timer);
    if (timed) {
        ev_timer_set(&server->mhd_timer, (double)timeout_ms / 1000.0, 0.0);
        ev_timer_start(server->ev, &server->mhd_timer);
    }
    if (stream_is_due(server->shown.stream) && !ev_is_active(&server->stream_turn)) {
        ev_timer_set(&server->stream_turn, 0.0, 0.0);
        ev_timer_start(server->ev, &server->stream_turn);
    }
}

/* A few subscribers; before the next turn the loop serves others. */
static void take_stream_turn(struct server *server)
{
    enum loop_phase former = loop_enter(&server->loop, PHASE_ENCODE);

    stream_take_turn(server->shown.stream, clock_mono_ns() + STREAM_TURN_MS * NS_PER_MS);
    loop_enter(&server->loop, former);
    run_mhd(server);
}

static void on_stream_turn(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct server *server = timer->data;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_STREAM);

    (void)ev;
    (void)events;
    take_stream_turn(server);
    loop_end(&run);
}

static void on_mhd_io(struct ev_loop *ev, ev_io *io, int events)
{
    struct server *server = io->data;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_SERVE);

    (void)ev;
    (void)events;
    run_mhd(server);
    loop_end(&run);
}

static void on_mhd_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct server *server = timer->data;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_TIMEOUT);

    (void)ev;
    (void)events;
    run_mhd(server);
    loop_end(&run);
}

static void on_ping(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct server *server = timer->data;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_PING);

    (void)ev;
    (void)events;
    stream_send_ping(server->shown.stream);
    take_stream_turn(server);
    loop_end(&run);
}

static void on_waits_over(void *arg)
{
    struct server *server = arg;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_WAITS);

    run_mhd(server);
    loop_end(&run);
}

static void on_orders_made(void *arg)
{
    struct server *server = arg;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_MADE);

    run_mhd(server);
    loop_end(&run);
}

static void end_loop(struct server *server)
{
    uint64_t timeout_ms;

    listener_stop(&server->listener);
    stream_end(server->shown.stream);
    waiters_end(&server->shown.waiters);
    orders_end(&server->shown.orders);
    for (int i = 0; i < RUNS_AT_END; i++)
        (void)http_daemon_run(&server->daemon, true, &timeout_ms);
    ev_break(server->ev, EVBREAK_ALL);
}

static void on_wake(struct ev_loop *ev, ev_async *async, int events)
{
    struct server *server = async->data;
    /* Taken before the clock is read: a wake-up between the two would be younger than this run. */
    int64_t woken_ns = atomic_exchange(&server->woken_ns, 0);
    struct loop_run run = loop_begin(&server->loop, CALLBACK_TICK);
    enum loop_phase former;
    bool advanced = false, has_list;

    (void)events;
    if (atomic_load(&server->stopping)) {
        end_loop(server);
        return;
    }
    hang_if_asked(server->loop.name, history_last(server->shown.options->history));
    atomic_store(&server->asked, false);
    if (woken_ns != 0)
        loop_note_delay(&server->loop, (uint64_t)(run.began_ns - woken_ns));
    former = loop_enter(&server->loop, PHASE_ENCODE);
    while (follower_is_behind(&server->shown.follower)) {
        stream_finish_tick(server->shown.stream);
        if (!follower_advance(&server->shown.follower))
            break;
        stream_send_tick(server->shown.stream);
        advanced = true;
    }
    has_list = stream_send_list(server->shown.stream);
    loop_enter(&server->loop, former);
    if (advanced) {
        waiters_resume(&server->shown.waiters);
        exposition_cache_sweep(&server->shown.expositions, run.began_ns);
        snapshot_texts_sweep(&server->shown.now_texts, run.began_ns);
        ev_timer_again(ev, &server->ping);
    }
    if (advanced || has_list)
        take_stream_turn(server);
    loop_end(&run);
}

static void *run(void *arg)
{
    struct server *server = arg;

    ev_run(server->ev, 0);
    return NULL;
}

/* --- what the listener calls --- */

static void take_connection(void *arg, int fd, const struct sockaddr *address, socklen_t size,
                            uint32_t ticket)
{
    struct server *server = arg;

    http_daemon_take(&server->daemon, fd, address, size, ticket);
}

static void end_turn(void *arg)
{
    struct server *server = arg;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_ACCEPT);

    run_mhd(server);
    loop_end(&run);
}

static const struct listener_ops listener_ops = {.accepted = take_connection,
                                                 .turn_done = end_turn};

/* --- start and stop --- */

static void start_watchers(struct server *server)
{
    ev_async_init(&server->wake, on_wake);
    ev_init(&server->ping, on_ping);
    server->ping.repeat = (double)stream_ping_span_ns(server->shown.stream) / (double)NS_PER_SECOND;
    ev_init(&server->stream_turn, on_stream_turn);
    ev_io_init(&server->mhd_io, on_mhd_io, http_daemon_epoll(&server->daemon), EV_READ);
    ev_init(&server->mhd_timer, on_mhd_timer);
    server->wake.data = server;
    server->stream_turn.data = server;
    server->ping.data = server;
    server->mhd_io.data = server;
    server->mhd_timer.data = server;
    waiters_init(&server->shown.waiters, server->ev, on_waits_over, server);
    ev_async_start(server->ev, &server->wake);
    ev_timer_again(server->ev, &server->ping);
    ev_io_start(server->ev, &server->mhd_io);
}

static void start_listener(struct server *server)
{
    const struct http_options *options = server->shown.options;
    const struct listener_options accepting = {.ev = server->ev,
                                               .sockets = options->sockets,
                                               .socket_count = options->socket_count,
                                               .loops = options->threads,
                                               .admission = server->daemon.admission,
                                               .ops = &listener_ops,
                                               .arg = server};

    listener_start(&server->listener, &accepting);
}

int http_loop_start(const struct http_options *options, const char *name,
                    struct admission *admission, struct http_loop **out)
{
    struct server *server = calloc(1, sizeof *server);
    int result;

    if (!server)
        return -ENOMEM;
    server->shown.options = options;
    result = follower_init(&server->shown.follower, options->history, options->table,
                           options->max_series, options->interval_ms);
    if (result < 0)
        goto fail_allocated;
    /* What was there before a restart is in the first answer. */
    while (follower_is_behind(&server->shown.follower) && follower_advance(&server->shown.follower))
        ;
    result = stream_new(history_epoch(options->history), &server->shown.follower,
                        options->processes, &server->shown.stream);
    if (result < 0)
        goto fail_following;
    result = -ENOMEM;
    server->ev = ev_loop_new(EVFLAG_AUTO);
    if (!server->ev)
        goto fail_streaming;
    result = orders_init(&server->shown.orders, server->ev, options->tasks, on_orders_made, server);
    if (result < 0)
        goto fail_looping;
    result = http_daemon_start(&server->daemon, &server->shown, admission);
    if (result < 0)
        goto fail_ordering;
    loop_init(&server->loop, name, server->ev, callback_names,
              sizeof callback_names / sizeof *callback_names);
    start_watchers(server);
    start_listener(server);
    result = -pthread_create(&server->thread, NULL, run, server);
    if (result < 0)
        goto fail_listening;
    pthread_setname_np(server->thread, name);
    *out = &server->shown;
    return 0;

fail_listening:
    listener_stop(&server->listener);
    http_daemon_stop(&server->daemon);
fail_ordering:
    orders_end(&server->shown.orders);
    orders_finish(&server->shown.orders);
fail_looping:
    ev_loop_destroy(server->ev);
fail_streaming:
    stream_free(server->shown.stream);
fail_following:
    follower_finish(&server->shown.follower);
fail_allocated:
    free(server);
    return result;
}

void http_loop_wake(struct http_loop *shown)
{
    struct server *server = (struct server *)shown;
    int64_t none = 0;

    atomic_compare_exchange_strong(&server->woken_ns, &none, clock_mono_ns());
    ev_async_send(server->ev, &server->wake);
}

bool http_loop_turned(struct http_loop *shown)
{
    bool turned = !atomic_exchange(&((struct server *)shown)->asked, true);

    http_loop_wake(shown);
    return turned;
}

void http_loop_ask_to_end(struct http_loop *shown)
{
    atomic_store(&((struct server *)shown)->stopping, true);
    http_loop_wake(shown);
}

void http_loop_join(struct http_loop *shown)
{
    struct server *server = (struct server *)shown;

    pthread_join(server->thread, NULL);
    http_daemon_stop(&server->daemon);
    orders_finish(&server->shown.orders);
    loop_finish(&server->loop);
    ev_loop_destroy(server->ev);
    stream_free(server->shown.stream);
    exposition_cache_finish(&server->shown.expositions);
    snapshot_texts_finish(&server->shown.now_texts);
    follower_finish(&server->shown.follower);
    free(server);
}

struct loop *http_loop_measured(struct http_loop *shown)
{
    return &((struct server *)shown)->loop;
}

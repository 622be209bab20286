#include "daemon/http_loop.h"

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/hang.h"
#include "daemon/listener.h"
#include "daemon/log.h"
#include "daemon/request.h"
#include "daemon/respond.h"
#include "daemon/routes.h"

/* A connection's memory in libmicrohttpd: headers beyond it are refused. 2 KiB refuses cookies. */
#define CONNECTION_MEMORY    (8 * 1024)
#define IDLE_TIMEOUT_SECONDS 30
#define PING_MAX_SECONDS     15.0
#define PING_INTERVALS       3
#define RUNS_A_TURN          64 /* runs in a row before others on the loop get their turn */
#define RUNS_AT_END          16 /* at the end responses are flushed for so many runs, then cut */

/* The callbacks that are measured. */
enum {
    CALLBACK_ACCEPT,
    CALLBACK_SERVE,
    CALLBACK_TIMEOUT,
    CALLBACK_TICK,
    CALLBACK_PING,
    CALLBACK_WAITS,
};
static const char *const callback_names[] = {"accept", "serve", "timeout", "tick", "ping", "waits"};

struct server {
    struct http_loop shown; /* first: what others hold is a pointer to it */
    struct admission *admission;
    pthread_t thread;
    struct ev_loop *ev;
    struct loop loop;
    ev_async wake;
    ev_timer ping;
    struct MHD_Daemon *mhd;
    ev_io mhd_io;
    ev_timer mhd_timer;
    struct listener listener;
    uint32_t ticket; /* of the connection that is being handed to libmicrohttpd */
    bool taken;      /* and that it was taken */
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
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    bool timed = true;

    for (int i = 0; i < RUNS_A_TURN && timed && timeout_ms == 0; i++) {
        MHD_run(server->mhd);
        timed = MHD_get_timeout(server->mhd, &timeout_ms) == MHD_YES;
    }
    ev_timer_stop(server->ev, &server->mhd_timer);
    if (timed) {
        ev_timer_set(&server->mhd_timer, (double)timeout_ms / 1000.0, 0.0);
        ev_timer_start(server->ev, &server->mhd_timer);
    }
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
    run_mhd(server);
    loop_end(&run);
}

static void on_waits_over(void *arg)
{
    struct server *server = arg;
    struct loop_run run = loop_begin(&server->loop, CALLBACK_WAITS);

    run_mhd(server);
    loop_end(&run);
}

static void end_loop(struct server *server)
{
    listener_stop(&server->listener);
    stream_end(server->shown.stream);
    waiters_end(&server->shown.waiters);
    for (int i = 0; i < RUNS_AT_END; i++)
        MHD_run(server->mhd);
    ev_break(server->ev, EVBREAK_ALL);
}

static void on_wake(struct ev_loop *ev, ev_async *async, int events)
{
    struct server *server = async->data;
    /* Taken before the clock is read: a wake-up between the two would be younger than this run. */
    int64_t woken_ns = atomic_exchange(&server->woken_ns, 0);
    struct loop_run run = loop_begin(&server->loop, CALLBACK_TICK);
    enum loop_phase former;
    bool advanced = false;

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
    while (follower_advance(&server->shown.follower)) {
        stream_send_tick(server->shown.stream);
        advanced = true;
    }
    loop_enter(&server->loop, former);
    if (advanced) {
        waiters_resume(&server->shown.waiters);
        ev_timer_again(ev, &server->ping);
        run_mhd(server);
    }
    loop_end(&run);
}

static void *run(void *arg)
{
    struct server *server = arg;

    ev_run(server->ev, 0);
    return NULL;
}

/* --- what libmicrohttpd calls --- */

/* Its context of a connection. */
struct connection {
    struct request request;
    uint32_t ticket;
};

/*
 * The raw target, before it is decoded and cut at an encoded zero. The request lives in its
 * connection's memory: libmicrohttpd never tells the end of one whose parameters do not fit its
 * own.
 */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct connection *own = info->socket_context;
    struct server *server = arg;
    struct request *request;

    if (!own)
        return NULL;
    request = &own->request;
    *request = (struct request){
        .loop = &server->shown,
        .connection = connection,
        .target_length = strlen(target),
        .zero_in_target = memmem(target, strcspn(target, "?"), "%00", 3) != NULL,
    };
    return request;
}

/*
 * Called when the headers are there, at the request's end, and, if the endpoint made the request
 * wait, once more after that. An answer to the first call makes libmicrohttpd close the connection,
 * so only what might have a body gets it then.
 */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    struct request *request = *context;

    (void)arg;
    (void)connection;
    (void)upload;
    (void)upload_size;
    if (!request) /* no memory: the connection is closed */
        return MHD_NO;
    request->version = version;
    if (!request->begun && request_has_no_body(request, method)) {
        request->begun = true;
        return MHD_YES;
    }
    return routes_answer(request, path, method);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why)
{
    struct request *request = *context;

    (void)arg;
    (void)connection;
    (void)why;
    if (!request)
        return;
    stream_leave(request->subscriber);
    request->subscriber = NULL;
    waiters_leave(&request->loop->waiters, request);
    *context = NULL;
}

/* Without memory there is no context, and the first request then closes the connection. */
static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *server = arg;
    struct connection *own = *context;

    (void)connection;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        own = calloc(1, sizeof *own);
        if (own)
            own->ticket = server->ticket;
        server->taken = own != NULL;
        *context = own;
    } else if (own) {
        admission_leave(server->admission, own->ticket);
        free(own);
    }
}

__attribute__((format(printf, 2, 0))) static void on_mhd_log(void *arg, const char *format,
                                                             va_list arguments)
{
    char text[400];

    (void)arg;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    log_debug("libmicrohttpd: %s", text);
}

/* --- what the listener calls --- */

/*
 * libmicrohttpd takes the connection before it returns, or closes the socket. One that it gives no
 * context is not counted any more, for who would give back the ticket?
 */
static void take_connection(void *arg, int fd, const struct sockaddr *address, socklen_t size,
                            uint32_t ticket)
{
    struct server *server = arg;

    server->ticket = ticket;
    server->taken = false;
    if (MHD_add_connection(server->mhd, fd, address, size) != MHD_YES)
        log_debug("a connection was not taken: %s", strerror(errno));
    if (!server->taken)
        admission_leave(server->admission, ticket);
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

static struct MHD_Daemon *start_mhd(struct server *server)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)server->shown.options->max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_SECONDS,
        MHD_OPTION_END);
}

static void start_watchers(struct server *server)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    double span = PING_INTERVALS * server->shown.options->interval_ms / 1000.0;

    ev_async_init(&server->wake, on_wake);
    ev_init(&server->ping, on_ping);
    server->ping.repeat = span < PING_MAX_SECONDS ? span : PING_MAX_SECONDS;
    ev_io_init(&server->mhd_io, on_mhd_io, info->epoll_fd, EV_READ);
    ev_init(&server->mhd_timer, on_mhd_timer);
    server->wake.data = server;
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
                                               .admission = server->admission,
                                               .ops = &listener_ops,
                                               .arg = server};

    listener_start(&server->listener, &accepting);
}

int http_loop_start(const struct http_options *options, const char *name,
                    struct admission *admission, struct http_loop **out)
{
    struct server *server = calloc(1, sizeof *server);
    struct frame_context context = {.epoch = history_epoch(options->history),
                                    .interval_ms = options->interval_ms};
    int result;

    if (!server)
        return -ENOMEM;
    server->shown.options = options;
    server->admission = admission;
    result = follower_init(&server->shown.follower, options->history, options->table,
                           options->max_series, options->interval_ms);
    if (result < 0)
        goto fail_allocated;
    result = stream_new(&context, &server->shown.follower, &server->shown.stream);
    if (result < 0)
        goto fail_following;
    result = -ENOMEM;
    server->ev = ev_loop_new(EVFLAG_AUTO);
    if (!server->ev)
        goto fail_streaming;
    server->mhd = start_mhd(server);
    if (!server->mhd)
        goto fail_looping;
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
    MHD_stop_daemon(server->mhd);
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
    MHD_stop_daemon(server->mhd);
    loop_finish(&server->loop);
    ev_loop_destroy(server->ev);
    stream_free(server->shown.stream);
    follower_finish(&server->shown.follower);
    free(server);
}

struct loop *http_loop_measured(struct http_loop *shown)
{
    return &((struct server *)shown)->loop;
}

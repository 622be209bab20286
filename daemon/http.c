#include "daemon/http.h"

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/hang.h"
#include "daemon/http_loop.h"
#include "daemon/log.h"
#include "daemon/request.h"
#include "daemon/respond.h"
#include "daemon/routes.h"

/* A connection's memory in libmicrohttpd: headers beyond it are refused. 2 KiB refuses cookies. */
#define CONNECTION_MEMORY    (8 * 1024)
#define IDLE_TIMEOUT_SECONDS 30
#define STREAM_TURN_MS       2  /* of encoding in a turn of the stream */
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
    CALLBACK_STREAM,
};
static const char *const callback_names[] = {"accept", "serve", "timeout", "tick",
                                             "ping",   "waits", "stream"};

struct http {
    struct http_loop shown; /* what endpoints see of this loop */
    struct http_options options;
    pthread_t thread;
    struct ev_loop *ev;
    struct loop loop;
    ev_async wake;
    ev_timer stream_turn; /* the next one */
    ev_timer ping;
    struct MHD_Daemon *mhd;
    ev_io mhd_io;
    ev_timer mhd_timer;
    struct listener listeners[LISTENER_MAX];
    size_t connections;
    _Atomic bool stopping;
    _Atomic int64_t woken_ns; /* when http_wake() was first called since the last wake-up; 0: not */
    _Atomic bool asked;       /* to turn: it clears this */
};

/*
 * Runs libmicrohttpd until it has nothing due. Its epoll is edge-triggered, and neither it nor
 * MHD_get_timeout() tells of connections just resumed: so it runs at least once, and the timer is
 * armed anew after every run.
 */
static void run_mhd(struct http *http)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    bool timed = true;

    for (int i = 0; i < RUNS_A_TURN && timed && timeout_ms == 0; i++) {
        MHD_run(http->mhd);
        timed = MHD_get_timeout(http->mhd, &timeout_ms) == MHD_YES;
    }
    ev_timer_stop(http->ev, &http->mhd_timer);
    if (timed) {
        ev_timer_set(&http->mhd_timer, (double)timeout_ms / 1000.0, 0.0);
        ev_timer_start(http->ev, &http->mhd_timer);
    }
    if (stream_is_due(http->shown.stream) && !ev_is_active(&http->stream_turn)) {
        ev_timer_set(&http->stream_turn, 0.0, 0.0);
        ev_timer_start(http->ev, &http->stream_turn);
    }
}

/* A few subscribers; before the next turn the loop serves others. */
static void take_stream_turn(struct http *http)
{
    enum loop_phase former = loop_enter(&http->loop, PHASE_ENCODE);

    stream_take_turn(http->shown.stream, clock_mono_ns() + STREAM_TURN_MS * NS_PER_MS);
    loop_enter(&http->loop, former);
    run_mhd(http);
}

static void on_stream_turn(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct http *http = timer->data;
    struct loop_run run = loop_begin(&http->loop, CALLBACK_STREAM);

    (void)ev;
    (void)events;
    take_stream_turn(http);
    loop_end(&run);
}

static void on_mhd_io(struct ev_loop *ev, ev_io *io, int events)
{
    struct http *http = io->data;
    struct loop_run run = loop_begin(&http->loop, CALLBACK_SERVE);

    (void)ev;
    (void)events;
    run_mhd(http);
    loop_end(&run);
}

static void on_mhd_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct http *http = timer->data;
    struct loop_run run = loop_begin(&http->loop, CALLBACK_TIMEOUT);

    (void)ev;
    (void)events;
    run_mhd(http);
    loop_end(&run);
}

static void on_ping(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct http *http = timer->data;
    struct loop_run run = loop_begin(&http->loop, CALLBACK_PING);

    (void)ev;
    (void)events;
    stream_send_ping(http->shown.stream);
    take_stream_turn(http);
    loop_end(&run);
}

static void on_waits_over(void *arg)
{
    struct http *http = arg;
    struct loop_run run = loop_begin(&http->loop, CALLBACK_WAITS);

    run_mhd(http);
    loop_end(&run);
}

static void end_loop(struct http *http)
{
    for (size_t i = 0; i < http->options.socket_count; i++)
        listener_stop(&http->listeners[i]);
    stream_end(http->shown.stream);
    waiters_end(&http->shown.waiters);
    for (int i = 0; i < RUNS_AT_END; i++)
        MHD_run(http->mhd);
    ev_break(http->ev, EVBREAK_ALL);
}

static void on_wake(struct ev_loop *ev, ev_async *async, int events)
{
    struct http *http = async->data;
    /* Taken before the clock is read: a wake-up between the two would be younger than this run. */
    int64_t woken_ns = atomic_exchange(&http->woken_ns, 0);
    struct loop_run run = loop_begin(&http->loop, CALLBACK_TICK);
    enum loop_phase former;
    bool advanced = false;

    (void)events;
    if (atomic_load(&http->stopping)) {
        end_loop(http);
        return;
    }
    hang_if_asked("http", history_last(http->options.history));
    atomic_store(&http->asked, false);
    if (woken_ns != 0)
        loop_note_delay(&http->loop, (uint64_t)(run.began_ns - woken_ns));
    former = loop_enter(&http->loop, PHASE_ENCODE);
    while (follower_is_behind(&http->shown.follower)) {
        stream_finish_tick(http->shown.stream);
        if (!follower_advance(&http->shown.follower))
            break;
        stream_send_tick(http->shown.stream);
        advanced = true;
    }
    loop_enter(&http->loop, former);
    if (advanced) {
        waiters_resume(&http->shown.waiters);
        ev_timer_again(ev, &http->ping);
        take_stream_turn(http);
    }
    loop_end(&run);
}

static void *run(void *arg)
{
    struct http *http = arg;

    ev_run(http->ev, 0);
    return NULL;
}

/* --- what libmicrohttpd calls --- */

/*
 * The raw target, before it is decoded and cut at an encoded zero. The request lives in its
 * connection's memory: libmicrohttpd never tells the end of one whose parameters do not fit its
 * own.
 */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct request *request = info->socket_context;
    struct http *http = arg;

    if (!request)
        return NULL;
    *request = (struct request){
        .loop = &http->shown,
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

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http *http = arg;

    (void)connection;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = calloc(1, sizeof(struct request));
        http->connections++;
    } else {
        free(*context);
        http->connections--;
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

/* --- what the listeners ask --- */

static size_t connection_room(void *arg)
{
    const struct http *http = arg;

    return http->connections < http->options.max_connections
               ? http->options.max_connections - http->connections
               : 0;
}

static void take_connection(void *arg, int fd, const struct sockaddr *address, socklen_t size)
{
    struct http *http = arg;

    /* On failure libmicrohttpd has closed the socket. */
    if (MHD_add_connection(http->mhd, fd, address, size) != MHD_YES)
        log_debug("a connection was not taken: %s", strerror(errno));
}

static void end_turn(void *arg)
{
    struct http *http = arg;
    struct loop_run run = loop_begin(&http->loop, CALLBACK_ACCEPT);

    run_mhd(http);
    loop_end(&run);
}

static const struct listener_ops listener_ops = {
    .room = connection_room, .accepted = take_connection, .turn_done = end_turn};

/* --- start and stop --- */

static struct MHD_Daemon *start_mhd(struct http *http)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, http, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)http->options.max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_SECONDS,
        MHD_OPTION_END);
}

static void start_watchers(struct http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    ev_async_init(&http->wake, on_wake);
    ev_init(&http->ping, on_ping);
    http->ping.repeat = (double)stream_ping_span_ns(http->shown.stream) / (double)NS_PER_SECOND;
    ev_init(&http->stream_turn, on_stream_turn);
    ev_io_init(&http->mhd_io, on_mhd_io, info->epoll_fd, EV_READ);
    ev_init(&http->mhd_timer, on_mhd_timer);
    http->wake.data = http;
    http->stream_turn.data = http;
    http->ping.data = http;
    http->mhd_io.data = http;
    http->mhd_timer.data = http;
    waiters_init(&http->shown.waiters, http->ev, on_waits_over, http);
    ev_async_start(http->ev, &http->wake);
    ev_timer_again(http->ev, &http->ping);
    ev_io_start(http->ev, &http->mhd_io);
    for (size_t i = 0; i < http->options.socket_count; i++)
        listener_start(&http->listeners[i], http->ev, &http->options.sockets[i], &listener_ops,
                       http);
}

int http_start(const struct http_options *options, struct http **out)
{
    struct http *http = calloc(1, sizeof *http);
    int result;

    if (!http)
        return -ENOMEM;
    http->options = *options;
    http->shown.options = &http->options;
    result = follower_init(&http->shown.follower, options->history, options->table,
                           options->max_series, options->interval_ms);
    if (result < 0)
        goto fail_allocated;
    result =
        stream_new(history_epoch(options->history), &http->shown.follower, &http->shown.stream);
    if (result < 0)
        goto fail_following;
    result = -ENOMEM;
    http->ev = ev_loop_new(EVFLAG_AUTO);
    if (!http->ev)
        goto fail_streaming;
    http->mhd = start_mhd(http);
    if (!http->mhd)
        goto fail_looping;
    loop_init(&http->loop, "http", http->ev, callback_names,
              sizeof callback_names / sizeof *callback_names);
    start_watchers(http);
    result = -pthread_create(&http->thread, NULL, run, http);
    if (result < 0)
        goto fail_serving;
    pthread_setname_np(http->thread, "http");
    *out = http;
    return 0;

fail_serving:
    MHD_stop_daemon(http->mhd);
fail_looping:
    ev_loop_destroy(http->ev);
fail_streaming:
    stream_free(http->shown.stream);
fail_following:
    follower_finish(&http->shown.follower);
fail_allocated:
    free(http);
    return result;
}

void http_wake(struct http *http)
{
    int64_t none = 0;

    atomic_compare_exchange_strong(&http->woken_ns, &none, clock_mono_ns());
    ev_async_send(http->ev, &http->wake);
}

bool http_turned(struct http *http)
{
    bool turned = !atomic_exchange(&http->asked, true);

    http_wake(http);
    return turned;
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    atomic_store(&http->stopping, true);
    http_wake(http);
    pthread_join(http->thread, NULL);
    MHD_stop_daemon(http->mhd);
    loop_finish(&http->loop);
    ev_loop_destroy(http->ev);
    stream_free(http->shown.stream);
    follower_finish(&http->shown.follower);
    free(http);
}

struct loop *http_measured_loop(struct http *http)
{
    return &http->loop;
}

size_t http_subscribers(const struct http *http)
{
    return stream_subscribers(http->shown.stream);
}

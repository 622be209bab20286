#include "daemon/daemon.h"

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "daemon/applications.h"
#include "daemon/core.h"
#include "daemon/descriptors.h"
#include "daemon/hang.h"
#include "daemon/http.h"
#include "daemon/reload.h"
#include "daemon/ring.h"
#include "daemon/service.h"
#include "daemon/sockets.h"
#include "daemon/watchdog.h"

_Static_assert(CONFIG_HTTP_THREADS_MAX <= HTTP_LOOPS_MAX, "each thread that may be asked for");

/* The main loop's callbacks that are measured. */
enum { CALLBACK_TICK, CALLBACK_OVERDUE, CALLBACK_RELOAD, CALLBACK_FETCH };
static const char *const callback_names[] = {"tick", "overdue", "reload", "fetch"};

struct daemon {
    struct core core;
    struct applications applications;
    int64_t interval_ns;
    struct facts facts;
    struct host_gate hosts;
    struct sockets sockets;
    struct ev_loop *ev;
    struct loop loop;
    ev_periodic tick;
    ev_timer overdue; /* half an interval after a tick: publish it even if it is not stored */
    ev_signal interrupted, terminated, hung_up;
    struct reload reload;
    struct watchdog watchdog;
    struct ring *ring;
    struct http *http;
    bool untold; /* that it is ready, to the service manager */
    uint64_t seq;
    int64_t ticked_ns; /* CLOCK_MONOTONIC of the last tick; 0 before the first */
};

static const struct metric unwritten_ticks = {
    .name = "tacho_history_unwritten_ticks_total",
    .unit = "",
    .help =
        "Ticks that were published from memory because storing them took over half an interval.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric subscribers = {
    .name = "tacho_stream_subscribers",
    .unit = "",
    .help = "Clients that the stream is sent to.",
    .kind = METRIC_GAUGE,
};

static uint64_t read_unwritten(void *arg)
{
    return ring_unwritten_ticks(arg);
}

static uint64_t read_subscribers(void *arg)
{
    return http_subscribers(arg);
}

/* --- the tick --- */

static void make_tick(struct daemon *daemon)
{
    struct loop_run run = loop_begin(&daemon->loop, CALLBACK_TICK);
    enum loop_phase former = loop_enter(&daemon->loop, PHASE_SAMPLE);

    daemon->ticked_ns = run.began_ns;
    hang_if_asked("sampler", daemon->seq + 1);
    workers_tend(daemon->core.workers);
    daemon->seq = sampler_tick(daemon->core.sampler);
    loop_enter(&daemon->loop, PHASE_STORE);
    ring_submit(daemon->ring, daemon->seq);
    storage_tick(&daemon->core.storage, daemon->seq);
    processes_tend(daemon->core.processes, run.began_ns);
    ev_timer_again(daemon->ev, &daemon->overdue);
    loop_enter(&daemon->loop, former);
    loop_end(&run);
}

/* What the service manager has no room for is told again at the next tick. */
static void tell_ready(struct daemon *daemon)
{
    char status[SOCKETS_STATUS_BYTES];

    sockets_status(&daemon->sockets, status);
    daemon->untold = service_ready(status) == -EAGAIN;
}

static void on_tick(struct ev_loop *ev, ev_periodic *periodic, int events)
{
    struct daemon *daemon = periodic->data;
    struct clock_reading now = clock_now();
    bool too_soon =
        daemon->ticked_ns != 0 && now.mono_ns - daemon->ticked_ns < daemon->interval_ns / 2;

    (void)ev;
    (void)events;
    loop_note_delay(&daemon->loop, (uint64_t)tick_lateness_ns(&now, daemon->interval_ns));
    /* A late tick stands for the slot that follows it closely; make_first_tick() says why. */
    if (!too_soon)
        make_tick(daemon);
    if (daemon->untold)
        tell_ready(daemon);
}

static void on_overdue(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct daemon *daemon = timer->data;
    struct loop_run run = loop_begin(&daemon->loop, CALLBACK_OVERDUE);

    (void)events;
    ev_timer_stop(ev, timer);
    ring_publish_unwritten(daemon->ring, daemon->seq);
    processes_tend(daemon->core.processes, run.began_ns);
    loop_end(&run);
}

static void on_published(void *arg)
{
    struct daemon *daemon = arg;

    if (daemon->http)
        http_wake(daemon->http);
}

/*
 * The first tick is made at once, so that a page opened now shows values. Only when the grid's
 * next slot is closer than half an interval it waits for that: rates over a sliver of time, in
 * which the kernel's 10 ms steps are large, would be spikes.
 */
static void make_first_tick(struct daemon *daemon)
{
    struct clock_reading now = clock_now();

    if (tick_lateness_ns(&now, daemon->interval_ns) < daemon->interval_ns / 2)
        make_tick(daemon);
}

/* --- reload --- */

static void apply(void *arg, const struct config *config)
{
    struct daemon *daemon = arg;
    struct loop_run run = loop_begin(&daemon->loop, CALLBACK_RELOAD);

    log_set_level(config->log_level);
    host_gate_list(&daemon->hosts, (const char *const *)config->hosts, config->host_count);
    core_configure(&daemon->core, config);
    applications_configure(&daemon->applications, config);
    loop_end(&run);
}

static void on_reload_began(void *arg)
{
    (void)arg;
    service_reloading();
}

static void on_reload_ended(void *arg)
{
    tell_ready(arg);
}

static void on_hung_up(struct ev_loop *ev, ev_signal *signal, int events)
{
    struct daemon *daemon = signal->data;

    (void)ev;
    (void)events;
    reload_ask(&daemon->reload);
}

static void start_reload(struct daemon *daemon, const struct config *config)
{
    const struct reload_options options = {.ev = daemon->ev,
                                           .tasks = workers_runner(daemon->core.workers),
                                           .started = config,
                                           .began = on_reload_began,
                                           .apply = apply,
                                           .ended = on_reload_ended,
                                           .arg = daemon};

    reload_init(&daemon->reload, &options);
}

/* --- start and stop --- */

static void on_signal(struct ev_loop *ev, ev_signal *signal, int events)
{
    (void)events;
    log_info("%s: stopping", strsignal(signal->signum));
    ev_break(ev, EVBREAK_ALL);
}

static int start_http(struct daemon *daemon, const struct config *config)
{
    const struct http_options options = {
        .history = daemon->core.history,
        .table = daemon->core.table,
        .archive = daemon->core.storage.archive,
        .tasks = workers_runner(daemon->core.workers),
        .processes = daemon->core.processes,
        .facts = &daemon->facts,
        .hosts = &daemon->hosts,
        .collectors = sampler_states(daemon->core.sampler),
        .collector_count = collector_registry_count,
        .scrapes = scraper_board(daemon->applications.scraper),
        .statsd = daemon->applications.statsd,
        .buckets = daemon->core.buckets,
        .max_series = CORE_MAX_SERIES,
        .interval_ms = (uint32_t)config->interval_ms,
        .threads = config->http_threads,
        .max_connections =
            descriptors_for_connections(config->max_connections, CONFIG_CONNECTIONS_MAX),
        .max_per_address = config->max_connections_per_address,
        .static_dir = config->static_dir,
        .sockets = daemon->sockets.list,
        .socket_count = daemon->sockets.count,
    };

    return http_start(&options, &daemon->http);
}

static int start_ring(struct daemon *daemon)
{
    const struct ring_options options = {.history = daemon->core.history,
                                         .store = storage_store(&daemon->core.storage),
                                         .store_arg = daemon->core.storage.recorder,
                                         .on_published = on_published,
                                         .published_arg = daemon};

    return ring_start(&options, &daemon->ring);
}

static void watch_self(struct daemon *daemon)
{
    struct self *self = sampler_self(daemon->core.sampler);

    loop_init(&daemon->loop, "main", daemon->ev, callback_names,
              sizeof callback_names / sizeof *callback_names);
    self_add_loop(self, &daemon->loop);
    for (size_t i = 0; http_measured_loop(daemon->http, i); i++)
        self_add_loop(self, http_measured_loop(daemon->http, i));
    self_add(self, &unwritten_ticks, NULL, read_unwritten, daemon->ring);
    self_add(self, &subscribers, NULL, read_subscribers, daemon->http);
    admission_show(http_admission(daemon->http), self);
}

static void start_watchers(struct daemon *daemon)
{
    double interval = (double)daemon->interval_ns / (double)NS_PER_SECOND;

    ev_periodic_init(&daemon->tick, on_tick, 0.0, interval, NULL);
    ev_init(&daemon->overdue, on_overdue);
    daemon->overdue.repeat = interval / 2;
    ev_signal_init(&daemon->interrupted, on_signal, SIGINT);
    ev_signal_init(&daemon->terminated, on_signal, SIGTERM);
    ev_signal_init(&daemon->hung_up, on_hung_up, SIGHUP);
    daemon->tick.data = daemon;
    daemon->overdue.data = daemon;
    daemon->hung_up.data = daemon;
    ev_periodic_start(daemon->ev, &daemon->tick);
    ev_signal_start(daemon->ev, &daemon->interrupted);
    ev_signal_start(daemon->ev, &daemon->terminated);
    ev_signal_start(daemon->ev, &daemon->hung_up);
}

static bool loops_turned(void *arg)
{
    return http_turned(arg);
}

static void start_watchdog(struct daemon *daemon)
{
    const struct watchdog_options options = {.ev = daemon->ev,
                                             .history = daemon->core.history,
                                             .interval_ns = daemon->interval_ns,
                                             .loops_turned = loops_turned,
                                             .loops_arg = daemon->http};

    watchdog_start(&daemon->watchdog, &options);
}

static int start(struct daemon *daemon, const struct config *config)
{
    int result = core_init(&daemon->core, config);

    if (result < 0)
        return result;
    result = sockets_open(&daemon->sockets, config);
    if (result < 0)
        goto fail_core;
    result = applications_start(&daemon->applications, &daemon->core, &daemon->loop, CALLBACK_FETCH,
                                config);
    if (result < 0)
        goto fail_sockets;
    facts_read(&config->roots, &daemon->facts);
    host_gate_init(&daemon->hosts, daemon->facts.host, (const char *const *)config->hosts,
                   config->host_count);
    result = start_http(daemon, config);
    if (result < 0)
        goto fail_applications;
    result = start_ring(daemon);
    if (result < 0)
        goto fail_http;
    watch_self(daemon);
    start_reload(daemon, config);
    return 0;

fail_http:
    http_stop(daemon->http);
fail_applications:
    host_gate_finish(&daemon->hosts);
    applications_stop(&daemon->applications);
    log_error("cannot start: %s", strerror(-result));
fail_sockets:
    sockets_close(&daemon->sockets);
fail_core:
    core_finish(&daemon->core);
    return result;
}

/* Those go first who wake the HTTP loop. */
static void stop(struct daemon *daemon)
{
    processes_tell(daemon->core.processes, NULL, NULL);
    daemon->core.left_behind = !ring_stop(daemon->ring);
    http_stop(daemon->http);
    host_gate_finish(&daemon->hosts);
    sockets_close(&daemon->sockets);
    applications_stop(&daemon->applications);
    reload_finish(&daemon->reload);
    loop_finish(&daemon->loop);
    ev_loop_destroy(daemon->ev);
    core_finish(&daemon->core);
}

/* Threads inherit the mask, so that signals reach the main loop alone. */
static void block_signals(sigset_t *former)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, former);
}

static void serve(struct daemon *daemon, const struct config *config)
{
    sockets_log(&daemon->sockets);
    processes_tell(daemon->core.processes, on_published, daemon);
    applications_configure(&daemon->applications, config);
    make_first_tick(daemon);
    start_watchdog(daemon);
    tell_ready(daemon);
    ev_run(daemon->ev, 0);
    service_stopping();
    watchdog_stop(&daemon->watchdog);
}

int daemon_run(const struct config *config)
{
    struct daemon daemon = {.interval_ns = config->interval_ms * NS_PER_MS};
    sigset_t former;
    int result;

    signal(SIGPIPE, SIG_IGN);
    daemon.ev = ev_default_loop(EVFLAG_AUTO);
    if (!daemon.ev) {
        log_error("cannot start: no event loop");
        return 1;
    }
    start_watchers(&daemon);
    block_signals(&former);
    result = start(&daemon, config);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    if (result < 0) {
        ev_loop_destroy(daemon.ev);
        return core_leave(&daemon.core, 1);
    }
    serve(&daemon, config);
    stop(&daemon);
    return core_leave(&daemon.core, 0);
}

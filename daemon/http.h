/*
 * The HTTP side: one loop or several, in threads of their own, each of which accepts, serves and
 * streams. Start and stop are called on the main loop.
 */
#ifndef TACHO_DAEMON_HTTP_H
#define TACHO_DAEMON_HTTP_H

#include "collectors/task.h"
#include "daemon/admission.h"
#include "daemon/archive.h"
#include "daemon/bucket_board.h"
#include "daemon/collector_state.h"
#include "daemon/facts.h"
#include "daemon/history.h"
#include "daemon/host.h"
#include "daemon/listening.h"
#include "daemon/loop.h"
#include "daemon/processes.h"
#include "daemon/scrape_board.h"
#include "daemon/series.h"
#include "daemon/statsd.h"

#define HTTP_LOOPS_MAX 8

struct http_options {
    struct history *history;
    struct series_table *table;
    struct archive *archive;
    struct task_runner *tasks; /* for answers that are long in the making */
    struct processes *processes;
    const struct facts *facts;
    struct host_gate *hosts;
    uint32_t max_series;
    uint32_t interval_ms;
    const struct collector_state *collectors; /* by name */
    size_t collector_count;
    struct scrape_board *scrapes;       /* the targets */
    struct statsd *statsd;              /* NULL: nobody asked for it */
    const struct bucket_board *buckets; /* of timers */
    size_t threads;                     /* 1 to HTTP_LOOPS_MAX */
    size_t max_connections;
    size_t max_per_address;
    const char *static_dir; /* NULL: the page inside the program */
    const struct listening *sockets;
    size_t socket_count;
};

struct http;

/* The options' pointers outlive it. 0 or -errno. */
int http_start(const struct http_options *options, struct http **out) MUST_CHECK;

/* New ticks or a new list of processes are visible. Any thread; never blocks. */
void http_wake(struct http *http);

/*
 * True if each loop has turned since the last call, or this is the first; asks them to turn again,
 * which those at rest do too. Main loop; never blocks.
 */
bool http_turned(struct http *http);

/* Ends all requests, streams too, and the threads. NULL is a no-op. */
void http_stop(struct http *http);

/* The loops in turn, for their measurements; NULL behind the last. */
struct loop *http_measured_loop(struct http *http, size_t index);

/* How many subscribers the streams have. Any thread. */
size_t http_subscribers(const struct http *http);

/* What is taken and refused, for its measurements. */
struct admission *http_admission(struct http *http);

#endif

#include "daemon/ingest.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/senders.h"
#include "daemon/thread.h"

/* Batches of one socket in a row before others get their turn. */
#define BATCHES_A_TURN 16
/* Senders are looked for at least so often. */
#define JUDGE_MAX_MS 1000
/* And again so soon where one may have been overlooked. */
#define DOUBT_SECONDS 0.02
/* How long packets are let gather. */
#define GATHER_SECONDS 0.001

/* The callbacks that are measured. */
enum { CALLBACK_READ, CALLBACK_SENDERS };
static const char *const callback_names[] = {"read", "senders"};

struct ingest;

struct ingest_socket {
    struct ingest *ingest;
    struct datagrams *datagrams;
    ev_io readable;
    ev_timer gather;
};

struct ingest {
    struct ingest_options options;
    pthread_t thread;
    struct ev_loop *ev;
    struct loop loop;
    ev_async stopped;
    ev_timer judge;
    double period;    /* of that, in seconds */
    int64_t heard_ms; /* when a packet came last, of CLOCK_MONOTONIC */
    struct senders senders;
    struct datagrams_batch *batch;
    struct ingest_socket *sockets;
};

/* Known before the lock is taken, since a new sender is read from procfs. */
struct packet {
    struct datagram datagram;
    const struct statsd_source *source;
};

_Static_assert(DATAGRAMS_BATCH <= SENDERS_SPARE, "sources of a batch are there until it is taken");

static void take_packets(struct ingest *ingest, const struct packet *packets, size_t count,
                         int64_t now_ms)
{
    struct statsd_table *table = ingest->options.table;

    statsd_table_lock(table);
    for (size_t i = 0; i < count; i++) {
        const struct datagram *datagram = &packets[i].datagram;

        if (datagram->is_cut)
            drops_add(ingest->options.drops, DROP_TOO_LONG, 1);
        /* One that was cut is a packet of which nothing is taken. */
        statsd_table_take(table, packets[i].source, datagram->text,
                          datagram->is_cut ? 0 : datagram->size, now_ms);
    }
    statsd_table_unlock(table);
}

/* A batch of what waits; gives how many packets. */
static size_t read_batch(struct ingest *ingest, struct datagrams *datagrams)
{
    const int64_t now_ms = clock_mono_ns() / NS_PER_MS;
    const size_t count = datagrams_receive(datagrams, ingest->batch);
    struct packet packets[DATAGRAMS_BATCH];

    for (size_t i = 0; i < count; i++) {
        struct packet *packet = &packets[i];

        packet->datagram = datagrams_get(datagrams, ingest->batch, i);
        packet->source = datagrams->is_unix
                             ? senders_process(&ingest->senders, packet->datagram.pid, now_ms)
                             : senders_at(&ingest->senders, packet->datagram.from, now_ms);
        if (packet->datagram.lost > 0)
            drops_add(ingest->options.drops, DROP_KERNEL, packet->datagram.lost);
    }
    if (count > 0) {
        ingest->heard_ms = now_ms;
        take_packets(ingest, packets, count, now_ms);
    }
    return count;
}

/* Gives how many packets came, and whether all that waited was read. */
static size_t read_turn(struct ingest *ingest, struct datagrams *datagrams, bool *drained)
{
    size_t sum = 0;

    *drained = false;
    for (int i = 0; i < BATCHES_A_TURN && !*drained; i++) {
        const size_t count = read_batch(ingest, datagrams);

        sum += count;
        *drained = count < DATAGRAMS_BATCH;
    }
    return sum;
}

static void on_readable(struct ev_loop *ev, ev_io *io, int events)
{
    struct ingest_socket *socket = io->data;
    struct ingest *ingest = socket->ingest;
    struct loop_run run = loop_begin(&ingest->loop, CALLBACK_READ);
    bool drained;
    const size_t count = read_turn(ingest, socket->datagrams, &drained);

    (void)events;
    if (count > 0 && !ev_is_active(&ingest->judge))
        ev_timer_again(ev, &ingest->judge);
    if (drained && datagrams_gather(socket->datagrams, count)) {
        ev_io_stop(ev, io);
        ev_timer_set(&socket->gather, GATHER_SECONDS, 0.0);
        ev_timer_start(ev, &socket->gather);
    }
    loop_end(&run);
}

static void on_gathered(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct ingest_socket *socket = timer->data;

    (void)events;
    ev_io_start(ev, &socket->readable);
}

/* If somebody reads just now they are shown the next time. */
static void show_senders(struct ingest *ingest)
{
    const struct sender_status *living[STATSD_SENDERS_MAX];
    const size_t count = senders_living(&ingest->senders, living);

    (void)sender_board_write(ingest->options.board, living, count);
}

/*
 * When they are looked for next. Not before somebody sends, where nobody is known and all series of
 * others have ended.
 */
static void rest(struct ingest *ingest, int64_t now_ms)
{
    const int64_t silent_ms = now_ms - ingest->heard_ms;
    const int64_t all_ended_ms = STATSD_UNKNOWN_MS + 2 * (int64_t)ingest->options.interval_ms;
    const bool idle = ingest->senders.count == 0 && silent_ms > all_ended_ms + JUDGE_MAX_MS;

    ingest->judge.repeat = ingest->senders.doubts ? DOUBT_SECONDS : ingest->period;
    if (idle)
        ev_timer_stop(ingest->ev, &ingest->judge);
    else
        ev_timer_again(ingest->ev, &ingest->judge);
}

/* What a sender said before it ended is read before it is looked for. */
static void on_judge(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct ingest *ingest = timer->data;
    struct loop_run run = loop_begin(&ingest->loop, CALLBACK_SENDERS);
    struct senders_judgement judgement;
    struct clock_reading now;
    bool drained;

    (void)ev;
    (void)events;
    for (size_t i = 0; i < ingest->options.socket_count; i++)
        read_turn(ingest, &ingest->options.sockets[i], &drained);
    now = clock_now();
    senders_judge(&ingest->senders, &now, &judgement);
    statsd_table_lock(ingest->options.table);
    statsd_table_sweep(ingest->options.table, &judgement.living, &judgement.unknown,
                       now.mono_ns / NS_PER_MS);
    statsd_table_unlock(ingest->options.table);
    show_senders(ingest);
    rest(ingest, now.mono_ns / NS_PER_MS);
    loop_end(&run);
}

static void on_stopped(struct ev_loop *ev, ev_async *async, int events)
{
    (void)async;
    (void)events;
    ev_break(ev, EVBREAK_ALL);
}

static void *run(void *arg)
{
    struct ingest *ingest = arg;

    ev_run(ingest->ev, 0);
    return NULL;
}

/* --- start and stop --- */

static void start_watchers(struct ingest *ingest)
{
    const uint32_t half_ms = ingest->options.interval_ms / 2;

    ingest->period = (double)(half_ms < JUDGE_MAX_MS ? half_ms : JUDGE_MAX_MS) / 1000;
    ingest->heard_ms = clock_mono_ns() / NS_PER_MS;
    loop_init(&ingest->loop, "ingest", ingest->ev, callback_names,
              sizeof callback_names / sizeof *callback_names);
    ev_async_init(&ingest->stopped, on_stopped);
    ev_async_start(ingest->ev, &ingest->stopped);
    ev_timer_init(&ingest->judge, on_judge, ingest->period, ingest->period);
    ingest->judge.data = ingest;
    ev_timer_start(ingest->ev, &ingest->judge);
    for (size_t i = 0; i < ingest->options.socket_count; i++) {
        struct ingest_socket *socket = &ingest->sockets[i];

        *socket =
            (struct ingest_socket){.ingest = ingest, .datagrams = &ingest->options.sockets[i]};
        ev_io_init(&socket->readable, on_readable, socket->datagrams->fd, EV_READ);
        ev_init(&socket->gather, on_gathered);
        socket->readable.data = socket;
        socket->gather.data = socket;
        ev_io_start(ingest->ev, &socket->readable);
    }
}

static void free_all(struct ingest *ingest)
{
    if (ingest->ev) {
        loop_finish(&ingest->loop);
        ev_loop_destroy(ingest->ev);
    }
    senders_finish(&ingest->senders);
    datagrams_batch_free(ingest->batch);
    free(ingest->sockets);
    free(ingest);
}

/* Credentials are of this process's own pid namespace, and so is /proc. */
int ingest_start(const struct ingest_options *options, struct ingest **out)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    int result;

    if (!ingest)
        return -ENOMEM;
    ingest->options = *options;
    result = senders_init(&ingest->senders, "/proc", options->table);
    ingest->batch = datagrams_batch_new();
    ingest->sockets = calloc(options->socket_count, sizeof *ingest->sockets);
    if (result == 0 && ingest->batch && ingest->sockets)
        ingest->ev = ev_loop_new(EVFLAG_AUTO);
    if (!ingest->ev) {
        free_all(ingest);
        return -ENOMEM;
    }
    start_watchers(ingest);
    result = thread_start(&ingest->thread, "ingest", run, ingest);
    if (result < 0) {
        free_all(ingest);
        return result;
    }
    *out = ingest;
    return 0;
}

void ingest_stop(struct ingest *ingest)
{
    if (!ingest)
        return;
    ev_async_send(ingest->ev, &ingest->stopped);
    pthread_join(ingest->thread, NULL);
    free_all(ingest);
}

struct loop *ingest_loop(struct ingest *ingest)
{
    return &ingest->loop;
}

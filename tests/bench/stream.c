/*
 * The load of a stream: opens many subscribers, reads them for a number of ticks and prints as JSON
 * what came and when, and what the server spent on it. A probe asks for other things meanwhile,
 * unless told not to. One thread, so that a receipt is seen only after those before it were read:
 * delays are those of the server and of this reader, as they are with the floor server. stream PORT
 * PID CLIENTS TICKS TARGET [noprobe] [gzip]; it says "ready" when all have joined, and gives up in
 * time if what it waits for does not come.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "tests/bench/event_reader.h"
#include "tests/bench/probe.h"
#include "tests/bench/report.h"

#define MOST_CLIENTS    65536
#define MOST_TICKS      600
#define EVENTS_A_TURN   64
#define JOINS_A_TURN    64
#define SETTLE_NS       (200 * NS_PER_MS) /* after the last client has the last tick */
#define JOIN_NS         (60 * NS_PER_SECOND)
#define PATIENCE_NS     (15 * NS_PER_SECOND) /* beyond a second for each tick */
#define ADDRESS_CLIENTS 100                  /* of one source address */
#define FIRST_ADDRESS   0x7f000002           /* 127.0.0.2 */

struct load;

struct client {
    int fd;
    uint64_t last_seq;
    uint32_t events, missed, repeated;
    struct load *load;
    struct event_reader reader;
};

struct load {
    struct sockaddr_in server;
    int epoll;
    struct client *clients;
    size_t count;
    uint64_t newest, begin, goal; /* ticks; those after begin up to goal are counted */
    size_t reached;               /* clients that have the tick which is waited for */
    int64_t received_ns;          /* Unix; of what is being read */
    int64_t *delays_ns;
    size_t delay_count, delay_room;
    uint64_t bytes, packed; /* of the counted events, and of the blocks that they came in */
    struct unpacker *unpacker;
    int64_t longest_turn_ns; /* of this program: for so long it may have overlooked an answer */
    struct probe probe;
};

static void *must_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (!memory)
        errx(1, "out of memory");
    return memory;
}

static void on_tick(void *arg, const struct tick_event *event)
{
    struct client *client = arg;
    struct load *load = client->load;
    uint64_t wanted = load->goal ? load->goal : load->begin;

    if (event->seq > load->newest) {
        load->newest = event->seq;
        load->probe.tick_began = true;
    }
    if (load->goal && event->seq > load->begin && event->seq <= load->goal) {
        client->events++;
        load->bytes += event->bytes;
        load->packed += event->packed;
        if (load->delay_count < load->delay_room)
            load->delays_ns[load->delay_count++] = load->received_ns - event->time_ms * NS_PER_MS;
    }
    if (event->seq <= client->last_seq) {
        client->repeated++;
        return;
    }
    if (client->last_seq != 0)
        client->missed += (uint32_t)(event->seq - client->last_seq - 1);
    if (client->last_seq < wanted && event->seq >= wanted)
        load->reached++;
    client->last_seq = event->seq;
}

/* Until nothing is left: the edge is not told again. */
static void read_client(struct client *client)
{
    static char bytes[64 * 1024];
    size_t index = (size_t)(client - client->load->clients);
    ssize_t length;

    do {
        length = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (length < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (length <= 0)
            errx(1, "subscriber %zu was closed: %s", index,
                 length < 0 ? strerror(errno) : "its end");
        client->load->received_ns = clock_now().real_ns;
        if (event_reader_feed(&client->reader, bytes, (size_t)length, on_tick, client) < 0)
            errx(1, "subscriber %zu was answered: %.*s", index, (int)(length < 200 ? length : 200),
                 bytes);
    } while (length == sizeof bytes);
}

/* Reads what is there, or waits for something. */
static void turn(struct load *load, int timeout_ms)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(load->epoll, events, EVENTS_A_TURN, timeout_ms);
    int64_t start_ns = clock_mono_ns(), took_ns;

    /* First: in epoll's own order it would wait for all clients that were sent something. */
    probe_turn(&load->probe);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            read_client(events[i].data.ptr);
    }
    took_ns = clock_mono_ns() - start_ns;
    if (took_ns > load->longest_turn_ns)
        load->longest_turn_ns = took_ns;
}

/* Connects from an address of 127/8 other than the first, each of which has ports of its own. */
static int connect_from(struct load *load, uint32_t source)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
    const struct timeval patience = {.tv_sec = 5};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        err(1, "socket");
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        err(1, "bind");
    if (connect(fd, (struct sockaddr *)&load->server, sizeof load->server) < 0)
        err(1, "connect");
    return fd;
}

static void watch(struct load *load, int fd, struct client *client)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = client};

    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        err(1, "epoll_ctl");
}

static void join(struct load *load, struct client *client, const char *target)
{
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\n"
                          "Accept: text/event-stream\r\n%s\r\n",
                          target, load->unpacker ? "Accept-Encoding: gzip\r\n" : "");
    size_t index = (size_t)(client - load->clients);

    client->load = load;
    client->reader.unpacker = load->unpacker;
    client->fd = connect_from(load, FIRST_ADDRESS + (uint32_t)(index / ADDRESS_CLIENTS));
    if (length >= (int)sizeof request ||
        send(client->fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        err(1, "GET %s", target);
    watch(load, client->fd, client);
}

/* Until all clients have that tick, and the server has had time to put its things away. */
static void wait_until_all_have(struct load *load, uint64_t seq, int64_t patience_ns)
{
    int64_t end_ns = clock_mono_ns() + patience_ns;

    load->reached = 0;
    for (size_t i = 0; i < load->count; i++)
        load->reached += load->clients[i].last_seq >= seq;
    while (load->reached < load->count) {
        turn(load, 10);
        if (clock_mono_ns() > end_ns)
            errx(1, "%zu of %zu clients have tick %" PRIu64 " in time", load->reached, load->count,
                 seq);
    }
    end_ns = clock_mono_ns() + SETTLE_NS;
    while (clock_mono_ns() < end_ns)
        turn(load, 10);
}

static void join_all(struct load *load, const char *target)
{
    for (size_t i = 0; i < load->count; i++) {
        join(load, &load->clients[i], target);
        if (i % JOINS_A_TURN == 0)
            turn(load, 0);
    }
    load->begin = 1;
    wait_until_all_have(load, 1, JOIN_NS);
    load->begin = load->newest + 1;
    wait_until_all_have(load, load->begin, JOIN_NS);
    for (size_t i = 0; i < load->count; i++) {
        load->clients[i].missed = 0;
        load->clients[i].repeated = 0;
    }
}

static void print_results(struct load *load, int64_t cpu_ns)
{
    static const char *const probes[PROBE_KINDS] = {"health_ms", "now_ms", "at_tick_ms"};
    int64_t *events = must_calloc(load->count, sizeof *events);
    uint64_t missed = 0, repeated = 0, sum = 0;

    for (size_t i = 0; i < load->count; i++) {
        events[i] = load->clients[i].events;
        sum += load->clients[i].events;
        missed += load->clients[i].missed;
        repeated += load->clients[i].repeated;
    }
    putchar('{');
    report_number("ticks", load->goal - load->begin);
    report_number("events", sum);
    report_spread("events_a_client", events, load->count);
    report_number("missed", missed);
    report_number("repeated", repeated);
    report_number("bytes", load->bytes);
    report_number("packed", load->packed);
    report_delays("delay_ms", load->delays_ns, load->delay_count);
    for (size_t kind = 0; kind < PROBE_KINDS; kind++)
        report_all_delays(probes[kind], load->probe.delays_ns[kind], load->probe.counts[kind]);
    report_delays("turn_ms", &load->longest_turn_ns, 1);
    printf("\"cpu_us\":%.1f}\n", (double)cpu_ns / 1000);
    free(events);
}

/* CPU time of all threads of a process, also of those that have ended. */
static int64_t process_cpu_ns(clockid_t clock)
{
    struct timespec time;

    if (clock_gettime(clock, &time) < 0)
        err(1, "the server's CPU time");
    return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

static size_t number(const char *text, size_t most)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*end || value == 0 || value > most)
        errx(2, "%s: not a number from 1 to %zu", text, most);
    return value;
}

static bool has_word(char **words, const char *word)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void start(struct load *load, char **argv, size_t ticks)
{
    raise_limit();
    load->server = (struct sockaddr_in){.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)number(argv[1], UINT16_MAX)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    load->count = number(argv[3], MOST_CLIENTS);
    load->clients = must_calloc(load->count, sizeof *load->clients);
    load->delay_room = load->count * ticks;
    load->delays_ns = must_calloc(load->delay_room, sizeof *load->delays_ns);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->epoll < 0)
        err(1, "epoll_create1");
    if (has_word(argv + 6, "gzip") && unpacker_new(&load->unpacker) < 0)
        errx(1, "out of memory");
    load->probe.fd = -1;
    join_all(load, argv[5]);
    if (!has_word(argv + 6, "noprobe")) {
        probe_init(&load->probe, connect_from(load, INADDR_LOOPBACK),
                   ticks + PATIENCE_NS / NS_PER_SECOND);
        watch(load, load->probe.fd, NULL);
    }
}

int main(int argc, char **argv)
{
    static struct load load;
    clockid_t clock;
    int64_t cpu_ns;
    size_t ticks;

    if (argc < 6)
        errx(2, "usage: stream PORT PID CLIENTS TICKS TARGET [noprobe] [gzip]");
    ticks = number(argv[4], MOST_TICKS);
    if (clock_getcpuclockid((pid_t)number(argv[2], INT32_MAX), &clock) != 0)
        errx(1, "no process %s", argv[2]);
    start(&load, argv, ticks);
    puts("ready");
    fflush(stdout);
    load.longest_turn_ns = 0;
    load.goal = load.begin + ticks;
    cpu_ns = process_cpu_ns(clock);
    wait_until_all_have(&load, load.goal, (int64_t)ticks * NS_PER_SECOND + PATIENCE_NS);
    print_results(&load, process_cpu_ns(clock) - cpu_ns);
    return 0;
}

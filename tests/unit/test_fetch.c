#include "daemon/fetch.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/fetch_own.h"
#include "tests/unit/support.h"

#define PEERS      4
#define BODY_BYTES ((size_t)2 << 20)
#define PIECES     ((int)(BODY_BYTES / 65536))
/* What fetcher.c takes of bodies until the loop has turned, and the piece that begins before. */
#define TURN_BYTES (5 * FETCH_PIECE_BYTES)

#define HEAD          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define TEXT(literal) literal, sizeof literal - 1
#define GZIP          "\x1f\x8b\x08\0\0\0\0\0\0\x03"

/* What is sent: the start, the unit again and again, the end. */
struct flood {
    const char *start;
    size_t start_size;
    const char *unit;
    size_t unit_size;
    const char *end;
    size_t end_size;
};
static const struct flood zeros = {TEXT(HEAD "\r\n"), TEXT("\0"), TEXT("")};
static const struct flood empty_members = {TEXT(HEAD "Content-Encoding: gzip\r\n\r\n"),
                                           TEXT(GZIP "\x03\0\0\0\0\0\0\0\0\0"), TEXT("")};
static const struct flood empty_blocks = {TEXT(HEAD "Content-Encoding: gzip\r\n\r\n" GZIP),
                                          TEXT("\0\0\0\xff\xff"),
                                          TEXT("\x01\0\0\xff\xff\0\0\0\0\0\0\0\0")};
static const struct flood tiny_chunks = {TEXT(HEAD "Transfer-Encoding: chunked\r\n\r\n"),
                                         TEXT("1\r\n#\r\n"), TEXT("0\r\n\r\n")};

static const char *const callback_names[] = {"fetch"};
static const struct flood *sent;

static void send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = send(fd, data, size, MSG_NOSIGNAL);

        if (count < 0)
            return;
        data += count;
        size -= (size_t)count;
    }
}

/* Sends as fast as it can what one that fetches can take. */
static void *flood(void *arg)
{
    int fd = *(int *)arg;
    char request[4096], piece[65536];
    size_t size = 0;

    for (; size + sent->unit_size <= sizeof piece; size += sent->unit_size)
        memcpy(piece + size, sent->unit, sent->unit_size);
    ck_assert_int_gt(recv(fd, request, sizeof request, 0), 0);
    send_all(fd, sent->start, sent->start_size);
    for (int i = 0; i < PIECES; i++)
        send_all(fd, piece, size);
    send_all(fd, sent->end, sent->end_size);
    close(fd);
    return NULL;
}

static void *serve(void *arg)
{
    pthread_t threads[PEERS];
    int fds[PEERS];

    for (int i = 0; i < PEERS; i++) {
        fds[i] = accept(*(int *)arg, NULL, NULL);
        ck_assert_int_ge(fds[i], 0);
        pthread_create(&threads[i], NULL, flood, &fds[i]);
    }
    for (int i = 0; i < PEERS; i++)
        pthread_join(threads[i], NULL);
    return NULL;
}

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(fd, PEERS), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static struct counts {
    struct loop loop;
    struct fetch *fetches[PEERS];
    uint64_t iteration;
    size_t of_turn, most, bytes;
    size_t calls, most_calls;     /* with a piece, of a turn */
    uint64_t packed, most_packed; /* as it came, in all and of a turn */
    int heads, left;
} counts;

static void on_head(void *arg, const char *content_type)
{
    (void)arg;
    ck_assert_str_eq(content_type, "text/plain");
    counts.heads++;
}

static void on_body(void *arg, const char *bytes, size_t size)
{
    (void)arg;
    (void)bytes;
    ck_assert_uint_le(size, FETCH_PIECE_BYTES);
    if (counts.iteration != loop_iterations(&counts.loop))
        counts.of_turn = counts.calls = 0;
    counts.iteration = loop_iterations(&counts.loop);
    counts.of_turn += size;
    counts.bytes += size;
    if (counts.of_turn > counts.most)
        counts.most = counts.of_turn;
    if (++counts.calls > counts.most_calls)
        counts.most_calls = counts.calls;
}

/* The loop has turned: how much came meanwhile, whatever became of it. */
static void on_turned(struct ev_loop *ev, ev_prepare *prepare, int events)
{
    uint64_t packed = 0;

    (void)ev;
    (void)prepare;
    (void)events;
    for (int i = 0; i < PEERS; i++)
        packed += counts.fetches[i]->body.packed_bytes;
    if (packed - counts.packed > counts.most_packed)
        counts.most_packed = packed - counts.packed;
    counts.packed = packed;
}

static void on_done(void *arg, const char *error)
{
    (void)arg;
    ck_assert_msg(!error, "%s", error);
    if (--counts.left == 0)
        ev_break(counts.loop.ev, EVBREAK_ALL);
}

/* Several at once send this, as fast as it is taken. */
static void fetch_floods(const struct flood *flooded)
{
    static const struct fetch_visitor visitor = {.head = on_head, .body = on_body, .done = on_done};
    struct fetcher *fetcher;
    struct fetch_options options = {
        .accept = "*/*", .timeout_ms = 60000, .max_bytes = BODY_BYTES, .visitor = &visitor};
    ev_prepare turned;
    uint16_t port;
    int fd = listen_somewhere(&port);
    char url[64];
    pthread_t server;

    counts = (struct counts){.left = PEERS};
    sent = flooded;
    loop_init(&counts.loop, "test", ev_default_loop(0), callback_names, 1);
    ck_assert_int_eq(fetcher_new(&counts.loop, 0, &fetcher), 0);
    pthread_create(&server, NULL, serve, &fd);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    options.url = url;
    for (int i = 0; i < PEERS; i++) {
        ck_assert_int_eq(fetch_new(fetcher, &options, &counts.fetches[i]), 0);
        ck_assert_int_eq(fetch_start(counts.fetches[i], NULL, NULL), 0);
    }
    ev_prepare_init(&turned, on_turned);
    ev_prepare_start(counts.loop.ev, &turned);
    ev_run(counts.loop.ev, 0);
    pthread_join(server, NULL);
    ev_prepare_stop(counts.loop.ev, &turned);
    ck_assert_int_eq(counts.heads, PEERS);
    for (int i = 0; i < PEERS; i++) {
        ck_assert(!fetch_is_under_way(counts.fetches[i]));
        fetch_free(counts.fetches[i]);
    }
    fetcher_free(fetcher);
    loop_finish(&counts.loop);
    ev_loop_destroy(counts.loop.ev);
    close(fd);
}

/* However fast several send, a turn of the loop takes no more than so much of them together. */
START_TEST(what_is_taken_in_a_turn_is_bounded)
{
    fetch_floods(&zeros);
    ck_assert_uint_eq(counts.bytes, PEERS * BODY_BYTES);
    ck_assert_uint_le(counts.most, TURN_BYTES);
}
END_TEST

/* What unpacks to nothing is not taken for nothing. */
START_TEST(so_is_what_unpacks_to_nothing)
{
    static const struct flood *const floods[] = {&empty_members, &empty_blocks};

    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        fetch_floods(floods[i]);
        ck_assert_uint_eq(counts.bytes, 0);
        ck_assert_uint_gt(counts.packed, PEERS * BODY_BYTES / 10 * 9);
        ck_assert_uint_le(counts.most_packed, TURN_BYTES);
    }
}
END_TEST

START_TEST(so_are_pieces_of_a_byte)
{
    fetch_floods(&tiny_chunks);
    ck_assert_uint_gt(counts.bytes, PEERS * BODY_BYTES / 7);
    ck_assert_uint_le(counts.most_calls, TURN_BYTES / 256);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fetch", what_is_taken_in_a_turn_is_bounded, so_is_what_unpacks_to_nothing,
                     so_are_pieces_of_a_byte);
}

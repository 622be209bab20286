#include "daemon/fetch.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/support.h"

#define PEERS      4
#define BODY_BYTES ((size_t)2 << 20)
/* What fetcher.c takes of bodies until the loop has turned, and the piece that begins before. */
#define TURN_BYTES (5 * FETCH_PIECE_BYTES)

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
static const char *const callback_names[] = {"fetch"};

/* Sends as fast as it can what one that fetches can take. */
static void *flood(void *arg)
{
    static const char zeros[65536];
    int fd = *(int *)arg;
    char request[4096];

    ck_assert_int_gt(recv(fd, request, sizeof request, 0), 0);
    ck_assert_int_eq(send(fd, head, sizeof head - 1, MSG_NOSIGNAL), (ssize_t)sizeof head - 1);
    for (size_t sent = 0; sent < BODY_BYTES;) {
        size_t left = BODY_BYTES - sent;
        ssize_t count = send(fd, zeros, left < sizeof zeros ? left : sizeof zeros, MSG_NOSIGNAL);

        if (count < 0)
            break;
        sent += (size_t)count;
    }
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
    uint64_t iteration;
    size_t of_turn, most, bytes;
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
        counts.of_turn = 0;
    counts.iteration = loop_iterations(&counts.loop);
    counts.of_turn += size;
    counts.bytes += size;
    if (counts.of_turn > counts.most)
        counts.most = counts.of_turn;
}

static void on_done(void *arg, const char *error)
{
    (void)arg;
    ck_assert_msg(!error, "%s", error);
    if (--counts.left == 0)
        ev_break(counts.loop.ev, EVBREAK_ALL);
}

/* However fast several send, a turn of the loop takes no more than so much of them together. */
START_TEST(what_is_taken_in_a_turn_is_bounded)
{
    static const struct fetch_visitor visitor = {.head = on_head, .body = on_body, .done = on_done};
    struct fetch *fetches[PEERS];
    struct fetcher *fetcher;
    struct fetch_options options = {
        .accept = "*/*", .timeout_ms = 60000, .max_bytes = BODY_BYTES, .visitor = &visitor};
    uint16_t port;
    int fd = listen_somewhere(&port);
    char url[64];
    pthread_t server;

    counts = (struct counts){.left = PEERS};
    loop_init(&counts.loop, "test", ev_default_loop(0), callback_names, 1);
    ck_assert_int_eq(fetcher_new(&counts.loop, 0, &fetcher), 0);
    pthread_create(&server, NULL, serve, &fd);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    options.url = url;
    for (int i = 0; i < PEERS; i++) {
        ck_assert_int_eq(fetch_new(fetcher, &options, &fetches[i]), 0);
        ck_assert_int_eq(fetch_start(fetches[i], NULL, NULL), 0);
    }
    ev_run(counts.loop.ev, 0);
    pthread_join(server, NULL);
    ck_assert_int_eq(counts.heads, PEERS);
    ck_assert_uint_eq(counts.bytes, PEERS * BODY_BYTES);
    ck_assert_uint_le(counts.most, TURN_BYTES);
    for (int i = 0; i < PEERS; i++) {
        ck_assert(!fetch_is_under_way(fetches[i]));
        fetch_free(fetches[i]);
    }
    fetcher_free(fetcher);
    loop_finish(&counts.loop);
    ev_loop_destroy(counts.loop.ev);
    close(fd);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fetch", what_is_taken_in_a_turn_is_bounded);
}

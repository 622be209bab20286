/*
 * The floor under a stream: every second one send of one shared buffer to each client, and nothing
 * else. The buffer is a tick of as many bytes as the program's own, so that the same load reads
 * both. It asks nobody what they want. stream_floor BYTES prints its port; it ends when told or
 * with its parent, and by itself after an hour.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/clock.h"

#define MOST_CLIENTS 65536
#define MOST_BYTES   65536
#define MOST_SECONDS 3600
#define BACKLOG      1024

static int open_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        err(1, "no listener");
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_all(int listener, int *clients, size_t *count)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";

    while (*count < MOST_CLIENTS) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (errno != EAGAIN && errno != ECONNABORTED)
                err(1, "accept");
            return;
        }
        if (send(fd, head, sizeof head - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof head - 1))
            clients[(*count)++] = fd;
        else
            close(fd);
    }
}

/* A chunk with a tick of this many bytes, or of few more than that if it would not fit. */
static size_t make_tick(char *out, size_t room, uint64_t seq, size_t bytes)
{
    char text[MOST_BYTES];
    int front = snprintf(text, sizeof text,
                         "event: tick\nid: 0123456789abcdef-%" PRIu64 "\ndata: {\"seq\":%" PRIu64
                         ",\"time_ms\":%" PRId64 ",\"v\":\"",
                         seq, seq, clock_now().real_ns / NS_PER_MS);
    static const char back[] = "\"}\n\n";
    size_t length = (size_t)front + sizeof back - 1;
    size_t filled = bytes > length ? bytes - length : 0;

    return (size_t)snprintf(out, room, "%zX\r\n%s%0*d%s\r\n", length + filled + (filled == 0), text,
                            filled > 1 ? (int)filled : 1, 0, back);
}

/* Who cannot be sent the whole of it is given up. */
static void send_all(int *clients, size_t *count, const char *bytes, size_t length)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        if (send(clients[i], bytes, length, MSG_NOSIGNAL) == (ssize_t)length)
            clients[kept++] = clients[i];
        else
            close(clients[i]);
    }
    *count = kept;
}

int main(int argc, char **argv)
{
    static int clients[MOST_CLIENTS];
    static char bytes[MOST_BYTES + 64];
    size_t size = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, count = 0;
    struct rlimit limit;
    int listener;

    if (size == 0 || size >= MOST_BYTES - 256)
        errx(2, "usage: stream_floor BYTES");
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    alarm(MOST_SECONDS);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    listener = open_listener();
    for (uint64_t seq = 1;; seq++) {
        int64_t due_ns = (clock_now().real_ns / NS_PER_SECOND + 1) * NS_PER_SECOND, left_ns;

        while ((left_ns = due_ns - clock_now().real_ns) > 0) {
            struct pollfd wait = {.fd = listener, .events = POLLIN};

            if (poll(&wait, 1, (int)(left_ns / NS_PER_MS) + 1) > 0)
                accept_all(listener, clients, &count);
        }
        send_all(clients, &count, bytes, make_tick(bytes, sizeof bytes, seq, size));
    }
}

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/listener.h"
#include "tests/unit/support.h"

struct witness {
    struct ev_loop *ev;
    struct listening listening;
    struct listener listener;
    size_t room, accepted, turns;
    bool address_is_right;
};

static size_t on_room(void *arg)
{
    return ((struct witness *)arg)->room;
}

static void on_accepted(void *arg, int fd, const struct sockaddr *address, socklen_t size)
{
    struct witness *witness = arg;
    const struct sockaddr_in *peer = (const struct sockaddr_in *)(const void *)address;

    witness->accepted++;
    witness->room--;
    witness->address_is_right = size == sizeof *peer && peer->sin_family == AF_INET &&
                                ntohl(peer->sin_addr.s_addr) == INADDR_LOOPBACK;
    close(fd);
}

static void on_turn_done(void *arg)
{
    ((struct witness *)arg)->turns++;
}

static const struct listener_ops ops = {
    .room = on_room, .accepted = on_accepted, .turn_done = on_turn_done};

static void witness_make(struct witness *witness, size_t room)
{
    char error[LISTENER_ERROR_BYTES] = "";

    *witness = (struct witness){.ev = ev_loop_new(EVFLAG_AUTO), .room = room};
    ck_assert_msg(listening_open("127.0.0.1:0", false, &witness->listening, error) == 0, "%s",
                  error);
    listener_start(&witness->listener, witness->ev, &witness->listening, &ops, witness);
}

static void witness_remove(struct witness *witness)
{
    listener_stop(&witness->listener);
    listening_close(&witness->listening);
    ev_loop_destroy(witness->ev);
}

/* A connection to it; the kernel completes it before it is accepted. */
static int connect_to(const struct witness *witness)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(getsockname(witness->listening.fd, (struct sockaddr *)(void *)&address, &size),
                     0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)(void *)&address, size), 0);
    return fd;
}

START_TEST(connections_are_handed_over)
{
    struct witness witness;
    int fd;

    witness_make(&witness, 10);
    ev_run(witness.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(witness.turns, 0);
    fd = connect_to(&witness);
    ev_run(witness.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(witness.accepted, 1);
    ck_assert_uint_eq(witness.turns, 1);
    ck_assert(witness.address_is_right);
    close(fd);
    witness_remove(&witness);
}
END_TEST

/* So that what is served already does not wait for a crowd at the door. */
START_TEST(one_turn_takes_at_most_64)
{
    struct witness witness;
    int fds[70];

    witness_make(&witness, 100);
    for (size_t i = 0; i < 70; i++)
        fds[i] = connect_to(&witness);
    ev_run(witness.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(witness.accepted, 64);
    ck_assert_uint_eq(witness.turns, 1);
    ev_run(witness.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(witness.accepted, 70);
    for (size_t i = 0; i < 70; i++)
        close(fds[i]);
    witness_remove(&witness);
}
END_TEST

START_TEST(without_room_there_is_a_503)
{
    struct witness witness;
    char answer[1024] = "";
    const char *body;
    size_t used = 0;
    ssize_t got;
    int good, refused;

    witness_make(&witness, 1);
    good = connect_to(&witness);
    refused = connect_to(&witness);
    ev_run(witness.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(witness.accepted, 1);
    while ((got = read(refused, answer + used, sizeof answer - 1 - used)) > 0)
        used += (size_t)got;
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 503 Service Unavailable\r\n", 34), 0);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nConnection: close\r\n"));
    body = strstr(answer, "\r\n\r\n");
    ck_assert_ptr_nonnull(body);
    ck_assert_uint_eq(strlen(body + 4), strtoul(strstr(answer, "Content-Length: ") + 16, NULL, 10));
    close(good);
    close(refused);
    witness_remove(&witness);
}
END_TEST

int main(void)
{
    return RUN_TESTS("listener_accept", connections_are_handed_over, one_turn_takes_at_most_64,
                     without_room_there_is_a_503);
}

#include "daemon/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/support.h"

/* --- opening --- */

static bool has_ipv6(void)
{
    struct listening listening;
    char error[LISTENER_ERROR_BYTES];

    if (listening_open("[::1]:0", &listening, error) < 0)
        return false;
    listening_close(&listening);
    return true;
}

static struct listening open_good(const char *spec)
{
    struct listening listening;
    char error[LISTENER_ERROR_BYTES] = "";

    ck_assert_msg(listening_open(spec, &listening, error) == 0, "%s", error);
    ck_assert_int_ge(listening.fd, 0);
    return listening;
}

static void expect_error(const char *spec, int wanted, const char *part)
{
    struct listening listening = {.fd = -7};
    char error[LISTENER_ERROR_BYTES] = "";
    int result = listening_open(spec, &listening, error);

    ck_assert_msg(result == wanted, "%s: %d", spec, result);
    ck_assert_msg(strstr(error, "cannot listen on ") == error, "%s", error);
    ck_assert_msg(strstr(error, part) != NULL, "%s", error);
    ck_assert_int_eq(listening.fd, -7);
}

START_TEST(port_0_picks_a_free_one)
{
    struct listening one = open_good("127.0.0.1:0"), other = open_good("127.9.8.7:0");
    unsigned port = 0;

    ck_assert_int_eq(sscanf(one.address, "127.0.0.1:%u", &port), 1);
    ck_assert_uint_gt(port, 0);
    ck_assert_int_eq(strncmp(other.address, "127.9.8.7:", 10), 0);
    ck_assert(!one.is_unix);
    listening_close(&one);
    ck_assert_int_eq(one.fd, -1);
    listening_close(&other);
}
END_TEST

START_TEST(ipv6_stands_in_brackets)
{
    struct listening listening;

    if (!has_ipv6())
        return;
    listening = open_good("[::1]:0");
    ck_assert_int_eq(strncmp(listening.address, "[::1]:", 6), 0);
    listening_close(&listening);
}
END_TEST

START_TEST(a_port_in_use_is_an_error)
{
    struct listening listening = open_good("127.0.0.1:0");

    expect_error(listening.address, -EADDRINUSE, "Address already in use");
    listening_close(&listening);
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const specs[] = {
        "",
        ":",
        ":8224",
        "8224",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:http",
        "127.0.0.1:8224x",
        "127.0.0.1: 8224",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1:65536",
        "127.0.0.1:99999",
        "127.0.0.1:4294967296",
        "127.0.0.1.:0",
        "256.0.0.1:0",
        "localhost:0",
        "example.org:80",
        "::1:0",
        "[::1]",
        "[::1",
        "[::1]0",
        "[]:0",
        "[localhost]:0",
        "Unix:/tmp/x",
        "http://127.0.0.1:0",
    };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        expect_error(specs[i], -EINVAL, "not ADDR:PORT with a numeric address");
}
END_TEST

START_TEST(loopback_alone_is_allowed)
{
    static const char *const specs[] = {
        "0.0.0.0:0", "10.0.0.1:0", "128.0.0.1:0", "126.255.255.255:0", "255.255.255.255:0",
        "[::]:0",    "[::2]:0",    "[fe80::1]:0", "[2001:db8::1]:0",   "[::ffff:10.0.0.1]:0"};

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        expect_error(specs[i], -EACCES, "only loopback addresses");
}
END_TEST

START_TEST(a_long_address_is_cut_in_the_message)
{
    char spec[3000];
    struct listening listening;
    char error[LISTENER_ERROR_BYTES];

    memset(spec, '1', sizeof spec - 1);
    spec[sizeof spec - 1] = '\0';
    memcpy(spec + 2990, ":0", 2);
    ck_assert_int_eq(listening_open(spec, &listening, error), -EINVAL);
    ck_assert_uint_lt(strlen(error), LISTENER_ERROR_BYTES);
}
END_TEST

/* --- unix sockets --- */

/* "unix:" and a path in the folder. */
static const char *spec_in(const struct folder *folder, char spec[128])
{
    snprintf(spec, 128, "unix:%s/socket", folder->path);
    return spec;
}

static bool is_there(const char *spec)
{
    struct stat status;

    return lstat(spec + strlen("unix:"), &status) == 0;
}

START_TEST(a_unix_socket_comes_and_goes)
{
    struct folder folder;
    struct listening listening;
    char spec[128];

    folder_make(&folder);
    listening = open_good(spec_in(&folder, spec));
    ck_assert(listening.is_unix);
    ck_assert_str_eq(listening.address, spec);
    ck_assert(is_there(spec));
    listening_close(&listening);
    ck_assert(!is_there(spec));
    folder_remove(&folder);
}
END_TEST

START_TEST(an_abandoned_socket_is_replaced)
{
    struct folder folder;
    struct listening listening;
    char spec[128];

    folder_make(&folder);
    listening = open_good(spec_in(&folder, spec));
    close(listening.fd); /* as kill -9 leaves it */
    ck_assert(is_there(spec));
    listening = open_good(spec);
    listening_close(&listening);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_live_socket_and_a_plain_file_are_not_replaced)
{
    struct folder folder;
    struct listening live;
    char spec[128];

    folder_make(&folder);
    live = open_good(spec_in(&folder, spec));
    expect_error(spec, -EADDRINUSE, spec);
    ck_assert(is_there(spec));
    listening_close(&live);
    folder_write(&folder, "socket", "precious");
    expect_error(spec, -EADDRINUSE, spec);
    ck_assert(is_there(spec));
    folder_remove(&folder);
}
END_TEST

/* It refuses a stream's connection too, but is somebody's. */
START_TEST(a_socket_of_another_kind_is_not_replaced)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct folder folder;
    char spec[128];

    folder_make(&folder);
    spec_in(&folder, spec);
    ck_assert_uint_lt(strlen(spec), sizeof address.sun_path);
    memcpy(address.sun_path, spec + strlen("unix:"), strlen(spec) - strlen("unix:"));
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    expect_error(spec, -EADDRINUSE, spec);
    ck_assert(is_there(spec));
    close(fd);
    folder_remove(&folder);
}
END_TEST

START_TEST(paths_of_unix_sockets_are_bounded)
{
    char spec[200] = "unix:/tmp/";

    expect_error("unix:", -EINVAL, "1 to 107 bytes");
    expect_error("unix:/nonexistent/folder/socket", -ENOENT, "No such file");
    memset(spec + strlen(spec), 'x', 103);
    expect_error(spec, -EINVAL, "1 to 107 bytes");
}
END_TEST

/* --- accepting --- */

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
    *witness = (struct witness){
        .ev = ev_loop_new(EVFLAG_AUTO), .listening = open_good("127.0.0.1:0"), .room = room};
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
    return RUN_TESTS(
        "listener", port_0_picks_a_free_one, ipv6_stands_in_brackets, a_port_in_use_is_an_error,
        what_is_no_address_is_refused, loopback_alone_is_allowed,
        a_long_address_is_cut_in_the_message, a_unix_socket_comes_and_goes,
        an_abandoned_socket_is_replaced, a_live_socket_and_a_plain_file_are_not_replaced,
        a_socket_of_another_kind_is_not_replaced, paths_of_unix_sockets_are_bounded,
        connections_are_handed_over, one_turn_takes_at_most_64, without_room_there_is_a_503);
}

#include "daemon/listener.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/door.h"
#include "tests/unit/support.h"

START_TEST(connections_are_handed_over)
{
    struct door door;
    int fd;

    door_open(&door, "127.0.0.1:0", 10, 10);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.turns, 0);
    fd = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 1);
    ck_assert_uint_eq(door.turns, 1);
    ck_assert_int_eq(door.peer.sin_family, AF_INET);
    ck_assert_uint_eq(ntohl(door.peer.sin_addr.s_addr), INADDR_LOOPBACK);
    close(fd);
    door_close(&door);
}
END_TEST

/* So that what is served already does not wait for a crowd at the door. */
START_TEST(one_turn_takes_at_most_64)
{
    struct door door;
    int fds[70];

    door_open(&door, "127.0.0.1:0", 100, 100);
    for (size_t i = 0; i < 70; i++)
        fds[i] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 64);
    ck_assert_uint_eq(door.turns, 1);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 70);
    for (size_t i = 0; i < 70; i++)
        close(fds[i]);
    door_close(&door);
}
END_TEST

/* So that a crowd is not all of the first loop that sees it. */
START_TEST(one_of_two_loops_takes_half_as_many)
{
    struct door first, second;
    int fds[70];

    door_open(&first, "127.0.0.1:0", 100, 100);
    door_share(&first, &second);
    for (size_t i = 0; i < 70; i++)
        fds[i] = door_connect(&first);
    ev_run(second.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(second.accepted, 32);
    for (size_t i = 0; i < 70; i++)
        close(fds[i]);
    door_close(&second);
    door_close(&first);
}
END_TEST

/* Every loop accepts on the sockets that there are: the one that comes late finds nothing. */
START_TEST(two_loops_share_a_socket)
{
    struct door first, second;
    int fds[3];

    door_open(&first, "127.0.0.1:0", 10, 10);
    door_share(&first, &second);
    for (size_t i = 0; i < 2; i++)
        fds[i] = door_connect(&first);
    ev_run(second.ev, EVRUN_NOWAIT);
    ev_run(first.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(second.accepted, 2);
    ck_assert_uint_eq(first.accepted, 0);
    fds[2] = door_connect(&first);
    ev_run(first.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(first.accepted, 1);
    ck_assert_uint_eq(admission_connections(first.admission), 3);
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
    door_close(&second);
    door_close(&first);
}
END_TEST

START_TEST(without_room_there_is_a_503)
{
    struct door door;
    char answer[1024];
    const char *body;
    int good, refused;

    door_open(&door, "127.0.0.1:0", 1, 10);
    good = door_connect(&door);
    refused = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 1);
    door_read(refused, answer, sizeof answer);
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 503 Service Unavailable\r\n", 34), 0);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nConnection: close\r\n"));
    ck_assert_ptr_nonnull(strstr(answer, " http.max_connections allows"));
    body = strstr(answer, "\r\n\r\n");
    ck_assert_ptr_nonnull(body);
    ck_assert_uint_eq(strlen(body + 4), strtoul(strstr(answer, "Content-Length: ") + 16, NULL, 10));
    close(good);
    close(refused);
    door_close(&door);
}
END_TEST

START_TEST(an_address_has_its_limit_and_a_unix_socket_none)
{
    char answer[1024], spec[128];
    struct folder folder;
    struct door door;
    int fds[3];

    door_open(&door, "127.0.0.1:0", 10, 2);
    for (size_t i = 0; i < 3; i++)
        fds[i] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 2);
    door_read(fds[2], answer, sizeof answer);
    ck_assert_ptr_nonnull(strstr(answer, " http.max_connections_per_address allows"));
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
    door_close(&door);
    folder_make(&folder);
    snprintf(spec, sizeof spec, "unix:%s/socket", folder.path);
    door_open(&door, spec, 10, 2);
    for (size_t i = 0; i < 3; i++)
        fds[i] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.accepted, 3);
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
    door_close(&door);
    folder_remove(&folder);
}
END_TEST

/* Neither what the client sent before it was refused, nor what it sends after, is reset. */
START_TEST(who_is_refused_can_send_and_read_the_answer)
{
    struct door door;
    char answer[1024], bytes[4000];
    int good, before, after;

    memset(bytes, 'x', sizeof bytes);
    door_open(&door, "127.0.0.1:0", 1, 10);
    good = door_connect(&door);
    before = door_connect(&door);
    after = door_connect(&door);
    ck_assert_int_eq(send(before, bytes, sizeof bytes, 0), sizeof bytes);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_int_eq(send(after, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_int_eq(send(after, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
    door_read(before, answer, sizeof answer);
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 503 ", 13), 0);
    door_read(after, answer, sizeof answer);
    ck_assert_int_eq(strncmp(answer, "HTTP/1.1 503 ", 13), 0);
    ck_assert_uint_eq(door.listener.refusals.count, 2);
    /* And all of it was read when they are closed. */
    refusals_end(&door.listener.refusals);
    ck_assert_int_eq(door_error(before), 0);
    ck_assert_int_eq(door_error(after), 0);
    close(good);
    close(before);
    close(after);
    door_close(&door);
}
END_TEST

START_TEST(those_refused_linger_a_second_and_are_few)
{
    struct door door;
    int fds[REFUSALS_MAX + 5];

    door_open(&door, "127.0.0.1:0", 1, 10);
    fds[0] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    for (size_t i = 1; i < REFUSALS_MAX + 5; i++)
        fds[i] = door_connect(&door);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.listener.refusals.count, REFUSALS_MAX);
    ev_sleep(0.5);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.listener.refusals.count, REFUSALS_MAX);
    ev_sleep(0.8);
    ev_run(door.ev, EVRUN_NOWAIT);
    ck_assert_uint_eq(door.listener.refusals.count, 0);
    for (size_t i = 0; i < REFUSALS_MAX + 5; i++)
        close(fds[i]);
    door_close(&door);
}
END_TEST

int main(void)
{
    return RUN_TESTS("listener", connections_are_handed_over, one_turn_takes_at_most_64,
                     one_of_two_loops_takes_half_as_many, two_loops_share_a_socket,
                     without_room_there_is_a_503, an_address_has_its_limit_and_a_unix_socket_none,
                     who_is_refused_can_send_and_read_the_answer,
                     those_refused_linger_a_second_and_are_few);
}

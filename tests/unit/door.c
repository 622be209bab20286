#include "tests/unit/door.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/support.h"

static void on_accepted(void *arg, int fd, const struct sockaddr *address, socklen_t size,
                        uint32_t ticket)
{
    struct door *door = arg;

    (void)ticket;
    door->accepted++;
    memcpy(&door->peer, address, size < sizeof door->peer ? size : sizeof door->peer);
    close(fd);
}

static void on_turn_done(void *arg)
{
    ((struct door *)arg)->turns++;
}

static const struct listener_ops ops = {.accepted = on_accepted, .turn_done = on_turn_done};

static void start(struct door *door)
{
    const struct listener_options options = {.ev = door->ev,
                                             .sockets = &door->listening,
                                             .socket_count = 1,
                                             .loops = door->is_shared ? 2 : 1,
                                             .admission = door->admission,
                                             .ops = &ops,
                                             .arg = door};

    listener_start(&door->listener, &options);
}

void door_open(struct door *door, const char *spec, size_t max_connections, size_t max_per_address)
{
    const struct admission_options limits = {max_connections, max_per_address};
    char error[LISTENING_ERROR_BYTES] = "";

    *door = (struct door){.ev = ev_loop_new(EVFLAG_AUTO)};
    ck_assert_int_eq(admission_new(&limits, &door->admission), 0);
    ck_assert_msg(listening_open(spec, false, &door->listening, error) == 0, "%s", error);
    start(door);
}

void door_share(const struct door *first, struct door *second)
{
    *second = (struct door){.ev = ev_loop_new(EVFLAG_AUTO),
                            .listening = first->listening,
                            .admission = first->admission,
                            .is_shared = true};
    start(second);
}

void door_close(struct door *door)
{
    listener_stop(&door->listener);
    ev_loop_destroy(door->ev);
    if (door->is_shared)
        return;
    listening_close(&door->listening);
    admission_free(door->admission);
}

int door_connect(const struct door *door)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int fd;

    ck_assert_int_eq(getsockname(door->listening.fd, (struct sockaddr *)&address, &size), 0);
    fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, size), 0);
    return fd;
}

void door_read(int fd, char *out, size_t size)
{
    size_t used = 0;
    ssize_t got;

    while ((got = read(fd, out + used, size - 1 - used)) > 0)
        used += (size_t)got;
    ck_assert_int_eq(got, 0);
    out[used] = '\0';
}

int door_error(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;

    ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
    return error;
}

#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "daemon/log.h"

#define ACCEPTS_A_TURN 64 /* of all loops together */
#define PAUSE_SECONDS  0.2
#define SEND_BYTES     (128 * 1024) /* a client that never reads else holds 4 MB of the kernel */
/* A peer that is gone, or reads nothing, for so long is given up. */
#define USER_TIMEOUT_MS 120000

static void open_reserve(struct listener *listener)
{
    listener->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void prepare_connection(int fd, bool is_unix)
{
    const int bytes = SEND_BYTES;
    const unsigned timeout = USER_TIMEOUT_MS;

    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (!is_unix)
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

/* Without descriptors the sockets would stay readable and the loop spin: it rests for a while. */
static void rest(struct listener *listener)
{
    for (size_t i = 0; i < listener->options.socket_count; i++)
        ev_io_stop(listener->options.ev, &listener->sockets[i].io);
    ev_timer_again(listener->options.ev, &listener->pause);
}

/*
 * Takes the next connection with the reserve's descriptor, to answer it. 0 or -errno: others of the
 * process may take what was given up, and other loops the connection.
 */
static int answer_from_reserve(struct listener *listener, int listening)
{
    int fd, result = 0;

    if (listener->reserve >= 0)
        close(listener->reserve);
    fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        result = -errno;
    } else {
        admission_count_shortage(listener->options.admission);
        refusals_add(&listener->refusals, fd, REFUSED_DESCRIPTORS);
    }
    open_reserve(listener);
    return result;
}

/* After accept4() failed so. True if the next connection can be tried. */
static bool overcome(struct listener *listener, int listening, int error)
{
    bool by_descriptors = error == EMFILE || error == ENFILE;

    if (!by_descriptors && error != ENOBUFS && error != ENOMEM)
        return false;
    if (by_descriptors && listener->refusals.count > 0) {
        refusals_end(&listener->refusals);
        return true;
    }
    if (admission_may_log(listener->options.admission))
        log_warning("no connection can be accepted: %s; those that come %s", strerror(error),
                    by_descriptors ? "are answered 503" : "have to wait");
    if (by_descriptors)
        error = -answer_from_reserve(listener, listening);
    if (error != 0 && error != EAGAIN)
        rest(listener);
    return error == 0;
}

static void take(struct listener *listener, int fd, const struct sockaddr *address, socklen_t size,
                 bool is_unix)
{
    uint32_t ticket;
    enum admission_verdict verdict = admission_enter(listener->options.admission, address, &ticket);

    if (verdict != ADMITTED) {
        refusals_add(&listener->refusals, fd, verdict);
        return;
    }
    prepare_connection(fd, is_unix);
    listener->options.ops->accepted(listener->options.arg, fd, address, size, ticket);
}

static void on_readable(struct ev_loop *ev, ev_io *io, int events)
{
    const struct listener_socket *socket = io->data;
    struct listener *listener = socket->listener;

    (void)ev;
    (void)events;
    for (size_t i = 0; i < ACCEPTS_A_TURN / listener->options.loops; i++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        int fd = accept4(io->fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0)
            take(listener, fd, (struct sockaddr *)&address, size, socket->is_unix);
        else if (!overcome(listener, io->fd, errno))
            break;
    }
    listener->options.ops->turn_done(listener->options.arg);
}

static void on_pause_over(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct listener *listener = timer->data;

    (void)events;
    ev_timer_stop(ev, timer);
    for (size_t i = 0; i < listener->options.socket_count; i++)
        ev_io_start(ev, &listener->sockets[i].io);
}

void listener_start(struct listener *listener, const struct listener_options *options)
{
    *listener = (struct listener){.options = *options};
    open_reserve(listener);
    refusals_init(&listener->refusals, options->ev);
    ev_init(&listener->pause, on_pause_over);
    listener->pause.repeat = PAUSE_SECONDS;
    listener->pause.data = listener;
    for (size_t i = 0; i < options->socket_count; i++) {
        struct listener_socket *socket = &listener->sockets[i];

        socket->listener = listener;
        socket->is_unix = options->sockets[i].is_unix;
        ev_io_init(&socket->io, on_readable, options->sockets[i].fd, EV_READ);
        socket->io.data = socket;
        ev_io_start(options->ev, &socket->io);
    }
}

void listener_stop(struct listener *listener)
{
    for (size_t i = 0; i < listener->options.socket_count; i++)
        ev_io_stop(listener->options.ev, &listener->sockets[i].io);
    ev_timer_stop(listener->options.ev, &listener->pause);
    refusals_end(&listener->refusals);
    if (listener->reserve >= 0)
        close(listener->reserve);
    listener->reserve = -1;
}

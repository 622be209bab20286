#include "daemon/http_daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/routes.h"

/* A connection's memory in libmicrohttpd: headers beyond it are refused. 2 KiB refuses cookies. */
#define CONNECTION_MEMORY    (8 * 1024)
#define IDLE_TIMEOUT_SECONDS 30

/* Its context of a connection. */
struct connection {
    struct request request;
    uint32_t ticket;
};

/*
 * The raw target, before it is decoded and cut at an encoded zero. The request lives in its
 * connection's memory: libmicrohttpd never tells the end of one whose parameters do not fit its
 * own.
 */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct connection *own = info->socket_context;
    struct http_daemon *daemon = arg;
    struct request *request;

    if (!own)
        return NULL;
    request = &own->request;
    *request = (struct request){
        .loop = daemon->loop,
        .connection = connection,
        .target_length = strlen(target),
        .zero_in_target = memmem(target, strcspn(target, "?"), "%00", 3) != NULL,
    };
    return request;
}

/*
 * Called when the headers are there, at the request's end, and, if the endpoint made the request
 * wait, once more after that. An answer to the first call makes libmicrohttpd close the connection,
 * so only what might have a body gets it then.
 */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    struct request *request = *context;

    (void)arg;
    (void)connection;
    (void)upload;
    (void)upload_size;
    if (!request) /* no memory: the connection is closed */
        return MHD_NO;
    request->version = version;
    if (!request->begun && request_has_no_body(request, method)) {
        request->begun = true;
        return MHD_YES;
    }
    return routes_answer(request, path, method);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why)
{
    struct request *request = *context;

    (void)arg;
    (void)connection;
    (void)why;
    if (!request)
        return;
    stream_leave(request->subscriber);
    request->subscriber = NULL;
    waiters_leave(&request->loop->waiters, request);
    orders_leave(&request->loop->orders, request);
    *context = NULL;
}

/* Without memory there is no context, and the first request then closes the connection. */
static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_lane *lane = arg;
    struct http_daemon *daemon = lane->daemon;
    struct connection *own = *context;

    (void)connection;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        lane->connections++;
        own = calloc(1, sizeof *own);
        if (own)
            own->ticket = daemon->ticket;
        daemon->taken = own != NULL;
        *context = own;
    } else {
        lane->connections--;
        if (own)
            admission_leave(daemon->admission, own->ticket);
        free(own);
    }
}

__attribute__((format(printf, 2, 0))) static void on_mhd_log(void *arg, const char *format,
                                                             va_list arguments)
{
    char text[400];

    (void)arg;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    log_debug("libmicrohttpd: %s", text);
}

static int start_lane(struct http_daemon *daemon)
{
    struct http_lane *lane = &daemon->lanes[daemon->lane_count];
    struct epoll_event event = {.events = EPOLLIN};

    *lane = (struct http_lane){.daemon = daemon};
    lane->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, on_request, NULL, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, daemon, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, lane, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_LANE_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_SECONDS,
        MHD_OPTION_END);
    if (!lane->mhd)
        return -ENOMEM;
    if (epoll_ctl(daemon->epoll, EPOLL_CTL_ADD,
                  MHD_get_daemon_info(lane->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, &event) < 0) {
        MHD_stop_daemon(lane->mhd);
        return -errno;
    }
    daemon->lane_count++;
    return 0;
}

int http_daemon_start(struct http_daemon *daemon, struct http_loop *loop,
                      struct admission *admission)
{
    int result;

    *daemon = (struct http_daemon){
        .loop = loop, .admission = admission, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (daemon->epoll < 0)
        return -errno;
    result = start_lane(daemon);
    if (result < 0)
        close(daemon->epoll);
    return result;
}

void http_daemon_stop(struct http_daemon *daemon)
{
    for (size_t i = 0; i < daemon->lane_count; i++)
        MHD_stop_daemon(daemon->lanes[i].mhd);
    close(daemon->epoll);
}

int http_daemon_epoll(const struct http_daemon *daemon)
{
    return daemon->epoll;
}

/* The first that has room, so that those who come one after the other are together; or NULL. */
static struct http_lane *find_lane(struct http_daemon *daemon)
{
    for (size_t i = 0; i < daemon->lane_count; i++) {
        if (daemon->lanes[i].connections < HTTP_LANE_CONNECTIONS)
            return &daemon->lanes[i];
    }
    if (daemon->lane_count == HTTP_LANES || start_lane(daemon) < 0)
        return NULL;
    return &daemon->lanes[daemon->lane_count - 1];
}

/*
 * libmicrohttpd takes the connection before it returns, or closes the socket. One that it gives no
 * context is not counted any more, for who would give back the ticket?
 */
void http_daemon_take(struct http_daemon *daemon, int fd, const struct sockaddr *address,
                      socklen_t size, uint32_t ticket)
{
    struct http_lane *lane = find_lane(daemon);

    daemon->ticket = ticket;
    daemon->taken = false;
    if (!lane)
        close(fd);
    else if (MHD_add_connection(lane->mhd, fd, address, size) != MHD_YES)
        log_debug("a connection was not taken: %s", strerror(errno));
    if (!daemon->taken)
        admission_leave(daemon->admission, ticket);
}

bool http_daemon_run(struct http_daemon *daemon, bool all, uint64_t *out_ms)
{
    uint64_t next_ms = UINT64_MAX;

    for (size_t i = 0; i < daemon->lane_count; i++) {
        struct http_lane *lane = &daemon->lanes[i];
        MHD_UNSIGNED_LONG_LONG timeout_ms;

        if (all || lane->is_due)
            MHD_run(lane->mhd);
        if (MHD_get_timeout(lane->mhd, &timeout_ms) != MHD_YES)
            timeout_ms = UINT64_MAX;
        lane->is_due = timeout_ms == 0;
        if (timeout_ms < next_ms)
            next_ms = timeout_ms;
    }
    *out_ms = next_ms;
    return next_ms != UINT64_MAX;
}

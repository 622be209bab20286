#include "daemon/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/address.h"

#define LISTEN_BACKLOG 1024

static int fail(char *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(char *error, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, LISTENING_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return code;
}

static int bind_and_listen(int fd, const struct sockaddr *address, socklen_t size)
{
    if (bind(fd, address, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
        return -errno;
    return 0;
}

static int refuse_beyond(const char *address, char *error)
{
    return fail(error, -EACCES,
                "cannot listen on %s: beyond loopback there has to be \"auth\": \"none\" in the "
                "configuration, as there is no password yet",
                address);
}

/* The address of a spec that is allowed, for freeaddrinfo(); else NULL. */
static int resolve_tcp(const char *spec, bool beyond_loopback, struct addrinfo **out, char *error)
{
    int result = address_parse(spec, SOCK_STREAM, beyond_loopback, out);

    if (result == -EACCES)
        return refuse_beyond(spec, error);
    if (result < 0)
        return fail(error, result,
                    "cannot listen on %s: not ADDR:PORT with a numeric address, such as "
                    "127.0.0.1:8224 or [::1]:8224, or unix:PATH",
                    spec);
    return 0;
}

static int open_tcp(const char *spec, bool beyond_loopback, struct listening *out, char *error)
{
    struct addrinfo *info;
    const int on = 1;
    int result = resolve_tcp(spec, beyond_loopback, &info, error);
    AUTO_CLOSE int fd = -1;
    bool open;

    if (!info)
        return result;
    open = !address_is_loopback(info->ai_addr);
    fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    result = fd < 0 ? -errno : 0;
    if (result == 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (info->ai_family == AF_INET6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        result = bind_and_listen(fd, info->ai_addr, info->ai_addrlen);
    }
    freeaddrinfo(info);
    if (result < 0)
        return fail(error, result, "cannot listen on %s: %s", spec, strerror(-result));
    *out = (struct listening){.fd = scope_take_fd(&fd), .is_open = open};
    address_write(out->fd, out->address);
    return 0;
}

static int parse_unix(const char *spec, struct sockaddr_un *out, char *error)
{
    if (address_parse_unix(spec, out) == 0)
        return 0;
    return fail(error, -EINVAL, "cannot listen on %s: the path has to have 1 to %zu bytes", spec,
                sizeof out->sun_path - 1);
}

static int open_unix(const char *spec, struct listening *out, char *error)
{
    struct sockaddr_un address;
    AUTO_CLOSE int fd = -1;
    int result = parse_unix(spec, &address, error);

    if (result < 0)
        return result;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(error, -errno, "cannot listen on %s: %s", spec, strerror(errno));
    address_remove_abandoned(&address, SOCK_STREAM);
    result = bind_and_listen(fd, (const struct sockaddr *)&address, sizeof address);
    if (result < 0)
        return fail(error, result, "cannot listen on %s: %s", spec, strerror(-result));
    *out = (struct listening){.fd = scope_take_fd(&fd), .is_unix = true};
    snprintf(out->address, sizeof out->address, "%s", spec);
    return 0;
}

int listening_check(const char *spec, bool beyond_loopback, char error[LISTENING_ERROR_BYTES])
{
    struct sockaddr_un address;
    struct addrinfo *info;
    int result;

    if (address_is_unix(spec))
        return parse_unix(spec, &address, error);
    result = resolve_tcp(spec, beyond_loopback, &info, error);
    if (info)
        freeaddrinfo(info);
    return result;
}

int listening_open(const char *spec, bool beyond_loopback, struct listening *out,
                   char error[LISTENING_ERROR_BYTES])
{
    if (address_is_unix(spec))
        return open_unix(spec, out, error);
    return open_tcp(spec, beyond_loopback, out, error);
}

/* --- sockets that are open already --- */

static bool has_option(int fd, int option, int wanted)
{
    int value;
    socklen_t size = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

static void write_unix_address(const struct sockaddr_un *address, socklen_t size, char *out)
{
    size_t length = size - offsetof(struct sockaddr_un, sun_path);
    bool is_abstract = length > 0 && address->sun_path[0] == '\0';

    snprintf(out, LISTENING_ADDRESS_MAX, "%s%s%.*s", ADDRESS_UNIX_PREFIX, is_abstract ? "@" : "",
             (int)(length - is_abstract), address->sun_path + is_abstract);
}

/* Its address, and who may reach it. */
static int describe(int fd, struct listening *out)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    switch (address.ss_family) {
    case AF_UNIX:
        out->is_unix = true;
        write_unix_address((const struct sockaddr_un *)&address, size, out->address);
        return 0;
    case AF_INET:
    case AF_INET6:
        out->is_open = !address_is_loopback((const struct sockaddr *)&address);
        address_write(fd, out->address);
        return 0;
    default:
        return -EAFNOSUPPORT;
    }
}

int listening_adopt(int fd, bool beyond_loopback, struct listening *out,
                    char error[LISTENING_ERROR_BYTES])
{
    struct listening adopted = {.fd = fd, .is_adopted = true};
    int result, flags;

    if (!has_option(fd, SO_TYPE, SOCK_STREAM) || !has_option(fd, SO_ACCEPTCONN, 1))
        return fail(error, -EINVAL,
                    "cannot listen on descriptor %d, which was handed over: not a stream socket "
                    "that listens",
                    fd);
    result = describe(fd, &adopted);
    flags = fcntl(fd, F_GETFL);
    if (result == 0 && (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
        result = -errno;
    if (result < 0)
        return fail(error, result, "cannot listen on descriptor %d, which was handed over: %s", fd,
                    strerror(-result));
    if (adopted.is_open && !beyond_loopback)
        return refuse_beyond(adopted.address, error);
    *out = adopted;
    return 0;
}

void listening_url(const struct listening *listening, char url[LISTENING_URL_MAX])
{
    snprintf(url, LISTENING_URL_MAX, "%s%s%s", listening->is_unix ? "" : "http://",
             listening->address, listening->is_unix ? "" : "/");
}

void listening_close(struct listening *listening)
{
    if (listening->is_unix && !listening->is_adopted)
        unlink(listening->address + strlen(ADDRESS_UNIX_PREFIX));
    close(listening->fd);
    listening->fd = -1;
}

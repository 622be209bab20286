#include "daemon/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "collectors/parse.h"

#define LISTEN_BACKLOG 1024
#define UNIX_PREFIX    "unix:"

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

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               127;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static int bind_and_listen(int fd, const struct sockaddr *address, socklen_t size)
{
    if (bind(fd, address, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
        return -errno;
    return 0;
}

/* getaddrinfo(3) takes "-1", " 80" and "99999" too. */
static bool is_port(const char *text)
{
    struct scanner scanner = scanner_over(text, strlen(text));
    uint64_t port;

    return scan_u64(&scanner, &port) && scan_is_done(&scanner) && port <= UINT16_MAX;
}

/* "ADDR:PORT" or "[ADDR]:PORT"; numbers only, since looking up a name may block. */
static int parse_address(const char *spec, struct addrinfo **out)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(spec, ':');
    char host[LISTENING_ADDRESS_MAX];
    size_t length;

    if (!colon || !is_port(colon + 1) || strlen(spec) >= sizeof host)
        return -EINVAL;
    length = (size_t)(colon - spec);
    memcpy(host, spec, length);
    host[length] = '\0';
    if (host[0] == '[' && length > 2 && host[length - 1] == ']') {
        host[length - 1] = '\0';
        memmove(host, host + 1, length - 1);
    } else if (length == 0 || strchr(host, ':')) {
        return -EINVAL;
    }
    return getaddrinfo(host, colon + 1, &hints, out) == 0 ? 0 : -EINVAL;
}

static void write_address(int fd, char *out)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN] = "?", port[8] = "?";

    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, LISTENING_ADDRESS_MAX, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
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
    int result;

    *out = NULL;
    result = parse_address(spec, out);
    if (result < 0)
        return fail(error, result,
                    "cannot listen on %s: not ADDR:PORT with a numeric address, such as "
                    "127.0.0.1:8224 or [::1]:8224, or unix:PATH",
                    spec);
    if (beyond_loopback || is_loopback((*out)->ai_addr))
        return 0;
    freeaddrinfo(*out);
    *out = NULL;
    return refuse_beyond(spec, error);
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
    open = !is_loopback(info->ai_addr);
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
    write_address(out->fd, out->address);
    return 0;
}

/* A socket file that refuses connections was left behind by a daemon that is gone. */
static void remove_abandoned(const struct sockaddr_un *address)
{
    AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stat status;

    if (fd >= 0 && lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
        connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED)
        unlink(address->sun_path);
}

static int parse_unix(const char *spec, struct sockaddr_un *out, char *error)
{
    const char *path = spec + strlen(UNIX_PREFIX);
    size_t length = strlen(path);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length == 0 || length >= sizeof out->sun_path)
        return fail(error, -EINVAL, "cannot listen on %s: the path has to have 1 to %zu bytes",
                    spec, sizeof out->sun_path - 1);
    memcpy(out->sun_path, path, length);
    return 0;
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
    remove_abandoned(&address);
    result = bind_and_listen(fd, (const struct sockaddr *)&address, sizeof address);
    if (result < 0)
        return fail(error, result, "cannot listen on %s: %s", spec, strerror(-result));
    *out = (struct listening){.fd = scope_take_fd(&fd), .is_unix = true};
    snprintf(out->address, sizeof out->address, "%s", spec);
    return 0;
}

static bool is_unix_spec(const char *spec)
{
    return strncmp(spec, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0;
}

int listening_check(const char *spec, bool beyond_loopback, char error[LISTENING_ERROR_BYTES])
{
    struct sockaddr_un address;
    struct addrinfo *info;
    int result;

    if (is_unix_spec(spec))
        return parse_unix(spec, &address, error);
    result = resolve_tcp(spec, beyond_loopback, &info, error);
    if (info)
        freeaddrinfo(info);
    return result;
}

int listening_open(const char *spec, bool beyond_loopback, struct listening *out,
                   char error[LISTENING_ERROR_BYTES])
{
    if (is_unix_spec(spec))
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

    snprintf(out, LISTENING_ADDRESS_MAX, "%s%s%.*s", UNIX_PREFIX, is_abstract ? "@" : "",
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
        out->is_open = !is_loopback((const struct sockaddr *)&address);
        write_address(fd, out->address);
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
        unlink(listening->address + strlen(UNIX_PREFIX));
    close(listening->fd);
    listening->fd = -1;
}

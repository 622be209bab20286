#include "daemon/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "collectors/parse.h"

/* getaddrinfo(3) takes "-1", " 80" and "99999" too. */
static bool is_port(const char *text)
{
    struct scanner scanner = scanner_over(text, strlen(text));
    uint64_t port;

    return scan_u64(&scanner, &port) && scan_is_done(&scanner) && port <= UINT16_MAX;
}

int address_parse(const char *spec, int socket_type, bool beyond_loopback, struct addrinfo **out)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = socket_type};
    const char *colon = strrchr(spec, ':');
    char host[ADDRESS_MAX];
    size_t length;

    *out = NULL;
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
    if (getaddrinfo(host, colon + 1, &hints, out) != 0) {
        *out = NULL;
        return -EINVAL;
    }
    if (beyond_loopback || address_is_loopback((*out)->ai_addr))
        return 0;
    freeaddrinfo(*out);
    *out = NULL;
    return -EACCES;
}

bool address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               127;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

void address_write(int fd, char out[ADDRESS_MAX])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN] = "?", port[8] = "?";

    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, ADDRESS_MAX, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

bool address_is_unix(const char *spec)
{
    return strncmp(spec, ADDRESS_UNIX_PREFIX, strlen(ADDRESS_UNIX_PREFIX)) == 0;
}

int address_parse_unix(const char *spec, struct sockaddr_un *out)
{
    const char *path = spec + strlen(ADDRESS_UNIX_PREFIX);
    const size_t length = strlen(path);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length == 0 || length >= sizeof out->sun_path)
        return -EINVAL;
    memcpy(out->sun_path, path, length);
    return 0;
}

void address_remove_abandoned(const struct sockaddr_un *address, int socket_type)
{
    AUTO_CLOSE int fd = socket(AF_UNIX, socket_type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stat status;

    if (fd >= 0 && lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
        connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED)
        unlink(address->sun_path);
}

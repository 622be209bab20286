#include "daemon/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The name of a host in the DNS has 253. */
#define HOST_MAX 255

/* False for what is neither IPv4 nor IPv6. */
static bool format_address(const struct sockaddr *address, char *out, size_t size)
{
    char text[INET6_ADDRSTRLEN];

    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;

        memcpy(&four, address, sizeof four);
        inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
        snprintf(out, size, "%s", text);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 six;

        memcpy(&six, address, sizeof six);
        inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
        snprintf(out, size, "[%s]", text);
    } else {
        return false;
    }
    return true;
}

static int list_addresses(const struct addrinfo *list, char *out, size_t size)
{
    char address[INET6_ADDRSTRLEN + 2];
    size_t used = 0;
    int count = 0;

    for (; list && count < RESOLVE_ADDRESSES_MAX; list = list->ai_next) {
        if (!format_address(list->ai_addr, address, sizeof address))
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", count > 0 ? "," : "", address);
        count++;
    }
    return count;
}

bool resolve_localhost(const char *host, uint16_t port, char out[RESOLVE_BYTES])
{
    static const char suffix[] = ".localhost";
    const size_t length = strlen(host), suffix_length = sizeof suffix - 1;

    if (length > HOST_MAX ||
        (strcasecmp(host, suffix + 1) != 0 &&
         (length <= suffix_length || strcasecmp(host + length - suffix_length, suffix) != 0)))
        return false;
    snprintf(out, RESOLVE_BYTES, "%s:%u:127.0.0.1,[::1]", host, (unsigned)port);
    return true;
}

int resolve_host(const char *host, uint16_t port, char out[RESOLVE_BYTES], const char **error)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    size_t used;
    int code;

    if (strlen(host) > HOST_MAX) {
        *error = "its name is too long";
        return -E2BIG;
    }
    used = (size_t)snprintf(out, RESOLVE_BYTES, "%s:%u:", host, (unsigned)port);
    code = getaddrinfo(host, NULL, &hints, &list);
    if (code == 0 && list_addresses(list, out + used, RESOLVE_BYTES - used) == 0)
        code = EAI_NONAME;
    if (list)
        freeaddrinfo(list);
    if (code == 0)
        return 0;
    *error = gai_strerror(code);
    return code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY ? -ENOENT : -EAGAIN;
}

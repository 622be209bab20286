#include "daemon/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/service.h"

static int refuse(struct sockets *sockets, int result, const char *error)
{
    log_error("%s", error);
    sockets_close(sockets);
    return result;
}

static int adopt(struct sockets *sockets, int count, bool beyond_loopback)
{
    char error[LISTENING_ERROR_BYTES];

    if (count > LISTENING_MAX) {
        log_error("cannot listen: the service manager hands over %d sockets, at most %d are taken",
                  count, LISTENING_MAX);
        return -E2BIG;
    }
    for (int i = 0; i < count; i++) {
        int result = listening_adopt(SERVICE_FIRST_SOCKET + i, beyond_loopback,
                                     &sockets->list[sockets->count], error);

        if (result < 0)
            return refuse(sockets, result, error);
        sockets->count++;
    }
    return 0;
}

static int open_named(struct sockets *sockets, const struct config *config)
{
    char error[LISTENING_ERROR_BYTES];

    for (size_t i = 0; i < config->listen_count; i++) {
        int result = listening_open(config->listen[i], config->auth_none,
                                    &sockets->list[sockets->count], error);

        if (result == 0) {
            sockets->count++;
            continue;
        }
        /* A machine without IPv6 still has the other default. */
        if (config->listen_default && i > 0 &&
            (result == -EAFNOSUPPORT || result == -EADDRNOTAVAIL))
            continue;
        return refuse(sockets, result, error);
    }
    return 0;
}

int sockets_open(struct sockets *sockets, const struct config *config)
{
    int handed = service_sockets();

    if (handed > 0)
        return adopt(sockets, handed, config->auth_none);
    if (handed < 0) {
        log_error("cannot listen: LISTEN_FDS and LISTEN_PID: %s", strerror(-handed));
        return handed;
    }
    return open_named(sockets, config);
}

void sockets_close(struct sockets *sockets)
{
    while (sockets->count > 0)
        listening_close(&sockets->list[--sockets->count]);
}

void sockets_log(const struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++) {
        const struct listening *socket = &sockets->list[i];
        char url[LISTENING_URL_MAX];

        if (socket->is_open)
            log_warning("everyone who reaches %s can read everything, as \"auth\" is \"none\"",
                        socket->address);
        listening_url(socket, url);
        log_info("listening on %s%s", url, socket->is_adopted ? " (from the service manager)" : "");
    }
}

void sockets_status(const struct sockets *sockets, char status[SOCKETS_STATUS_BYTES])
{
    size_t length = (size_t)snprintf(status, SOCKETS_STATUS_BYTES, "serving");

    for (size_t i = 0; i < sockets->count && length < SOCKETS_STATUS_BYTES; i++) {
        char url[LISTENING_URL_MAX];

        listening_url(&sockets->list[i], url);
        length += (size_t)snprintf(status + length, SOCKETS_STATUS_BYTES - length, " %s", url);
    }
}

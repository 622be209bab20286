#include "daemon/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/clock.h"

#ifdef TACHO_SYSTEMD
#include <systemd/sd-daemon.h>

_Static_assert(SERVICE_FIRST_SOCKET == SD_LISTEN_FDS_START, "sd_listen_fds(3)");
#else
static int sd_watchdog_enabled(int unset_environment, uint64_t *usec)
{
    (void)unset_environment;
    (void)usec;
    return 0;
}

static int sd_listen_fds(int unset_environment)
{
    (void)unset_environment;
    return 0;
}
#endif

#define MESSAGE_BYTES 2048
#define NS_PER_US     1000

/* Where the manager listens: a path, or a name in the abstract namespace behind an '@'. */
static int manager_address(struct sockaddr_un *out, socklen_t *size)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t length = name ? strlen(name) : 0;

    if (length == 0)
        return -ENOENT;
    if ((*name != '/' && *name != '@') || length >= sizeof out->sun_path)
        return -EAFNOSUPPORT;
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, name, length);
    if (*name == '@')
        out->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return 0;
}

static int tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * sd_notify(3) would wait while the manager's queue is full, and the loop with it. The environment
 * is never changed: other threads read it. No child of this process inherits it.
 */
static int tell(const char *format, ...)
{
    char message[MESSAGE_BYTES];
    struct sockaddr_un address;
    socklen_t size;
    va_list arguments;
    int result = manager_address(&address, &size);
    AUTO_CLOSE int fd = -1;

    if (result < 0)
        return 0; /* nobody listens */
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (sendto(fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)&address, size) < 0)
        return -errno;
    return 0;
}

int service_ready(const char *status)
{
    return tell("READY=1\nSTATUS=%s", status);
}

/*
 * sd_notify(3): the time tells this reload's message from one that a former reload sent late. One
 * that is lost is made good by the ready that follows.
 */
void service_reloading(void)
{
    (void)!tell("RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the configuration",
                clock_mono_ns() / NS_PER_US);
}

void service_stopping(void)
{
    (void)!tell("STOPPING=1\nSTATUS=stopping");
}

int service_alive(void)
{
    return tell("WATCHDOG=1");
}

int64_t service_watchdog_ns(void)
{
    uint64_t usec = 0;

    if (sd_watchdog_enabled(0, &usec) <= 0 || usec > INT64_MAX / NS_PER_US)
        return 0;
    return (int64_t)usec * NS_PER_US;
}

int service_sockets(void)
{
    return sd_listen_fds(0);
}

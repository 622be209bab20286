#include "daemon/service.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/clock.h"

#ifdef TACHO_SYSTEMD
#include <systemd/sd-daemon.h>

_Static_assert(SERVICE_FIRST_SOCKET == SD_LISTEN_FDS_START, "sd_listen_fds(3)");
#else
static int sd_notify(int unset_environment, const char *state)
{
    (void)unset_environment;
    (void)state;
    return 0;
}

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

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The environment is never changed: other threads read it. No child of this process inherits it. */
static void tell(const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    /* Nothing can be done if nobody hears it. */
    (void)sd_notify(0, message);
}

void service_ready(const char *status)
{
    tell("READY=1\nSTATUS=%s", status);
}

/* sd_notify(3): the time tells this reload's message from one that a former reload sent late. */
void service_reloading(void)
{
    tell("RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the configuration",
         clock_mono_ns() / NS_PER_US);
}

void service_stopping(void)
{
    tell("STOPPING=1\nSTATUS=stopping");
}

void service_alive(void)
{
    tell("WATCHDOG=1");
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

#include "daemon/clock.h"

#include <stddef.h>
#include <time.h>

static struct clock_reading (*replaced_source)(void *arg);
static void *replaced_arg;

static int64_t read_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

struct clock_reading clock_now(void)
{
    if (replaced_source)
        return replaced_source(replaced_arg);
    return (struct clock_reading){
        .real_ns = read_ns(CLOCK_REALTIME),
        .mono_ns = read_ns(CLOCK_MONOTONIC),
        .boot_ns = read_ns(CLOCK_BOOTTIME),
    };
}

int64_t clock_mono_ns(void)
{
    if (replaced_source)
        return replaced_source(replaced_arg).mono_ns;
    return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_thread_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

void clock_replace(struct clock_reading (*source)(void *arg), void *arg)
{
    replaced_source = source;
    replaced_arg = arg;
}

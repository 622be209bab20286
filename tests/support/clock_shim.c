/*
 * Preloaded (LD_PRELOAD) into a program, makes its clocks go wrong as a test wants: see clock.mjs.
 * The file that TACHO_CLOCK names holds two int64_t, in nanoseconds: for how long the machine was
 * suspended, and by how much its clock was set. The kernel is asked by system call: that way no
 * order of libraries and sanitizers matters.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000

struct offsets {
    _Atomic int64_t suspended_ns;
    _Atomic int64_t set_ns;
};

static struct offsets none;
static struct offsets *offsets = &none;

__attribute__((constructor)) static void map_offsets(void)
{
    const char *path = getenv("TACHO_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *mapped;

    if (fd < 0)
        return;
    mapped = mmap(NULL, sizeof *offsets, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED)
        offsets = mapped;
}

/* CLOCK_MONOTONIC stands still while the machine is suspended, and nobody sets CLOCK_BOOTTIME. */
static int64_t offset_ns(clockid_t id)
{
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        return offsets->suspended_ns + offsets->set_ns;
    case CLOCK_BOOTTIME:
        return offsets->suspended_ns;
    default:
        return 0;
    }
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int64_t ns;

    if (syscall(SYS_clock_gettime, id, ts) != 0)
        return -1;
    ns = (int64_t)ts->tv_sec * NS_PER_SECOND + ts->tv_nsec + offset_ns(id);
    *ts = (struct timespec){.tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND};
    return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec ts;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
        return -1;
    *tv = (struct timeval){.tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec ts;

    if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
        return (time_t)-1;
    if (out)
        *out = ts.tv_sec;
    return ts.tv_sec;
}

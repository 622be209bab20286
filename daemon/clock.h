/*
 * All clocks are read here, so that a test can replace time as a whole.
 */
#ifndef TACHO_DAEMON_CLOCK_H
#define TACHO_DAEMON_CLOCK_H

#include <stdint.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS     INT64_C(1000000)

/* One moment on the three clocks of clock_gettime(2), in nanoseconds. */
struct clock_reading {
    int64_t real_ns; /* CLOCK_REALTIME: wall time, may be set */
    int64_t mono_ns; /* CLOCK_MONOTONIC: stands still while the machine is suspended */
    int64_t boot_ns; /* CLOCK_BOOTTIME: goes on while the machine is suspended */
};

/* Reads all three clocks. Any thread. */
struct clock_reading clock_now(void);

/* CLOCK_MONOTONIC alone, which is what durations are measured with. Any thread. */
int64_t clock_mono_ns(void);

/* CPU time of the calling thread, from any moment on; this one is never replaced. */
int64_t clock_thread_ns(void);

/*
 * Puts another source in place of the kernel's clocks; NULL restores them. Call it while no other
 * thread of the program runs. arg is handed to the source.
 */
void clock_replace(struct clock_reading (*source)(void *arg), void *arg);

#endif

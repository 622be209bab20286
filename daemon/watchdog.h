/*
 * Tells the service manager that tachod is alive, four times in the time that it waits, but
 * only on proof: ticks are published, and each HTTP loop has turned since it was asked last. So it
 * is restarted when either hangs, and not for the sake of a disk or a file system that does.
 */
#ifndef TACHO_DAEMON_WATCHDOG_H
#define TACHO_DAEMON_WATCHDOG_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/history.h"

struct watchdog_options {
    struct ev_loop *ev;
    const struct history *history;
    int64_t interval_ns; /* of ticks */
    /* Mandatory: true if each HTTP loop has turned since the last call, which asked it to. */
    bool (*loops_turned)(void *arg);
    void *loops_arg;
};

/* Caller's memory. Main loop only. */
struct watchdog {
    struct watchdog_options options;
    ev_timer timer;
    double waits_s; /* the manager does; 0: none waits */
    uint64_t seq;   /* the newest tick that was seen, and when it was seen first */
    int64_t seq_ns;
};

/* Does nothing where no watchdog waits. What the options point to outlives it. */
void watchdog_start(struct watchdog *watchdog, const struct watchdog_options *options);
void watchdog_stop(struct watchdog *watchdog);

#endif

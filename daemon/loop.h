/*
 * A libev loop that measures itself. The time from the return of a poll to the next poll is the
 * time in which nothing else on this loop was served: whatever became ready meanwhile waited up to
 * that long. That is the delay that tacho_loop_delay_seconds shows.
 */
#ifndef TACHO_DAEMON_LOOP_H
#define TACHO_DAEMON_LOOP_H

#include <ev.h>
#include <stdatomic.h>
#include <stdint.h>

struct loop {
    const char *name; /* the label "loop"; constant */
    struct ev_loop *ev;
    ev_prepare before_poll;
    ev_check after_poll;
    int64_t woke_ns; /* CLOCK_MONOTONIC when the last poll returned */
    _Atomic uint64_t busy_ns;
    _Atomic uint64_t iterations;
    _Atomic uint64_t longest_ns; /* since loop_take_longest() was last called */
};

/* Watches ev, which the caller owns. The measuring watchers do not keep the loop alive. */
void loop_init(struct loop *loop, const char *name, struct ev_loop *ev);
void loop_finish(struct loop *loop);

/* Running totals. Any thread. */
uint64_t loop_busy_ns(const struct loop *loop);
uint64_t loop_iterations(const struct loop *loop);

/* The longest time between two polls since the last call, which it forgets. Any thread. */
uint64_t loop_take_longest_ns(struct loop *loop);

#endif

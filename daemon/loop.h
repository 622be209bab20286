/*
 * A libev loop that measures its delay: how long something that was due waited for the loop. Two
 * things tell of it. From the return of a poll to the next poll nothing else is served, so whatever
 * became ready meanwhile waited up to that long. And where a callback knows when it was due (the
 * tick, a wake-up by another thread) it notes how late it came, which shows a loop that got no CPU.
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
    _Atomic uint64_t delay_ns; /* the longest since loop_take_delay_ns() was last called */
};

/* Watches ev, which the caller owns. The measuring watchers do not keep the loop alive. */
void loop_init(struct loop *loop, const char *name, struct ev_loop *ev);
void loop_finish(struct loop *loop);

/* Running totals. Any thread. */
uint64_t loop_busy_ns(const struct loop *loop);
uint64_t loop_iterations(const struct loop *loop);

/* Something ran on this loop so long after it was due. */
void loop_note_delay(struct loop *loop, uint64_t ns);

/* The longest delay since the last call, which it forgets. Any thread. */
uint64_t loop_take_delay_ns(struct loop *loop);

#endif

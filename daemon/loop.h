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

/* What a loop spends its time on. */
enum loop_phase {
    PHASE_IDLE,   /* waiting in its poll */
    PHASE_SAMPLE, /* reading the machine, deriving */
    PHASE_STORE,  /* handing rows to the history */
    PHASE_ENCODE, /* following ticks and making the stream's frames of them */
    PHASE_SERVE,  /* requests and connections; and whatever is none of the others */
    LOOP_PHASES,
};

#define LOOP_CALLBACKS_MAX 8

struct loop {
    const char *name; /* the label "loop"; constant */
    struct ev_loop *ev;
    ev_prepare before_poll;
    ev_check after_poll;
    int64_t woke_ns; /* CLOCK_MONOTONIC when the last poll returned */
    enum loop_phase phase;
    int64_t entered_ns; /* and when the phase was entered */
    const char *const *callback_names;
    size_t callback_count;
    _Atomic uint64_t callback_ns[LOOP_CALLBACKS_MAX]; /* the longest run of each, as delay_ns */
    _Atomic uint64_t phase_ns[LOOP_PHASES];
    _Atomic uint64_t iterations;
    _Atomic uint64_t delay_ns; /* the longest since loop_take_delay_ns() was last called */
};

/*
 * Watches ev, which the caller owns. The measuring watchers do not keep the loop alive. The names
 * of its callbacks, at most LOOP_CALLBACKS_MAX, are constant.
 */
void loop_init(struct loop *loop, const char *name, struct ev_loop *ev,
               const char *const *callback_names, size_t callback_count);
void loop_finish(struct loop *loop);

const char *loop_phase_name(enum loop_phase phase);

/* From now on time counts for this phase; gives the one it counted for. On the loop's thread. */
enum loop_phase loop_enter(struct loop *loop, enum loop_phase phase);

/* A run of a callback, by its place in callback_names. On the loop's thread. */
struct loop_run {
    struct loop *loop;
    size_t callback;
    int64_t began_ns;
};

struct loop_run loop_begin(struct loop *loop, size_t callback);
void loop_end(const struct loop_run *run);

/* Running totals. Any thread. */
uint64_t loop_phase_ns(const struct loop *loop, enum loop_phase phase);
uint64_t loop_iterations(const struct loop *loop);

/* Something ran on this loop so long after it was due. */
void loop_note_delay(struct loop *loop, uint64_t ns);

/* The longest delay since the last call, which it forgets. Any thread. */
uint64_t loop_take_delay_ns(struct loop *loop);

/* The longest run of a callback since the last call, which it forgets. Any thread. */
uint64_t loop_take_callback_ns(struct loop *loop, size_t callback);

#endif

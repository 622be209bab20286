/*
 * The daemon's metrics of itself: the delay of its loops, the tick's lateness and cost, what was
 * lost. Main loop only; what other threads count is read from atomics.
 */
#ifndef TACHO_DAEMON_SELF_H
#define TACHO_DAEMON_SELF_H

#include "collectors/collector.h"
#include "daemon/loop.h"
#include "daemon/scope.h"

#define SELF_LOOPS_MAX    16
#define SELF_COUNTERS_MAX 32

struct self_loop {
    struct loop *loop;
    struct sink_series delay, iterations;
    struct sink_series phases[LOOP_PHASES];
    struct sink_series callbacks[LOOP_CALLBACKS_MAX];
};

/* One number that some part of the daemon counts; read at each tick. */
struct self_counter {
    const struct metric *metric; /* constant */
    const struct label *label;   /* constant; NULL: it has none */
    uint64_t (*read)(void *arg);
    void *arg;
    struct sink_series series;
};

struct self {
    struct self_loop loops[SELF_LOOPS_MAX];
    size_t loop_count;
    struct self_counter counters[SELF_COUNTERS_MAX];
    size_t counter_count;
    struct sink_series lateness, cost;
};

void self_init(struct self *self);

/* loop outlives the sampler's last tick. */
void self_add_loop(struct self *self, struct loop *loop);

/* Shows what read(arg) gives at each tick, with this label or, if it is NULL, without any. */
void self_add(struct self *self, const struct metric *metric, const struct label *label,
              uint64_t (*read)(void *arg), void *arg);

/* lateness: of this tick; cost: time that making the tick before took. */
void self_sample(struct self *self, struct sink *sink, int64_t lateness_ns, int64_t cost_ns);

#endif

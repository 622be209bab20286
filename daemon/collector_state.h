/*
 * What a collector is doing and since when. The sampler says it, any thread asks: all of it is one
 * word, so that what is read belongs together.
 */
#ifndef TACHO_DAEMON_COLLECTOR_STATE_H
#define TACHO_DAEMON_COLLECTOR_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum collector_condition {
    COLLECTOR_RUNNING,
    COLLECTOR_OFF,     /* switched off in the configuration */
    COLLECTOR_ABSENT,  /* there is no such source on this machine */
    COLLECTOR_DENIED,  /* there may be, but not for this process */
    COLLECTOR_FAILING, /* whatever else is wrong */
};

/*
 * One collector's. The name is constant, as the interval is at which it is sampled; the rest is all
 * zero before anything was said.
 */
struct collector_state {
    const char *name;
    uint32_t interval_ms;
    _Atomic uint64_t word;
    _Atomic int64_t cost_ns; /* what being sampled takes, of late */
};

struct collector_status {
    enum collector_condition condition;
    int error;        /* errno's number, or 0 */
    int64_t since_ms; /* Unix milliseconds, of the condition: errors may change meanwhile */
};

/* Main loop only. */
void collector_state_set(struct collector_state *state, enum collector_condition condition,
                         int error, int64_t now_ms);

/* As collector_state_set, of what open() or sample() gave. */
void collector_state_set_result(struct collector_state *state, int result, int64_t now_ms);

/* False if nothing was said yet. Any thread. */
bool collector_state_read(const struct collector_state *state, struct collector_status *out);

/* It took so long, which is a part of the moving average that is shown. Main loop only. */
void collector_state_add_cost(struct collector_state *state, int64_t took_ns);

/* Whether open() or sample() found that this machine has no such source. */
bool collector_result_is_absence(int result);

/* "running", "off", … */
const char *collector_condition_name(enum collector_condition condition);

#endif

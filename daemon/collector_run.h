/*
 * One collector as the sampler runs it: opened, sampled when it is due, tried again when it fails,
 * switched off and on. Main loop only.
 */
#ifndef TACHO_DAEMON_COLLECTOR_RUN_H
#define TACHO_DAEMON_COLLECTOR_RUN_H

#include "collectors/collector.h"
#include "daemon/collector_state.h"

/* One that this machine does not have is looked for again after so long. */
#define COLLECTOR_RUN_RETRY_S 60

struct collector_run {
    const struct collector *collector;
    struct collector_state *shown;
    uint32_t interval_ms; /* how often it is sampled */
    bool each_tick;
    bool off;            /* by the configuration */
    void *state;         /* NULL: not open */
    int64_t former_slot; /* of its interval's grid, in which it was sampled last */
    bool again;          /* it has more to say at the next tick */
    int64_t open_again_ns;
    int64_t trouble_until_ns; /* it counts as such before, unless a round ends well */
    int64_t silent_until_ns;  /* no further message before */
    bool absent_told;         /* since it was there last */
    bool absent_new;          /* the same, and the caller has not told it yet: it clears this */
    int64_t took_ns;          /* the last time that it was opened or sampled */
};

/* Switched on. shown is where its condition is told; it outlives the run, as the collector does. */
void collector_run_init(struct collector_run *run, const struct collector *collector,
                        uint32_t tick_ms, struct collector_state *shown);
void collector_run_finish(struct collector_run *run);

/*
 * What it does in a tick; slot_ns is the tick's in the grid. The sink's interval is its own
 * meanwhile. Where it fails its values are absent, and there is a message, at most one a minute.
 */
void collector_run_tick(struct collector_run *run, const struct collector_roots *roots,
                        struct sink *sink, int64_t slot_ns);

/*
 * Off: it is closed at once, and its series are left to the caller. On: the next tick opens it.
 * False if it was so already.
 */
bool collector_run_switch(struct collector_run *run, bool on);

#endif

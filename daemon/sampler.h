/*
 * The sampler makes ticks: it runs every collector, adds the daemon's own metrics and the derived
 * series, and commits the row. Main loop only.
 */
#ifndef TACHO_DAEMON_SAMPLER_H
#define TACHO_DAEMON_SAMPLER_H

#include "collectors/collector.h"
#include "daemon/clock.h"
#include "daemon/collector_state.h"
#include "daemon/history.h"
#include "daemon/self.h"
#include "daemon/series.h"

struct sampler_options {
    const struct collector *const *collectors; /* outlive the sampler, as all pointers here */
    size_t collector_count;
    struct collector_roots roots;
    int64_t interval_ns;
    uint32_t max_series;
    struct history *history;
    struct series_table *table;
    struct task_runner *tasks;
    struct process_board *processes; /* NULL: nobody takes lists */
};

#define SAMPLER_SOURCES_MAX 4

/* Where values come from that no collector reads: what applications say. */
struct sampler_source {
    /*
     * Writes what has arrived since the tick before, after all collectors; never waits. May set the
     * sink's interval_ms for what it declares, which is the tick's again afterwards.
     */
    void (*sample)(void *arg, struct sink *sink);
    void *arg; /* outlives the sampler */
};

struct sampler;

/* The roots' strings outlive the sampler too. 0 or -ENOMEM. */
int sampler_new(const struct sampler_options *options, struct sampler **out) MUST_CHECK;
void sampler_free(struct sampler *sampler);

/*
 * Goes on behind the ticks that the history has from before a restart: rates start from them, and
 * the first tick has these flags. Before the first tick.
 */
void sampler_continue(struct sampler *sampler, uint32_t first_flags);

/*
 * Switches a collector, by its place among the options', off or on; all are on at first. One that
 * is switched off is closed at once and its series go with the next tick, which opens one that is
 * switched on.
 */
void sampler_switch(struct sampler *sampler, size_t index, bool on);

/*
 * Before the first tick. Their series are theirs to release; one that another source has is refused
 * with -EEXIST.
 */
void sampler_add_source(struct sampler *sampler, const struct sampler_source *source);

/* What each collector is doing, in the options' order. */
const struct collector_state *sampler_states(const struct sampler *sampler);

/* Where the daemon's own metrics come from; see self.h. */
struct self *sampler_self(struct sampler *sampler);

/*
 * Makes one tick of the readings that it takes now, and gives its sequence number. A collector
 * that fails leaves its values absent and a message, at most one a minute; it never stops a tick.
 */
uint64_t sampler_tick(struct sampler *sampler);

#endif

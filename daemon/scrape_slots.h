/*
 * Who writes which slot of the row, of all targets: two texts may name one series, and only the
 * first may have it. But what a target is told of by, such as up, is never another target's: it is
 * taken from whoever exposed it. Main loop only.
 */
#ifndef TACHO_DAEMON_SCRAPE_SLOTS_H
#define TACHO_DAEMON_SCRAPE_SLOTS_H

#include "collectors/collector.h"

/* All zero at first; scrape_slots_finish(). The series stay where they are while they have one. */
struct scrape_slots {
    const struct sink_series **takers; /* by slot; NULL: nobody */
    uint32_t count;
};

void scrape_slots_finish(struct scrape_slots *slots);

/*
 * Declares a series that has no slot yet. False if it has none now either: there is no room, or it
 * is somebody else's.
 */
bool scrape_slots_want(struct scrape_slots *slots, struct sink *sink, struct sink_series *series,
                       const struct metric *metric, const struct label *labels, size_t label_count);

/* The same of a target's own, which takes the slot from another. */
bool scrape_slots_take(struct scrape_slots *slots, struct sink *sink, struct sink_series *series,
                       const struct metric *metric, const struct label *labels, size_t label_count);

/* Whether it has a slot, and still has it: nobody else may write there. */
bool scrape_slots_has(const struct scrape_slots *slots, const struct sink_series *series);

/* It ends; if it has no slot, it only forgets. */
void scrape_slots_drop(struct scrape_slots *slots, struct sink *sink, struct sink_series *series);

#endif

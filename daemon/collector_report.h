/*
 * What node_exporter says of each of its collectors: whether it succeeded and how long it took.
 * Under its names, of which one may stand for several collectors here. Main loop only.
 */
#ifndef TACHO_DAEMON_COLLECTOR_REPORT_H
#define TACHO_DAEMON_COLLECTOR_REPORT_H

#include "daemon/collector_run.h"
#include "daemon/scope.h"

/* How often it is said. */
#define COLLECTOR_REPORT_MS 10000

struct collector_report_entry {
    const char *name;
    struct sink_series success, duration;
};

struct collector_report {
    struct collector_report_entry *entries; /* by the collectors' order */
    size_t entry_count;
    size_t *entry_of; /* by collector */
    size_t run_count;
    int64_t former_slot; /* of the report's own grid */
};

/* Of these runs, in the order that they are sampled in. 0 or -ENOMEM; to be finished either way. */
int collector_report_init(struct collector_report *report, const struct collector_run *runs,
                          size_t run_count) MUST_CHECK;
void collector_report_finish(struct collector_report *report);

/*
 * In the first tick of each 10 seconds, slot_ns being the tick's in the grid: whether one of the
 * collectors of a name runs and the others do too, where the machine has what they read; and the
 * sum of what each last took. Those that are off are not told of.
 */
void collector_report_sample(struct collector_report *report, const struct collector_run *runs,
                             struct sink *sink, int64_t slot_ns);

#endif

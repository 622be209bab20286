/* What makes ticks, with or without anybody to serve them to. Main loop only. */
#ifndef TACHO_DAEMON_CORE_H
#define TACHO_DAEMON_CORE_H

#include "daemon/bucket_board.h"
#include "daemon/config.h"
#include "daemon/processes.h"
#include "daemon/sampler.h"
#include "daemon/series_quota.h"
#include "daemon/storage.h"
#include "daemon/worker.h"

#define CORE_MAX_SERIES 10000

struct core {
    struct history *history;
    struct series_table *table;
    struct storage storage;
    struct workers *workers;
    struct processes *processes;
    struct chooser *chooser; /* what collectors and their workers ask */
    struct sampler *sampler;
    struct series_quota quota;    /* of what applications bring */
    struct bucket_board *buckets; /* of their timers */
    bool left_behind;             /* at the end: a thread, in a call that has not returned */
};

/*
 * Opens the data directory, but for a snapshot that ends with itself, and goes on with what is
 * there. The config outlives it. 0, or -errno with nothing to finish and the error logged.
 */
int core_init(struct core *core, const struct config *config) MUST_CHECK;
void core_finish(struct core *core);

/* Switches the collectors, and what is shown of processes, as the configuration says. */
void core_configure(struct core *core, const struct config *config);

/*
 * The end of the process, after core_finish(): gives the status, or ends at once where a worker was
 * left behind. exit(3) would take away what that one uses when it goes on, and the leak sanitizer
 * would wait for it.
 */
int core_leave(const struct core *core, int status);

#endif

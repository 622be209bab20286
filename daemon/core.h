/* What makes ticks, with or without anybody to serve them to. Main loop only. */
#ifndef TACHO_DAEMON_CORE_H
#define TACHO_DAEMON_CORE_H

#include "daemon/config.h"
#include "daemon/sampler.h"
#include "daemon/worker.h"

#define CORE_MAX_SERIES 10000

struct core {
    struct history *history;
    struct series_table *table;
    struct workers *workers;
    struct sampler *sampler;
};

/* The config outlives it. 0, or -errno with nothing to finish and the error logged. */
int core_init(struct core *core, const struct config *config) MUST_CHECK;
void core_finish(struct core *core);

#endif

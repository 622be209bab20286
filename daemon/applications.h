/*
 * What applications say, beside what the machine does: the daemon's part that asks them. Main loop
 * only.
 */
#ifndef TACHO_DAEMON_APPLICATIONS_H
#define TACHO_DAEMON_APPLICATIONS_H

#include "daemon/config.h"
#include "daemon/core.h"
#include "daemon/loop.h"
#include "daemon/scraper.h"

struct applications {
    struct scraper *scraper;
};

/*
 * Adds its sources to the core's sampler, before the first tick. What it does on the loop, which
 * need not be initialised yet, counts as the callback of this place. 0 or -ENOMEM.
 */
int applications_init(struct applications *applications, struct core *core, struct loop *loop,
                      size_t fetch_callback, int64_t interval_ns) MUST_CHECK;

/* No tick follows. */
void applications_finish(struct applications *applications);

/* As the configuration says, which outlives it, or the next call. The loop is initialised. */
void applications_configure(struct applications *applications, const struct config *config);

#endif

/*
 * What applications say, beside what the machine does: those that are scraped, and StatsD. Main
 * loop only.
 */
#ifndef TACHO_DAEMON_APPLICATIONS_H
#define TACHO_DAEMON_APPLICATIONS_H

#include "daemon/config.h"
#include "daemon/core.h"
#include "daemon/loop.h"
#include "daemon/scraper.h"
#include "daemon/statsd.h"

struct applications {
    struct scraper *scraper;
    struct statsd *statsd; /* NULL: nobody asked for it */
};

/*
 * Listens for StatsD and adds its sources to the core's sampler, before the first tick. What it
 * does on the loop, which need not be initialised yet, counts as the callback of this place. 0, or
 * -errno with nothing to finish and the error logged.
 */
int applications_start(struct applications *applications, struct core *core, struct loop *loop,
                       size_t fetch_callback, const struct config *config) MUST_CHECK;

/* No tick follows. */
void applications_stop(struct applications *applications);

/* Scrapes what the configuration says, which outlives it, or the next call. The loop is
 * initialised. */
void applications_configure(struct applications *applications, const struct config *config);

#endif

/*
 * Scraping: asks targets for their metrics as Prometheus does, on the main loop, and writes what
 * they say into the ticks. Main loop only, but for the board.
 */
#ifndef TACHO_DAEMON_SCRAPER_H
#define TACHO_DAEMON_SCRAPER_H

#include "collectors/collector.h"
#include "collectors/task.h"
#include "daemon/loop.h"
#include "daemon/scrape_board.h"
#include "daemon/scrape_config.h"
#include "daemon/series_quota.h"

/* The pointers outlive it. */
struct scraper_options {
    struct loop *loop; /* the main one, which need not be initialised before there are targets */
    size_t callback;   /* its place for what is measured here */
    struct task_runner *tasks;
    struct series_quota *quota;
    int64_t interval_ns; /* of the ticks */
};

struct scraper;

/* Without targets, it costs nothing. 0 or -ENOMEM. */
int scraper_new(const struct scraper_options *options, struct scraper **out) MUST_CHECK;

/* Waits for nothing. NULL is a no-op. */
void scraper_free(struct scraper *scraper);

/*
 * These are the targets from now on; they outlive the scraper, or the next call. One that is as it
 * was goes on. One that there is no memory for is told of in the log.
 */
void scraper_set_targets(struct scraper *scraper, const struct scrape_config *targets,
                         size_t count);

/* For sampler_add_source(). */
void scraper_sample(void *arg, struct sink *sink);

struct scrape_board *scraper_board(struct scraper *scraper);

#endif

/*
 * What has to be known before a target can be asked, and may block: its host's addresses and its
 * token. A worker finds both out, time and again; one that does not return is not asked twice. Half
 * of the workers may be out for this at once: where so many do not return, others wait for them,
 * but those whose names are known go on with what is known, and localhost and addresses need no
 * worker. Main loop only, but for the worker's part.
 */
#ifndef TACHO_DAEMON_SCRAPE_PREPARE_H
#define TACHO_DAEMON_SCRAPE_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/task.h"
#include "daemon/scrape_config.h"

/* So often, and so often while it fails. */
#define SCRAPE_PREPARE_NS INT64_C(60000000000)
#define SCRAPE_RETRY_NS   INT64_C(10000000000)

#define SCRAPE_TOKEN_MAX 4096 /* bytes */

struct scrape_prepare;

/* The tasks outlive it; of the configuration it has copies. 0 or -ENOMEM. */
int scrape_prepare_new(const struct scrape_config *config, struct task_runner *tasks,
                       struct scrape_prepare **out) MUST_CHECK;

/* Does not wait for the worker. NULL is a no-op. */
void scrape_prepare_free(struct scrape_prepare *prepare);

/*
 * Takes what was found out and has it found out anew where that is due; at each tick, now being
 * CLOCK_MONOTONIC. True: the target can be asked. Else the error says why, or is NULL where it is
 * only not known yet; after TASK_DEADLINE_NS that is an error too, whether a worker has begun with
 * it or not.
 */
bool scrape_prepare_tend(struct scrape_prepare *prepare, int64_t now_ns, const char **error);

/* For fetch_start(), once it can be asked; until the next call of scrape_prepare_tend(). */
const char *scrape_prepare_addresses(const struct scrape_prepare *prepare);
const char *scrape_prepare_token(const struct scrape_prepare *prepare);

#endif

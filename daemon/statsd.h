/*
 * StatsD as a whole: its sockets, the ingest thread, and what the ticks have of it. Main loop only,
 * unless said.
 */
#ifndef TACHO_DAEMON_STATSD_H
#define TACHO_DAEMON_STATSD_H

#include "daemon/bucket_board.h"
#include "daemon/config.h"
#include "daemon/sampler.h"
#include "daemon/sender_board.h"
#include "daemon/series_quota.h"

struct statsd;

/*
 * Listens where the configuration says, and adds itself to the sampler, before its first tick;
 * where it says nothing *out is NULL. All outlive it. 0, or -errno with the error logged.
 */
int statsd_start(const struct config *config, struct sampler *sampler, struct series_quota *quota,
                 struct bucket_board *buckets, struct statsd **out) MUST_CHECK;

/* Behind the last tick; NULL is a no-op. */
void statsd_stop(struct statsd *statsd);

/* The addresses in force in turn, "udp:127.0.0.1:8125"; NULL behind the last. Any thread. */
const char *statsd_listen(const struct statsd *statsd, size_t index);

/* Who sends, as sender_board_read() has it for any thread. */
struct sender_board *statsd_senders(struct statsd *statsd);

#endif

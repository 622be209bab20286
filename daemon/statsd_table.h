/*
 * The series that StatsD's senders have and what they said of them since the tick before. Two
 * threads use it. The ingest thread fills a buffer, holding the lock for a batch; the tick takes
 * the buffer and leaves an empty one. A door before the lock has the tick be the next; and whatever
 * a packet is made of, its work is bounded for which the lock is held, so that the tick waits for a
 * fraction of a millisecond.
 *
 * A series is known by an index below the table's capacity, and ends when its senders have gone;
 * the index is given out again when the tick has seen that.
 */
#ifndef TACHO_DAEMON_STATSD_TABLE_H
#define TACHO_DAEMON_STATSD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/application/statsd.h"
#include "daemon/drops.h"
#include "daemon/scope.h"
#include "daemon/statsd_buffer.h"

/* Senders that are known one by one: a series has a bit for each. */
#define STATSD_SENDERS_MAX 512
#define STATSD_NO_SENDER   UINT32_MAX

/* A series of a sender that is not known ends when nothing came for so long. */
#define STATSD_UNKNOWN_MS 60000

/* Series of the catalog that timers have: the histogram, three quantiles, count and sum. */
#define STATSD_DISTRIBUTION_SERIES 6

struct statsd_sender_set {
    uint64_t words[STATSD_SENDERS_MAX / 64];
};

/* Who sends a packet. */
struct statsd_source {
    uint32_t sender;      /* STATSD_NO_SENDER: not known */
    struct label origin;  /* a label of all its series; key NULL: none */
    uint64_t origin_hash; /* statsd_table_origin(); 0: none */
};

/* What does not change of a series while it is there. Timers and histograms are one type here. */
struct statsd_definition {
    const char *text; /* as struct statsd_key has it */
    size_t size, label_count;
    enum statsd_type type;
    bool is_time; /* in seconds */
};

struct statsd_table;

/* Drops outlives it. At most max_series of the catalog's series. 0 or -ENOMEM. */
int statsd_table_new(uint32_t max_series, struct drops *drops,
                     struct statsd_table **out) MUST_CHECK;
void statsd_table_free(struct statsd_table *table); /* NULL is a no-op */

/* Series have indices below this. */
uint32_t statsd_table_capacity(const struct statsd_table *table);

/* --- the ingest thread --- */

uint64_t statsd_table_origin(const struct statsd_table *table, const struct label *origin);

/*
 * A batch: between the two all that follows is called. Where there is much to do, that lets go of
 * the lock for a moment, between any two values.
 */
void statsd_table_lock(struct statsd_table *table);
void statsd_table_unlock(struct statsd_table *table);

/* Takes a packet; now_ms of any clock that goes on evenly. Locked. */
void statsd_table_take(struct statsd_table *table, const struct statsd_source *source,
                       const char *packet, size_t size, int64_t now_ms);

/*
 * Ends the series that no living sender has and of which nothing waits for the tick. Of `unknown`
 * ones, and of STATSD_NO_SENDER, series stay for STATSD_UNKNOWN_MS. Of other senders no series
 * remembers anything. Locked.
 */
void statsd_table_sweep(struct statsd_table *table, const struct statsd_sender_set *living,
                        const struct statsd_sender_set *unknown, int64_t now_ms);

/* --- the tick --- */

/*
 * What came since the last call, to be cleared before the next one. Gives out anew the indices of
 * series that ended in the buffer of the last call.
 */
struct statsd_buffer *statsd_table_swap(struct statsd_table *table);

/* Of a series that the buffer tells of, until the call to statsd_table_swap() after its end. */
const struct statsd_definition *statsd_table_definition(const struct statsd_table *table,
                                                        uint32_t series);

#endif

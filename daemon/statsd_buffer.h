/*
 * What StatsD's senders said during one interval, added up by series. Its memory is fixed when it
 * is made; clearing it costs what is in it. One thread at a time.
 */
#ifndef TACHO_DAEMON_STATSD_BUFFER_H
#define TACHO_DAEMON_STATSD_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/collector.h"
#include "daemon/scope.h"

/* Buckets of all histograms together, as many as a row has room for. */
#define STATSD_BUCKETS_MAX 8192
/*
 * A series may have one, and an eighth of those that are left, the less the fewer these are: so a
 * few series cannot take all, and fifty still leave a thousand to those that come later.
 */
#define STATSD_BUCKETS_SHARE 8
/* Different members of one set, and of all. */
#define STATSD_SET_MAX     16384
#define STATSD_MEMBERS_MAX 65536

/* Of one series. All zero: nothing was said. */
struct statsd_cell {
    double value;     /* of a counter what it grew by, of a gauge what it is, of timers their sum */
    uint64_t count;   /* of timers how many, of a set its different members */
    uint32_t values;  /* that were said */
    uint32_t bucket;  /* the first of its chain: 1 more than its place; 0: none */
    uint32_t buckets; /* in the chain */
};

struct statsd_bucket {
    uint32_t series, increment;
    uint32_t next; /* of the chain, as in a cell */
    int16_t bucket;
    uint16_t place; /* its own, by hash */
};

struct statsd_buffer {
    uint64_t seed;
    struct statsd_cell *cells; /* by series */
    uint32_t *touched;         /* the series of which something was said */
    uint32_t *ended;           /* those that ended; none of them is touched */
    size_t touched_count, ended_count;
    struct statsd_bucket *buckets;
    uint32_t *bucket_places; /* by hash: 1 more than its place */
    uint32_t bucket_count;
    uint64_t *members;       /* by hash: of series and member together; 0: none */
    uint32_t *member_places; /* those that are taken */
    uint32_t member_count;
    uint64_t packets, values; /* that came, taken or not */
};

/*
 * For series below capacity; the seed is of chance, so that nobody can choose what meets in its
 * hashes. 0 or -ENOMEM; it is to be finished in either case.
 */
int statsd_buffer_init(struct statsd_buffer *buffer, uint32_t capacity, uint64_t seed) MUST_CHECK;
void statsd_buffer_finish(struct statsd_buffer *buffer);

/* The series' cell, in which one value more is counted. */
struct statsd_cell *statsd_buffer_touch(struct statsd_buffer *buffer, uint32_t series);

/* Senders of the series, of which nothing was said, have gone. */
void statsd_buffer_end(struct statsd_buffer *buffer, uint32_t series);

/*
 * Adds to a bucket of the series' histogram, up to UINT32_MAX. False if it is a new one for which
 * there is no room.
 */
bool statsd_buffer_add(struct statsd_buffer *buffer, uint32_t series, int16_t bucket,
                       uint32_t increment);

/* Has it in the series' set, by its hash. False if there is no room for it. */
bool statsd_buffer_join(struct statsd_buffer *buffer, uint32_t series, uint64_t member);

/* The series' histogram, of up to STATSD_BUCKETS_MAX pairs; gives how many. */
size_t statsd_buffer_pairs(const struct statsd_buffer *buffer, uint32_t series,
                           struct histogram_pair *out);

/* Forgets all but which series ended. */
void statsd_buffer_clear(struct statsd_buffer *buffer);

#endif

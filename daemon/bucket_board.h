/*
 * What the timers' sparse histograms come to since the start, as classic ones of fixed bounds, for
 * who shows them so. The tick adds, any thread reads: each series' numbers are of one moment, and
 * neither waits for the other.
 */
#ifndef TACHO_DAEMON_BUCKET_BOARD_H
#define TACHO_DAEMON_BUCKET_BOARD_H

#include <stdbool.h>

#include "collectors/collector.h"
#include "daemon/scope.h"

/* Bounds of a scale, without infinity. */
#define BUCKET_BOUNDS 16

enum bucket_scale {
    BUCKETS_SECONDS, /* 0.0005 to 60, in steps of 1, 2.5 and 5 */
    BUCKETS_DECADES, /* 0.001 to 10^12 */
};

/* The one of a series of this unit. */
enum bucket_scale bucket_scale_of(const char *unit);

/* The bound as the label le has it: a float, as OpenMetrics wants it. */
const char *bucket_bound(enum bucket_scale scale, size_t index);

/* Of one series. */
struct bucket_totals {
    /*
     * Values up to each bound. A bucket of the sparse histogram belongs to the first bound that is
     * in it or above it, so that a value which is a bound is always within that; what is above a
     * bound by up to 2 % may be.
     */
    uint64_t counts[BUCKET_BOUNDS];
    uint64_t count; /* of all */
    double sum;
};

struct bucket_board;

/* For slots below max_slots; memory is taken for those in use. 0 or -ENOMEM. */
int bucket_board_new(uint32_t max_slots, struct bucket_board **out) MUST_CHECK;
void bucket_board_free(struct bucket_board *board); /* NULL is a no-op */

/*
 * Adds what happened during a tick, pairs by ascending bucket, and says what all come to: count may
 * be more than the pairs, for those that had no room. The series is there from the first call on,
 * and begins at 0 then. Main loop only.
 */
void bucket_board_add(struct bucket_board *board, uint32_t slot, enum bucket_scale scale,
                      const struct histogram_pair *pairs, size_t pair_count, uint64_t count,
                      double sum);

/* The series ends. Main loop only. */
void bucket_board_end(struct bucket_board *board, uint32_t slot);

/* False if there is none. Any thread. */
bool bucket_board_read(const struct bucket_board *board, uint32_t slot, struct bucket_totals *out);

#endif

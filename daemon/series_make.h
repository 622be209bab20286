/* Series as objects: made, compared, counted. For those who keep them: the table and the past. */
#ifndef TACHO_DAEMON_SERIES_MAKE_H
#define TACHO_DAEMON_SERIES_MAKE_H

#include "daemon/series.h"

/*
 * Of a name and labels that are sorted by key: equal for equal ones. Those of numbers and of
 * histograms never are, so that one cannot be taken for the other. Pure.
 */
uint64_t series_hash(const char *name, const struct label *labels, size_t count,
                     enum sample_type type);
bool series_is(const struct series *series, const char *name, const struct label *labels,
               size_t count);

/* Whether all that is told of both is the same, ids included; slots are not compared. */
bool series_equals(const struct series *one, const struct series *other);

/*
 * A series of this metric with sorted labels, all of it copied; the caller holds it. What the
 * metric does not say (id, slot, hash and so on) is 0. NULL when memory is short.
 */
struct series *series_make(const struct metric *metric, const struct label *labels, size_t count);

/* Another one that is equal in everything, to be changed before it is shown. NULL as above. */
struct series *series_copy(const struct series *series);

struct series *series_hold(struct series *series);
void series_put(struct series *series); /* NULL is a no-op */

#endif

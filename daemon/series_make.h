/* Series as objects: made, compared, counted. For those who keep them: the table and the past. */
#ifndef TACHO_DAEMON_SERIES_MAKE_H
#define TACHO_DAEMON_SERIES_MAKE_H

#include "daemon/series.h"

/*
 * Of a name and labels that are sorted by key: equal for equal ones of one key, which nobody
 * outside may know: applications choose names, and could choose those that meet. The hash is
 * nothing to be stored. Pure.
 */
uint64_t series_hash(uint64_t key, const char *name, const struct label *labels, size_t count);
bool series_is(const struct series *series, const char *name, const struct label *labels,
               size_t count);

/* Labels by key. 0, or -EINVAL for a key twice or more than SERIES_LABELS_MAX of them. */
int series_sort_labels(const struct label *labels, size_t count,
                       struct label sorted[SERIES_LABELS_MAX]) MUST_CHECK;

/* What a series cannot change while it goes on: the values that are kept of it mean this. */
struct series_identity {
    const struct metric *metric; /* of which the name, the unit, the kind and cumulative count */
    enum sample_type type;
    const struct label *labels; /* sorted by key */
    size_t label_count;
};

/* Whether one of this identity goes on with what is kept of this series. */
bool series_goes_on(const struct series *series, const struct series_identity *identity);

/* Whether it says already what else the metric and a declaration's flags say. */
bool series_says(const struct series *series, const struct metric *metric, unsigned flags,
                 uint32_t interval_ms);

/* Whether all that is told of both is the same, ids included; slots are not compared. */
bool series_equals(const struct series *one, const struct series *other);

/*
 * A series of this metric with sorted labels, all of it copied; the caller holds it. What the
 * metric does not say (id, slot, hash and so on) is 0. NULL when memory is short.
 */
struct series *series_make(const struct metric *metric, const struct label *labels, size_t count);

/* One of this identity, as series_make() makes it. */
struct series *series_make_of(const struct series_identity *identity, unsigned flags,
                              uint32_t interval_ms);

/* Another one that is equal in everything, to be changed before it is shown. NULL as above. */
struct series *series_copy(const struct series *series);

struct series *series_hold(struct series *series);
void series_put(struct series *series); /* NULL is a no-op */

#endif

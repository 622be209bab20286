/*
 * The columns of an answer about the history: of each series those aggregates and quantiles that
 * were asked for, a word for each bucket of a walk. Histograms are read from the head alone: no
 * collector makes any yet, and the walk knows numbers.
 */
#ifndef TACHO_DAEMON_HISTORY_COLUMNS_H
#define TACHO_DAEMON_HISTORY_COLUMNS_H

#include "daemon/encode_text.h"
#include "daemon/history_query.h"
#include "daemon/walk.h"

/* Reads one series after the other. */
struct history_columns {
    const struct history_query *query;
    const struct walk *walk;
    const struct history *history;
    struct histogram_pair *pairs; /* of one tick */
    struct histogram merged, last;
};

/* All outlive this. 0, or -ENOMEM with nothing to finish. */
int history_columns_init(struct history_columns *columns, const struct history_query *query,
                         const struct walk *walk, const struct history *history) MUST_CHECK;
void history_columns_finish(struct history_columns *columns);

/* How many columns a series has; numbers have no quantiles. */
size_t history_columns_of(const struct history_query *query, const struct series *series);

/*
 * Fills the columns of a series, by its place in the walk, as many as history_columns_of() says,
 * and their words: a bucket's beside each other, so many buckets for each column. 0 or -ENOMEM.
 */
int history_columns_read(struct history_columns *columns, const struct series *series, size_t index,
                         uint64_t *words, struct text_column *out) MUST_CHECK;

#endif

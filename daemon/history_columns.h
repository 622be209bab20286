/*
 * The columns of an answer about the history: of each series those aggregates and quantiles that
 * were asked for, a word for each bucket of a range.
 */
#ifndef TACHO_DAEMON_HISTORY_COLUMNS_H
#define TACHO_DAEMON_HISTORY_COLUMNS_H

#include "daemon/encode_text.h"
#include "daemon/history_query.h"
#include "daemon/range.h"

/* Reads one series after the other. */
struct history_columns {
    const struct history_query *query;
    struct range *range;
    uint32_t interval_ms;
    uint64_t *unwanted;           /* where what was not asked for goes */
    struct histogram_pair *pairs; /* of one tick */
    struct histogram merged, last;
};

/* The range has its buckets; it and the query outlive this. 0, or -ENOMEM with nothing to finish.
 */
int history_columns_init(struct history_columns *columns, const struct history_query *query,
                         struct range *range, uint32_t interval_ms) MUST_CHECK;
void history_columns_finish(struct history_columns *columns);

/* How many columns a series has; numbers have no quantiles. */
size_t history_columns_of(const struct history_query *query, const struct series *series);

/*
 * Fills the series' columns, as many as history_columns_of() says, and their words: a bucket's
 * beside each other, so many buckets for each column. 0 or -ENOMEM.
 */
int history_columns_read(struct history_columns *columns, const struct series *series,
                         uint64_t *words, struct text_column *out) MUST_CHECK;

#endif

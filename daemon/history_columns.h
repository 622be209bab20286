/*
 * The columns of an answer about the history: of each series those aggregates and quantiles that
 * were asked for, a word for each bucket of a walk.
 */
#ifndef TACHO_DAEMON_HISTORY_COLUMNS_H
#define TACHO_DAEMON_HISTORY_COLUMNS_H

#include "daemon/encode_text.h"
#include "daemon/history_query.h"
#include "daemon/walk.h"

/* How many columns a series has; numbers have no quantiles. */
size_t history_columns_of(const struct history_query *query, const struct series *series);

/*
 * Fills the columns of a series, by its place in the walk, as many as history_columns_of() says,
 * and their words: a bucket's beside each other, so many buckets for each column.
 */
void history_columns_read(const struct history_query *query, const struct walk *walk,
                          const struct series *series, size_t index, uint64_t *words,
                          struct text_column *out);

#endif

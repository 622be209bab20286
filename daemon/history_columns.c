#include "daemon/history_columns.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int history_columns_init(struct history_columns *columns, const struct history_query *query,
                         const struct walk *walk, const struct history *history)
{
    *columns = (struct history_columns){.query = query, .walk = walk, .history = history};
    columns->pairs = calloc(HISTORY_TAIL_PAIRS, sizeof *columns->pairs);
    return columns->pairs ? 0 : -ENOMEM;
}

void history_columns_finish(struct history_columns *columns)
{
    free(columns->pairs);
    histogram_finish(&columns->merged);
    histogram_finish(&columns->last);
}

size_t history_columns_of(const struct history_query *query, const struct series *series)
{
    size_t count = series->type == SAMPLE_HISTOGRAM ? query->quantile_count : 0;

    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        count += query->wanted[i];
    return count;
}

static bool shows_rates(const struct history_query *query, const struct series *series)
{
    return series->cumulative && !query->raw;
}

/* An average is computed, and so is all of a histogram; the others are values as they were read. */
static enum json_digits digits_of(const struct history_query *query, const struct series *series,
                                  size_t aggregate)
{
    bool computed = shows_rates(query, series) || aggregate == AGGREGATE_AVG ||
                    series->type == SAMPLE_HISTOGRAM || (series->flags & SERIES_DERIVED);

    return computed ? query->digits : JSON_DIGITS_ALL;
}

/* --- histograms --- */

static uint64_t word_of(double value)
{
    return isnan(value) ? SAMPLE_ABSENT : sample_word(value);
}

/* Adds what one tick has; only a tick with values is the last one. */
static int add_tick(struct history_columns *columns, const struct series *series, uint64_t seq)
{
    int count =
        history_read_histogram(columns->history, series, seq, columns->pairs, HISTORY_TAIL_PAIRS);

    if (count <= 0) /* not there, or nothing happened */
        return 0;
    if (columns->query->wanted[AGGREGATE_LAST]) {
        histogram_clear(&columns->last);
        if (histogram_add(&columns->last, columns->pairs, (size_t)count) < 0)
            return -ENOMEM;
    }
    return histogram_add(&columns->merged, columns->pairs, (size_t)count);
}

/* Gives the bucket's words to the columns, which are in the order of the query. */
static void write_bucket(struct history_columns *columns, size_t bucket, uint64_t *words)
{
    const struct history_query *query = columns->query;
    const size_t rows = columns->walk->bucket_count;
    struct histogram *merged = &columns->merged;
    const uint64_t aggregates[AGGREGATE_COUNT] = {
        [AGGREGATE_AVG] = word_of(histogram_mean(merged)),
        [AGGREGATE_MIN] = word_of(histogram_quantile(merged, 0)),
        [AGGREGATE_MAX] = word_of(histogram_quantile(merged, 1)),
        [AGGREGATE_LAST] = word_of(histogram_mean(&columns->last)),
    };

    words += bucket;
    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (!query->wanted[i])
            continue;
        *words = aggregates[i];
        words += rows;
    }
    for (size_t i = 0; i < query->quantile_count; i++, words += rows)
        *words = word_of(histogram_quantile(merged, query->quantiles[i].q));
    histogram_clear(merged);
    histogram_clear(&columns->last);
}

/* Whether the tick is of the bucket; both are in order, so one is looked for from the last on. */
static bool is_in_bucket(const struct history_columns *columns, const struct tick *tick,
                         size_t bucket)
{
    const struct walk *walk = columns->walk;

    if (walk->seqs)
        return walk->seqs[bucket] == tick->seq;
    return walk->time_ms[bucket] == tick->time_ms - tick->time_ms % columns->query->step_ms;
}

static int read_histogram(struct history_columns *columns, const struct series *series,
                          uint64_t *words)
{
    const size_t rows = columns->walk->bucket_count;
    size_t bucket = 0;

    for (uint64_t seq = history_first(columns->history); seq <= columns->walk->last_seq; seq++) {
        size_t found = bucket;
        struct tick tick;

        if (history_read_tick(columns->history, seq, &tick) < 0)
            continue;
        while (found < rows && !is_in_bucket(columns, &tick, found))
            found++;
        if (found == rows)
            continue; /* it is not asked for */
        for (; bucket < found; bucket++)
            write_bucket(columns, bucket, words);
        if (add_tick(columns, series, seq) < 0)
            return -ENOMEM;
    }
    for (; bucket < rows; bucket++)
        write_bucket(columns, bucket, words);
    return 0;
}

static void read_numbers(const struct history_columns *columns, size_t index, uint64_t *words)
{
    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (!columns->query->wanted[i])
            continue;
        for (size_t bucket = 0; bucket < columns->walk->bucket_count; bucket++)
            *words++ = walk_word(columns->walk, index, bucket, (enum aggregate)i);
    }
}

int history_columns_read(struct history_columns *columns, const struct series *series, size_t index,
                         uint64_t *words, struct text_column *out)
{
    const struct history_query *query = columns->query;
    const size_t rows = columns->walk->bucket_count;
    const uint64_t *column = words;

    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (!query->wanted[i])
            continue;
        *out++ = (struct text_column){.series = series,
                                      .aggregate = aggregate_name((enum aggregate)i),
                                      .words = column,
                                      .digits = digits_of(query, series, i)};
        column += rows;
    }
    if (series->type != SAMPLE_HISTOGRAM) {
        read_numbers(columns, index, words);
        return 0;
    }
    for (size_t i = 0; i < query->quantile_count; i++, column += rows)
        *out++ = (struct text_column){.series = series,
                                      .aggregate = query->quantiles[i].name,
                                      .words = column,
                                      .digits = query->digits};
    return read_histogram(columns, series, words);
}

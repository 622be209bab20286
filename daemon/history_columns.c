#include "daemon/history_columns.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int history_columns_init(struct history_columns *columns, const struct history_query *query,
                         struct range *range, uint32_t interval_ms)
{
    *columns = (struct history_columns){.query = query, .range = range, .interval_ms = interval_ms};
    columns->unwanted = calloc(range->buckets.count + 1, sizeof *columns->unwanted);
    columns->pairs = calloc(HISTORY_TAIL_PAIRS, sizeof *columns->pairs);
    if (columns->unwanted && columns->pairs)
        return 0;
    history_columns_finish(columns);
    return -ENOMEM;
}

void history_columns_finish(struct history_columns *columns)
{
    free(columns->unwanted);
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
    int count = history_read_histogram(columns->range->history, series, seq, columns->pairs,
                                       HISTORY_TAIL_PAIRS);

    if (count <= 0) /* not there, or nothing happened */
        return 0;
    if (columns->query->wanted[AGGREGATE_LAST]) {
        histogram_clear(&columns->last);
        if (histogram_add(&columns->last, columns->pairs, (size_t)count) < 0)
            return -ENOMEM;
    }
    return histogram_add(&columns->merged, columns->pairs, (size_t)count);
}

/* A histogram's quantiles have their words one behind the other. */
static void write_bucket(struct history_columns *columns, size_t bucket,
                         uint64_t *const out[AGGREGATE_COUNT], uint64_t *quantiles)
{
    const struct history_query *query = columns->query;
    const size_t rows = columns->range->buckets.count;
    struct histogram *merged = &columns->merged;

    out[AGGREGATE_AVG][bucket] = word_of(histogram_mean(merged));
    out[AGGREGATE_MIN][bucket] = word_of(histogram_quantile(merged, 0));
    out[AGGREGATE_MAX][bucket] = word_of(histogram_quantile(merged, 1));
    out[AGGREGATE_LAST][bucket] = word_of(histogram_mean(&columns->last));
    for (size_t i = 0; i < query->quantile_count; i++)
        quantiles[i * rows + bucket] = word_of(histogram_quantile(merged, query->quantiles[i].q));
    histogram_clear(merged);
    histogram_clear(&columns->last);
}

static int read_histogram(struct history_columns *columns, const struct series *series,
                          uint64_t *const out[AGGREGATE_COUNT], uint64_t *quantiles)
{
    const struct buckets *buckets = &columns->range->buckets;
    size_t bucket = 0;

    for (size_t i = buckets->skip; i < buckets->tick_count; i++) {
        for (; bucket < buckets->of_tick[i - buckets->skip]; bucket++)
            write_bucket(columns, bucket, out, quantiles);
        if (add_tick(columns, series, buckets->ticks[i].seq) < 0)
            return -ENOMEM;
    }
    for (; bucket < buckets->count; bucket++)
        write_bucket(columns, bucket, out, quantiles);
    return 0;
}

int history_columns_read(struct history_columns *columns, const struct series *series,
                         uint64_t *words, struct text_column *out)
{
    const struct history_query *query = columns->query;
    const size_t rows = columns->range->buckets.count;
    uint64_t *aggregates[AGGREGATE_COUNT], *quantiles;

    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        aggregates[i] = columns->unwanted;
        if (!query->wanted[i])
            continue;
        *out++ = (struct text_column){.series = series,
                                      .aggregate = aggregate_name((enum aggregate)i),
                                      .words = words,
                                      .digits = digits_of(query, series, i)};
        aggregates[i] = words;
        words += rows;
    }
    if (series->type != SAMPLE_HISTOGRAM) {
        range_aggregate(columns->range, series, shows_rates(query, series), columns->interval_ms,
                        aggregates);
        return 0;
    }
    quantiles = words;
    for (size_t i = 0; i < query->quantile_count; i++)
        *out++ = (struct text_column){.series = series,
                                      .aggregate = query->quantiles[i].name,
                                      .words = quantiles + i * rows,
                                      .digits = query->digits};
    return read_histogram(columns, series, aggregates, quantiles);
}

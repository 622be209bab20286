#include "daemon/history_columns.h"

size_t history_columns_of(const struct history_query *query, const struct series *series)
{
    size_t count = series->type == SAMPLE_HISTOGRAM ? query->quantile_count : 0;

    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        count += query->wanted[i];
    return count;
}

/* An average is computed, and so is all of a histogram; the others are values as they were read. */
static enum json_digits digits_of(const struct history_query *query, const struct walk *walk,
                                  const struct series *series, size_t index, size_t aggregate)
{
    bool computed = walk->rates[index] || aggregate == AGGREGATE_AVG ||
                    series->type == SAMPLE_HISTOGRAM || (series->flags & SERIES_DERIVED);

    return computed ? query->digits : JSON_DIGITS_ALL;
}

void history_columns_read(const struct history_query *query, const struct walk *walk,
                          const struct series *series, size_t index, uint64_t *words,
                          struct text_column *out)
{
    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (!query->wanted[i])
            continue;
        *out++ = (struct text_column){.series = series,
                                      .aggregate = aggregate_name((enum aggregate)i),
                                      .words = words,
                                      .digits = digits_of(query, walk, series, index, i)};
        for (size_t bucket = 0; bucket < walk->bucket_count; bucket++)
            *words++ = walk_word(walk, index, bucket, (enum aggregate)i);
    }
    for (size_t i = 0; series->type == SAMPLE_HISTOGRAM && i < query->quantile_count; i++) {
        *out++ = (struct text_column){.series = series,
                                      .aggregate = query->quantiles[i].name,
                                      .words = words,
                                      .digits = query->digits};
        for (size_t bucket = 0; bucket < walk->bucket_count; bucket++)
            *words++ = walk_quantile(walk, index, bucket, i);
    }
}

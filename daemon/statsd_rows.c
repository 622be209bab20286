#include "daemon/statsd_rows.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/histogram.h"
#include "daemon/history.h"

/* The series of a distribution by their places; any other has the first alone. */
enum { PLACE_VALUE, PLACE_QUANTILES, PLACE_COUNT = PLACE_QUANTILES + 3, PLACE_SUM, PLACES };

_Static_assert(STATSD_BUCKETS_MAX <= HISTORY_TAIL_PAIRS, "a row has room for all buckets");
_Static_assert(PLACES == STATSD_DISTRIBUTION_SERIES, "what the table counts");

static const double quantiles[] = {0.5, 0.95, 0.99};
static const char *const quantile_labels[] = {"0.5", "0.95", "0.99"};

#define QUANTILES (sizeof quantiles / sizeof *quantiles)

struct row {
    const struct statsd_definition *definition; /* NULL: there is none */
    bool admitted;                              /* counted in the quota */
    double value;                               /* counter's total, gauge's value, timers' sum */
    uint64_t count;
    struct sink_series series[PLACES];
};

struct statsd_rows {
    struct statsd_table *table;
    struct drops *drops;
    struct series_quota *quota;
    struct bucket_board *buckets;
    struct row *rows;   /* by the table's index */
    uint32_t row_count; /* above each that is there */
    struct histogram_pair *pairs;
    uint64_t packets, values;
    struct sink_series packets_series, values_series;
};

static const struct metric packets_total = {
    .name = "tacho_ingest_packets_total",
    .unit = "",
    .help = "Packets that applications sent.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric values_total = {
    .name = "tacho_ingest_values_total",
    .unit = "",
    .help = "Values that applications sent, taken or not.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

int statsd_rows_new(struct statsd_table *table, struct drops *drops, struct series_quota *quota,
                    struct bucket_board *buckets, struct statsd_rows **out)
{
    struct statsd_rows *rows = calloc(1, sizeof *rows);

    if (!rows)
        return -ENOMEM;
    rows->table = table;
    rows->drops = drops;
    rows->quota = quota;
    rows->buckets = buckets;
    rows->rows = calloc(statsd_table_capacity(table), sizeof *rows->rows);
    rows->pairs = calloc(STATSD_BUCKETS_MAX, sizeof *rows->pairs);
    if (!rows->rows || !rows->pairs) {
        statsd_rows_free(rows);
        return -ENOMEM;
    }
    *out = rows;
    return 0;
}

void statsd_rows_free(struct statsd_rows *rows)
{
    if (!rows)
        return;
    free(rows->rows);
    free(rows->pairs);
    free(rows);
}

/* --- series --- */

static bool is_distribution(const struct row *row)
{
    return row->definition->type == STATSD_HISTOGRAM;
}

static size_t series_count(const struct row *row)
{
    return is_distribution(row) ? PLACES : 1;
}

/* What the series at this place measures; *name has room for a suffix. */
static struct metric describe(const struct row *row, size_t place, char *name, size_t size)
{
    static const char *const helps[] = {[STATSD_COUNTER] = "Counter sent by StatsD.",
                                        [STATSD_GAUGE] = "Gauge sent by StatsD.",
                                        [STATSD_SET] =
                                            "Different members of a set since the tick before."};
    const struct statsd_definition *definition = row->definition;
    const char *suffix = place == PLACE_COUNT ? "_count" : place == PLACE_SUM ? "_sum" : "";
    struct metric metric = {.name = name,
                            .unit = definition->is_time && place != PLACE_COUNT ? "seconds" : "",
                            .kind = METRIC_SUMMARY};
    const size_t length = strlen(definition->text);

    /* A name has at most STATSD_NAME_MAX bytes and one in front. */
    memcpy(name, definition->text, length < size ? length : size);
    memcpy(name + length, suffix, strlen(suffix) + 1);
    if (!is_distribution(row)) {
        metric.kind = definition->type == STATSD_COUNTER ? METRIC_COUNTER : METRIC_GAUGE;
        metric.cumulative = definition->type == STATSD_COUNTER;
        metric.help = helps[definition->type];
        return metric;
    }
    metric.help = "Timer, histogram or distribution sent by StatsD.";
    if (place == PLACE_VALUE) {
        metric.kind = METRIC_HISTOGRAM;
        metric.sparse = true;
    }
    metric.cumulative = place == PLACE_COUNT || place == PLACE_SUM;
    return metric;
}

static void want(struct sink *sink, struct row *row, size_t place)
{
    struct label labels[STATSD_LABELS_MAX + 1];
    char name[STATSD_NAME_MAX + 16];
    const struct metric metric = describe(row, place, name, sizeof name);
    size_t count = row->definition->label_count;
    unsigned flags = SERIES_APPLICATION;

    statsd_key_labels(row->definition->text, count, labels);
    if (place >= PLACE_QUANTILES && place < PLACE_COUNT) {
        labels[count++] = (struct label){"quantile", quantile_labels[place - PLACE_QUANTILES]};
        flags |= SERIES_DERIVED;
    }
    sink_want(sink, &row->series[place], &metric, labels, count, flags);
}

/* Sees to it that all its series are declared. False if they are none: there is no room. */
static bool declare(struct statsd_rows *rows, struct sink *sink, struct row *row)
{
    const size_t count = series_count(row);

    if (!row->admitted && !series_quota_take(rows->quota, count))
        return false;
    row->admitted = true;
    for (size_t i = 0; i < count; i++) {
        if (sink_lacks(sink, &row->series[i]))
            want(sink, row, i);
    }
    return row->series[PLACE_VALUE].slot != SINK_NO_SLOT;
}

static void end_row(struct statsd_rows *rows, struct sink *sink, struct row *row)
{
    if (row->definition && is_distribution(row) && row->series[PLACE_VALUE].declared)
        bucket_board_end(rows->buckets, row->series[PLACE_VALUE].slot);
    for (size_t i = 0; i < PLACES; i++)
        sink_drop(sink, &row->series[i]);
    if (row->admitted)
        series_quota_give(rows->quota, series_count(row));
    *row = (struct row){0};
}

/* --- values --- */

static void take_cell(struct statsd_rows *rows, const struct statsd_cell *cell, uint32_t index)
{
    struct row *row = &rows->rows[index];

    if (!row->definition) {
        row->definition = statsd_table_definition(rows->table, index);
        rows->row_count = index < rows->row_count ? rows->row_count : index + 1;
    }
    switch (row->definition->type) {
    case STATSD_GAUGE:
        row->value = cell->value;
        break;
    case STATSD_SET:
        break;
    default:
        row->value += cell->value;
        row->count += cell->count;
    }
}

static void write_distribution(struct statsd_rows *rows, struct sink *sink, struct row *row,
                               const struct statsd_buffer *buffer, uint32_t index)
{
    const size_t count = statsd_buffer_pairs(buffer, index, rows->pairs);
    double values[QUANTILES];

    histogram_pair_quantiles(rows->pairs, count, quantiles, QUANTILES, values); /* and sorts them */
    sink_set_histogram(sink, row->series[PLACE_VALUE].slot, rows->pairs, count);
    bucket_board_add(rows->buckets, row->series[PLACE_VALUE].slot,
                     row->definition->is_time ? BUCKETS_SECONDS : BUCKETS_DECADES, rows->pairs,
                     count, row->count, row->value);
    sink_set(sink, row->series[PLACE_COUNT].slot, (double)row->count);
    sink_set(sink, row->series[PLACE_SUM].slot, row->value);
    for (size_t i = 0; i < QUANTILES && count > 0; i++)
        sink_set(sink, row->series[PLACE_QUANTILES + i].slot, values[i]);
}

static void write_row(struct statsd_rows *rows, struct sink *sink,
                      const struct statsd_buffer *buffer, uint32_t index)
{
    struct row *row = &rows->rows[index];
    const struct statsd_cell *cell = &buffer->cells[index];

    if (!declare(rows, sink, row)) {
        if (cell->values > 0)
            drops_add(rows->drops, DROP_SERIES, cell->values);
        return;
    }
    if (is_distribution(row))
        write_distribution(rows, sink, row, buffer, index);
    else
        sink_set(sink, row->series[PLACE_VALUE].slot,
                 row->definition->type == STATSD_SET ? (double)cell->count : row->value);
}

static void write_own(struct statsd_rows *rows, struct sink *sink,
                      const struct statsd_buffer *buffer)
{
    const struct label label = {"source", rows->drops->source};

    rows->packets += buffer->packets;
    rows->values += buffer->values;
    sink_put(sink, &rows->packets_series, &packets_total, &label, 1, SERIES_OWN,
             (double)rows->packets);
    sink_put(sink, &rows->values_series, &values_total, &label, 1, SERIES_OWN,
             (double)rows->values);
    drops_sample(rows->drops, sink);
}

/* What ended goes first: it may be there again under another index. */
void statsd_rows_sample(void *arg, struct sink *sink)
{
    struct statsd_rows *rows = arg;
    struct statsd_buffer *buffer = statsd_table_swap(rows->table);

    for (size_t i = 0; i < buffer->ended_count; i++)
        end_row(rows, sink, &rows->rows[buffer->ended[i]]);
    for (size_t i = 0; i < buffer->touched_count; i++) {
        const uint32_t index = buffer->touched[i];

        take_cell(rows, &buffer->cells[index], index);
    }
    for (uint32_t i = 0; i < rows->row_count; i++) {
        if (rows->rows[i].definition)
            write_row(rows, sink, buffer, i);
    }
    write_own(rows, sink, buffer);
    statsd_buffer_clear(buffer);
}

/*
 * A table of numbers as text for scripts: times down, series across. Text that is not UTF-8 leaves
 * with U+FFFD in place of each wrong byte.
 */
#ifndef TACHO_DAEMON_ENCODE_TEXT_H
#define TACHO_DAEMON_ENCODE_TEXT_H

#include "daemon/encode_json.h"

struct text_column {
    const struct series *series;
    const char *aggregate; /* "avg" and so on; NULL: a column of the present */
    const uint64_t *words; /* one a row */
    enum json_digits digits;
};

/* Nothing of it is owned. Columns of one series stand beside each other. */
struct text_table {
    const int64_t *time_ms; /* of the rows */
    const uint64_t *seqs;   /* of the rows where each is a tick, and so told; NULL */
    size_t row_count;
    const struct text_column *columns;
    size_t column_count;
    bool aggregates_named; /* more than one: the header says which */
};

/*
 * RFC 4180, but for lines that end in a newline alone: the time in RFC 3339 first, then the tick
 * if it is told, then a cell a column, empty where there is no value. The header has
 * name{label="value",…}. A text that a spreadsheet would take for a formula gets a ' before it.
 */
void encode_csv(struct buffer *out, const struct text_table *table);

/* A bare number a line, row by row; null where there is none. */
void encode_values(struct buffer *out, const struct text_table *table);

/*
 * A JSON object a line, row by row: {"time_ms","seq","id","name","labels","kind","unit",…} with the
 * columns of one series by their aggregates.
 */
void encode_lines(struct buffer *out, const struct text_table *table);

#endif

#include "daemon/encode_text.h"

#include <math.h>

#include "daemon/moment.h"
#include "daemon/sample.h"

static void append_number(struct buffer *out, uint64_t word, enum json_digits digits)
{
    struct json json = {.out = out};

    json_word(&json, word, digits);
}

/* As Prometheus's exposition has it: \\, \" and \n. */
static void append_label_value(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            buffer_append(out, "\\n", 2);
            continue;
        }
        if (*text == '\\' || *text == '"')
            buffer_append_char(out, '\\');
        buffer_append_char(out, *text);
    }
}

static void append_name(struct buffer *out, const struct series *series)
{
    buffer_append_text(out, series->name);
    for (size_t i = 0; i < series->label_count; i++) {
        buffer_append_char(out, i == 0 ? '{' : ',');
        buffer_append_text(out, series->labels[i].key);
        buffer_append(out, "=\"", 2);
        append_label_value(out, series->labels[i].value);
        buffer_append_char(out, '"');
    }
    if (series->label_count > 0)
        buffer_append_char(out, '}');
}

/* One cell of the text, which is terminated. */
static void append_cell(struct buffer *out, const char *text)
{
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0';

    if (quoted)
        buffer_append_char(out, '"');
    if (*text && strchr("=+-@\t\r", *text))
        buffer_append_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buffer_append_char(out, '"');
        buffer_append_char(out, *text);
    }
    if (quoted)
        buffer_append_char(out, '"');
}

static void append_header(struct buffer *out, const struct text_column *column, bool named)
{
    struct buffer raw = {0}, clean = {0};

    append_name(&raw, column->series);
    if (named) {
        buffer_append_char(&raw, ' ');
        buffer_append_text(&raw, column->aggregate);
    }
    buffer_append_char(&raw, '\0');
    if (!raw.failed)
        utf8_append_clean(&clean, raw.data);
    buffer_append_char(&clean, '\0');
    if (raw.failed || clean.failed)
        out->failed = true;
    else
        append_cell(out, clean.data);
    buffer_finish(&raw);
    buffer_finish(&clean);
}

static void append_seq(struct buffer *out, uint64_t seq)
{
    struct json json = {.out = out, .comma = true};

    json_u64(&json, seq);
}

void encode_csv(struct buffer *out, const struct text_table *table)
{
    buffer_append_text(out, table->seqs ? "time,seq" : "time");
    for (size_t i = 0; i < table->column_count; i++) {
        buffer_append_char(out, ',');
        append_header(out, &table->columns[i], table->aggregates_named);
    }
    buffer_append_char(out, '\n');
    for (size_t row = 0; row < table->row_count; row++) {
        char time[MOMENT_TEXT_BYTES];

        moment_format(table->time_ms[row], time);
        buffer_append_text(out, time);
        if (table->seqs)
            append_seq(out, table->seqs[row]);
        for (size_t i = 0; i < table->column_count; i++) {
            uint64_t word = table->columns[i].words[row];

            buffer_append_char(out, ',');
            if (isfinite(sample_value(word)))
                append_number(out, word, table->columns[i].digits);
        }
        buffer_append_char(out, '\n');
    }
}

void encode_values(struct buffer *out, const struct text_table *table)
{
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            append_number(out, table->columns[i].words[row], table->columns[i].digits);
            buffer_append_char(out, '\n');
        }
    }
}

/* The object of the series whose columns begin at `first`; the answer is where the next begin. */
static size_t append_line(struct buffer *out, const struct text_table *table, size_t row,
                          size_t first)
{
    const struct series *series = table->columns[first].series;
    struct json json = {.out = out};
    size_t i = first;

    json_begin_object(&json);
    json_key(&json, "time_ms");
    json_i64(&json, table->time_ms[row]);
    if (table->seqs) {
        json_key(&json, "seq");
        json_u64(&json, table->seqs[row]);
    }
    json_series(&json, series);
    json_key(&json, "unit");
    json_string(&json, series->unit);
    for (; i < table->column_count && table->columns[i].series == series; i++) {
        json_key(&json, table->columns[i].aggregate);
        json_word(&json, table->columns[i].words[row], table->columns[i].digits);
    }
    json_end_object(&json);
    buffer_append_char(out, '\n');
    return i;
}

void encode_lines(struct buffer *out, const struct text_table *table)
{
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count;)
            i = append_line(out, table, row, i);
    }
}

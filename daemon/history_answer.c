#include "daemon/history_answer.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/history_columns.h"

/* A slow series' rate starts from its value before, for which so many ticks are read at most. */
#define LEAD_MAX HISTORY_BLOCK_TICKS

/* A question that is being answered. */
struct answer {
    const struct history_question *question;
    const struct history_query *query; /* the question's */
    struct range range;
    struct history_columns columns;
    uint64_t to; /* since=: the last tick of this page */
    bool more;   /* there are further ones */
};

static size_t row_count(const struct answer *answer)
{
    return answer->range.buckets.count;
}

/* What each series has at most. */
static size_t column_limit(const struct history_query *query)
{
    size_t count = query->quantile_count;

    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        count += query->wanted[i];
    return count;
}

/* --- as JSON --- */

static void encode_times(struct json *json, const struct answer *answer)
{
    json_key(json, "time_ms");
    json_begin_array(json);
    for (size_t i = 0; i < row_count(answer); i++)
        json_i64(json, answer->range.buckets.time_ms[i]);
    json_end_array(json);
}

static void encode_span(struct json *json, const struct answer *answer)
{
    json_key(json, "seq");
    json_u64(json, answer->question->last_seq);
    json_key(json, "from_ms");
    json_i64(json, answer->query->from_ms);
    json_key(json, "to_ms");
    json_i64(json, answer->query->to_ms);
    json_key(json, "step_ms");
    json_i64(json, answer->query->step_ms);
    encode_times(json, answer);
}

/* What was asked for, and is no more. */
static void encode_gap(struct json *json, const struct answer *answer)
{
    const struct range *range = &answer->range;
    uint64_t from = answer->query->since + 1;
    uint64_t begin = range->count > range->skip ? range->ticks[range->skip].seq : answer->to + 1;

    if (begin <= from)
        return;
    json_key(json, "gap");
    json_begin_object(json);
    json_key(json, "from");
    json_u64(json, from);
    json_key(json, "to");
    json_u64(json, begin - 1);
    json_end_object(json);
}

static void encode_page(struct json *json, const struct answer *answer)
{
    const struct range *range = &answer->range;

    json_key(json, "seq");
    json_u64(json, answer->to);
    json_key(json, "more");
    json_bool(json, answer->more);
    encode_gap(json, answer);
    encode_times(json, answer);
    json_key(json, "ticks");
    json_begin_array(json);
    for (size_t i = range->skip; i < range->count; i++)
        json_u64(json, range->ticks[i].seq);
    json_end_array(json);
}

static void encode_column(struct json *json, const struct text_column *column, size_t count)
{
    json_key(json, column->aggregate);
    json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        json_word(json, column->words[i], column->digits);
    json_end_array(json);
}

static int encode_series(struct json *json, struct answer *answer, const struct series *series,
                         uint64_t *words)
{
    struct text_column columns[HISTORY_COLUMNS_MAX];

    if (history_columns_read(&answer->columns, series, words, columns) < 0)
        return -ENOMEM;
    json_begin_object(json);
    json_series(json, series);
    json_key(json, "unit");
    json_string(json, series->unit);
    for (size_t i = 0; i < history_columns_of(answer->query, series); i++)
        encode_column(json, &columns[i], row_count(answer));
    json_end_object(json);
    return 0;
}

/* Room for one series at a time. */
static int encode_document(struct answer *answer, struct buffer *out)
{
    const struct selection *selection = &answer->question->selection;
    const struct range *range = &answer->range;
    AUTO_FREE uint64_t *words =
        calloc(column_limit(answer->query) * row_count(answer) + 1, sizeof *words);
    struct json json = {.out = out};
    int result = words ? 0 : -ENOMEM;

    json_begin_object(&json);
    json_key(&json, "epoch");
    json_string(&json, history_epoch(answer->question->history));
    if (answer->query->follows)
        encode_page(&json, answer);
    else
        encode_span(&json, answer);
    json_marks(&json, range->ticks + range->skip, range->count - range->skip);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < selection->count && result == 0; i++)
        result = encode_series(&json, answer, selection->series[i], words);
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
    return result;
}

/* --- as a table --- */

/* All columns and their words, which are kept: rows go across them. */
static int fill_table(struct answer *answer, struct text_column *columns, uint64_t *words,
                      size_t *count)
{
    const struct selection *selection = &answer->question->selection;

    *count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct series *series = selection->series[i];
        const size_t begin = *count;

        if (history_columns_read(&answer->columns, series, words + begin * row_count(answer),
                                 columns + begin) < 0)
            return -ENOMEM;
        *count += history_columns_of(answer->query, series);
    }
    return 0;
}

static void encode_table(const struct text_table *table, enum format format, struct buffer *out)
{
    if (format == FORMAT_CSV)
        encode_csv(out, table);
    else if (format == FORMAT_NDJSON)
        encode_lines(out, table);
    else
        encode_values(out, table);
}

static int encode_rows(struct answer *answer, struct buffer *out)
{
    const struct history_query *query = answer->query;
    const struct range *range = &answer->range;
    const size_t limit = column_limit(query) * answer->question->selection.count;
    AUTO_FREE struct text_column *columns = calloc(limit + 1, sizeof *columns);
    AUTO_FREE uint64_t *words = calloc(limit * row_count(answer) + 1, sizeof *words);
    AUTO_FREE uint64_t *seqs = calloc(range->count + 1, sizeof *seqs);
    struct text_table table = {.time_ms = range->buckets.time_ms,
                               .seqs = query->follows ? seqs : NULL,
                               .row_count = row_count(answer),
                               .columns = columns,
                               .aggregates_named = column_limit(query) > 1};

    if (!columns || !words || !seqs || fill_table(answer, columns, words, &table.column_count) < 0)
        return -ENOMEM;
    for (size_t i = range->skip; i < range->count; i++)
        seqs[i - range->skip] = range->ticks[i].seq;
    encode_table(&table, query->format, out);
    return 0;
}

/* --- the ticks --- */

/* Before the ticks asked for: what the slowest series' first rate starts from. */
static size_t lead_of(const struct history_question *question)
{
    size_t lead = 1;

    for (size_t i = 0; i < question->selection.count; i++) {
        size_t intervals = question->selection.series[i]->interval_ms / question->interval_ms;

        /* One value may have been missed. */
        if (intervals > 1 && 2 * intervals > lead)
            lead = 2 * intervals;
    }
    return lead < LEAD_MAX ? lead : LEAD_MAX;
}

/* The oldest ticks after a position, as many as points allow and the limit on values. */
static int read_page(struct answer *answer)
{
    const struct history_question *question = answer->question;
    const struct history_query *query = answer->query;
    const uint64_t first = history_first(question->history);
    uint64_t from = query->since + 1 > first ? query->since + 1 : first;
    size_t across = question->selection.count * column_limit(query);
    size_t limit = query->points;

    if (across > 0 && RANGE_MAX_VALUES / across < limit)
        limit = across < RANGE_MAX_VALUES ? RANGE_MAX_VALUES / across : 1;
    answer->to = query->since;
    if (question->last_seq >= from) {
        answer->more = question->last_seq - from >= limit;
        answer->to = answer->more ? from + limit - 1 : question->last_seq;
    }
    if (range_read_ticks(question->history, from, answer->to, lead_of(question), &answer->range) <
        0)
        return -ENOMEM;
    return range_split(&answer->range);
}

static int read_span(struct answer *answer)
{
    const struct history_question *question = answer->question;

    if (range_read(question->history, answer->query->from_ms, answer->query->to_ms,
                   question->last_seq, &answer->range) < 0)
        return -ENOMEM;
    return range_divide(&answer->range, answer->query->step_ms, HISTORY_POINTS_MAX);
}

static bool has_histogram(const struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        if (selection->series[i]->type == SAMPLE_HISTOGRAM)
            return true;
    }
    return false;
}

static int check(const struct answer *answer, struct problem *problem)
{
    const struct selection *selection = &answer->question->selection;

    if (answer->query->quantile_count > 0 && selection->count > 0 && !has_histogram(selection))
        return problem_set(problem, 400, "quantile",
                           "none of the %zu selected series is a histogram, and only those have "
                           "quantiles",
                           selection->count);
    return range_check(&answer->range, selection->count, column_limit(answer->query), problem);
}

int history_answer(const struct history_question *question, struct buffer *out,
                   struct problem *problem)
{
    struct answer answer = {.question = question, .query = &question->query};
    int result = answer.query->follows ? read_page(&answer) : read_span(&answer);

    if (result == 0)
        result = check(&answer, problem);
    if (result == 0)
        result = history_columns_init(&answer.columns, answer.query, &answer.range,
                                      question->interval_ms);
    if (result == 0) {
        result = answer.query->format == FORMAT_JSON ? encode_document(&answer, out)
                                                     : encode_rows(&answer, out);
        history_columns_finish(&answer.columns);
    }
    range_finish(&answer.range);
    return result;
}

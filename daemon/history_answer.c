#include "daemon/history_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/history_columns.h"

/* A question that is being answered. */
struct answer {
    const struct history_question *question;
    struct history_query query; /* the question's; the step may be raised */
    double quantiles[HISTORY_QUANTILES_MAX];
    struct walk walk;
    uint64_t to; /* since=: the last tick of this page */
    bool more;   /* there are further ones */
};

static size_t row_count(const struct answer *answer)
{
    return answer->walk.bucket_count;
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
        json_i64(json, answer->walk.time_ms[i]);
    json_end_array(json);
}

static void encode_span(struct json *json, const struct answer *answer)
{
    json_key(json, "seq");
    json_u64(json, answer->question->last_seq);
    json_key(json, "from_ms");
    json_i64(json, answer->query.from_ms);
    json_key(json, "to_ms");
    json_i64(json, answer->query.to_ms);
    json_key(json, "step_ms");
    json_i64(json, answer->query.step_ms);
    encode_times(json, answer);
}

/* What was asked for, and is no more. */
static void encode_gap(struct json *json, const struct answer *answer)
{
    uint64_t from = answer->query.since + 1;
    uint64_t begin = row_count(answer) > 0 ? answer->walk.seqs[0] : answer->to + 1;

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
    json_key(json, "seq");
    json_u64(json, answer->to);
    json_key(json, "more");
    json_bool(json, answer->more);
    encode_gap(json, answer);
    encode_times(json, answer);
    json_key(json, "ticks");
    json_begin_array(json);
    for (size_t i = 0; i < row_count(answer); i++)
        json_u64(json, answer->walk.seqs[i]);
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

/* One that ended is told of where it had a value. */
static bool is_shown(const struct answer *answer, size_t index)
{
    const struct walk *walk = &answer->walk;

    if (answer->question->selection.series[index]->slot != SERIES_NO_SLOT)
        return true;
    for (size_t bucket = 0; bucket < walk->bucket_count; bucket++) {
        if (walk->summaries[bucket * walk->series_count + index].weight > 0)
            return true;
    }
    return false;
}

static void encode_series(struct json *json, const struct answer *answer, size_t index,
                          uint64_t *words)
{
    const struct series *series = answer->question->selection.series[index];
    struct text_column columns[HISTORY_COLUMNS_MAX];

    history_columns_read(&answer->query, &answer->walk, series, index, words, columns);
    json_begin_object(json);
    json_series(json, series);
    json_key(json, "unit");
    json_string(json, series->unit);
    for (size_t i = 0; i < history_columns_of(&answer->query, series); i++)
        encode_column(json, &columns[i], row_count(answer));
    json_end_object(json);
}

/* Room for one series at a time. */
static int encode_document(const struct answer *answer, struct buffer *out)
{
    const struct selection *selection = &answer->question->selection;
    uint64_t *words = calloc(column_limit(&answer->query) * row_count(answer) + 1, sizeof *words);
    struct json json = {.out = out};

    if (!words)
        return -ENOMEM;
    json_begin_object(&json);
    json_key(&json, "epoch");
    json_string(&json, history_epoch(answer->question->history));
    if (answer->query.follows)
        encode_page(&json, answer);
    else
        encode_span(&json, answer);
    json_marks(&json, answer->walk.marks, answer->walk.mark_count);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < selection->count; i++) {
        if (is_shown(answer, i))
            encode_series(&json, answer, i, words);
    }
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
    free(words);
    return 0;
}

/* --- as a table --- */

/* All columns and their words, which are kept: rows go across them. How many there are. */
static size_t fill_table(const struct answer *answer, struct text_column *columns, uint64_t *words)
{
    const struct selection *selection = &answer->question->selection;
    size_t count = 0;

    for (size_t i = 0; i < selection->count; i++) {
        const struct series *series = selection->series[i];

        if (!is_shown(answer, i))
            continue;
        history_columns_read(&answer->query, &answer->walk, series, i,
                             words + count * row_count(answer), columns + count);
        count += history_columns_of(&answer->query, series);
    }
    return count;
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

static int encode_rows(const struct answer *answer, struct buffer *out)
{
    static const uint64_t none = 0;
    const size_t limit = column_limit(&answer->query) * answer->question->selection.count;
    struct text_column *columns = calloc(limit + 1, sizeof *columns);
    uint64_t *words = calloc(limit * row_count(answer) + 1, sizeof *words);
    struct text_table table = {.time_ms = answer->walk.time_ms,
                               .seqs = answer->walk.seqs,
                               .row_count = row_count(answer),
                               .columns = columns,
                               .aggregates_named = column_limit(&answer->query) > 1};
    int result = -ENOMEM;

    if (answer->query.follows && !table.seqs)
        table.seqs = &none; /* without rows; the column is there all the same */
    if (columns && words) {
        table.column_count = fill_table(answer, columns, words);
        encode_table(&table, answer->query.format, out);
        result = 0;
    }
    free(columns);
    free(words);
    return result;
}

/* --- what is read --- */

static struct walk_query walk_of(const struct answer *answer)
{
    const struct history_question *question = answer->question;
    struct walk_query walk = {
        .from_ms = answer->query.from_ms,
        .to_ms = answer->query.to_ms,
        .step_ms = answer->query.step_ms,
        .last_seq = question->last_seq,
        .interval_ms = question->interval_ms,
        .series = question->selection.series,
        .series_count = question->selection.count,
        .raw = answer->query.raw,
        .bucket_max = HISTORY_POINTS_MAX,
        .value_max = HISTORY_VALUES_MAX,
        .quantiles = answer->quantiles,
        .quantile_count = answer->query.quantile_count,
        .width_max = HISTORY_WIDTH_MAX,
        .cancelled = question->cancelled,
    };

    memcpy(walk.wanted, answer->query.wanted, sizeof walk.wanted);
    return walk;
}

static uint64_t first_seq(const struct history_question *question)
{
    uint64_t sealed = archive_count(question->archive, ARCHIVE_SECONDS).first_seq;
    uint64_t head = history_first(question->history);

    return sealed != 0 && sealed < head ? sealed : head;
}

/* The oldest ticks after a position, as many as points allow and the limit on values. */
static int read_page(struct answer *answer)
{
    const struct history_question *question = answer->question;
    const uint64_t first = first_seq(question), since = answer->query.since;
    const uint64_t from = since + 1 > first ? since + 1 : first;
    const size_t across = question->selection.count * column_limit(&answer->query);
    struct walk_query walk = walk_of(answer);
    size_t limit = answer->query.points;

    if (across > 0 && HISTORY_VALUES_MAX / across < limit)
        limit = across < HISTORY_VALUES_MAX ? HISTORY_VALUES_MAX / across : 1;
    answer->to = since;
    if (question->last_seq >= from) {
        answer->more = question->last_seq - from >= limit;
        answer->to = answer->more ? from + limit - 1 : question->last_seq;
    }
    walk.every_tick = true;
    walk.from_ms = 0; /* whatever the clock said */
    walk.to_ms = INT64_MAX;
    walk.since_seq = from - 1;
    walk.last_seq = answer->to;
    walk.bucket_max = limit;
    return walk_read(question->archive, question->history, &walk, &answer->walk);
}

/* What is older than all ticks is there by the minute. */
static int raise_step(struct answer *answer)
{
    const struct history_question *question = answer->question;
    int64_t finest_ms =
        walk_finest_step(question->archive, question->history, answer->query.from_ms);

    if (finest_ms < 0)
        return -ENOMEM;
    if (answer->query.step_ms < finest_ms)
        answer->query.step_ms = finest_ms;
    return 0;
}

static int read_span(struct answer *answer)
{
    const struct history_question *question = answer->question;
    struct walk_query walk;

    if (raise_step(answer) < 0)
        return -ENOMEM;
    walk = walk_of(answer);
    return walk_read(question->archive, question->history, &walk, &answer->walk);
}

static size_t count_histograms(const struct selection *selection)
{
    size_t count = 0;

    for (size_t i = 0; i < selection->count; i++)
        count += selection->series[i]->type == SAMPLE_HISTOGRAM;
    return count;
}

static int check(const struct history_question *question, struct problem *problem)
{
    const struct selection *selection = &question->selection;

    if (question->query.quantile_count == 0 || selection->count == 0 ||
        count_histograms(selection) > 0)
        return 0;
    return problem_set(problem, 400, "quantile",
                       "none of the %zu selected series is a histogram, and only those have "
                       "quantiles",
                       selection->count);
}

static int refuse_values(const struct answer *answer, struct problem *problem)
{
    return problem_set(problem, 400, NULL,
                       "%zu series with %zu columns each, every %lld ms, are more than the %d "
                       "values that one request may ask: select fewer series, fewer columns, a "
                       "longer step or a shorter span",
                       answer->question->selection.count, column_limit(&answer->query),
                       (long long)answer->query.step_ms, HISTORY_VALUES_MAX);
}

static int refuse_width(const struct answer *answer, struct problem *problem)
{
    return problem_set(problem, 400, "quantile",
                       "the values of %zu histograms are spread over more than the %d buckets that "
                       "one request may add up: select fewer of them",
                       count_histograms(&answer->question->selection), HISTORY_WIDTH_MAX);
}

static int read_walk(struct answer *answer, struct problem *problem)
{
    int result;

    for (size_t i = 0; i < answer->query.quantile_count; i++)
        answer->quantiles[i] = answer->query.quantiles[i].q;
    result = answer->query.follows ? read_page(answer) : read_span(answer);
    if (result == -E2BIG)
        return refuse_values(answer, problem);
    return result == -EFBIG ? refuse_width(answer, problem) : result;
}

int history_answer(const struct history_question *question, struct buffer *out,
                   struct problem *problem)
{
    struct answer answer = {.question = question, .query = question->query};
    int result = check(question, problem);

    if (result == 0)
        result = read_walk(&answer, problem);
    if (result < 0)
        return result;
    result = answer.query.format == FORMAT_JSON ? encode_document(&answer, out)
                                                : encode_rows(&answer, out);
    walk_finish(&answer.walk);
    return result;
}

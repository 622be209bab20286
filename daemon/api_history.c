#include <errno.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/encode_text.h"
#include "daemon/range.h"
#include "daemon/select.h"

#define DEFAULT_SPAN_MS (5 * 60 * 1000)
#define DEFAULT_POINTS  1000
#define MAX_POINTS      10000
#define MAX_STEP_MS     (24 * 3600 * 1000)
static const char *const aggregate_names[AGGREGATE_COUNT] = {"avg", "min", "max", "last"};

struct history_query {
    int64_t from_ms, to_ms, step_ms;
    bool wanted[AGGREGATE_COUNT];
    size_t wanted_count;
    bool raw; /* counters as they are, not their rates */
    enum format format;
    enum json_digits digits;
};

/* Steps that people read well, each as the next multiple of the interval. */
static int64_t round_step(int64_t wanted_ms, int64_t interval_ms)
{
    static const int64_t seconds[] = {1,   2,   5,    10,   15,   20,   30,    60,    120,  300,
                                      600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200};

    if (wanted_ms <= interval_ms)
        return interval_ms;
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        int64_t intervals = (seconds[i] * 1000 + interval_ms - 1) / interval_ms;

        if (intervals * interval_ms >= wanted_ms)
            return intervals * interval_ms;
    }
    return MAX_STEP_MS;
}

static int parse_aggregates(const struct query *query, bool wanted[AGGREGATE_COUNT],
                            struct problem *problem)
{
    const struct parameter *parameter = query_find(query, "agg");
    struct scanner scanner;

    if (!parameter) {
        wanted[AGGREGATE_AVG] = true;
        return 0;
    }
    scanner = scanner_over(parameter->value, parameter->length);
    do {
        size_t i = 0;

        while (i < AGGREGATE_COUNT && !scan_literal(&scanner, aggregate_names[i]))
            i++;
        if (i == AGGREGATE_COUNT)
            return problem_set(problem, 400, "agg",
                               "\"%.60s\" is not a list of avg, min, max, last", parameter->value);
        wanted[i] = true;
    } while (scan_char(&scanner, ','));
    if (scan_is_done(&scanner))
        return 0;
    return problem_set(problem, 400, "agg", "\"%.60s\" is not a list of avg, min, max, last",
                       parameter->value);
}

static int parse_span(const struct query *query, int64_t interval_ms, struct history_query *out,
                      struct problem *problem)
{
    const int64_t now_ms = clock_now().real_ns / NS_PER_MS;
    uint64_t points = DEFAULT_POINTS;
    int64_t wanted_ms = interval_ms;

    out->from_ms = now_ms - DEFAULT_SPAN_MS;
    out->to_ms = now_ms + 1; /* exclusive, and now counts */
    if (query_time(query, "from", now_ms, &out->from_ms, problem) < 0 ||
        query_time(query, "to", now_ms, &out->to_ms, problem) < 0 ||
        query_duration(query, "step", 1, MAX_STEP_MS, &wanted_ms, problem) < 0 ||
        query_number(query, "points", 1, MAX_POINTS, &points, problem) < 0)
        return -EINVAL;
    if (out->from_ms >= out->to_ms)
        return problem_set(problem, 400, "from", "from is not before to");
    if (wanted_ms < (out->to_ms - out->from_ms) / (int64_t)points)
        wanted_ms = (out->to_ms - out->from_ms) / (int64_t)points;
    out->step_ms = round_step(wanted_ms, interval_ms);
    return 0;
}

static int parse_query(const struct query *query, int64_t interval_ms, struct history_query *out,
                       struct problem *problem)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, "from", "to",     "step",
                                          "points",          "agg",  "values", "format",
                                          "digits",          NULL};
    static const char *const values[] = {"rate", "raw"};
    size_t raw = 0;

    *out = (struct history_query){.digits = JSON_DIGITS_6};
    if (query_check(query, allowed, problem) < 0 ||
        parse_span(query, interval_ms, out, problem) < 0 ||
        parse_aggregates(query, out->wanted, problem) < 0 ||
        query_choice(query, "values", values, 2, &raw, problem) < 0 ||
        api_format(query, &out->format, problem) < 0 ||
        api_digits(query, &out->digits, problem) < 0)
        return -EINVAL;
    out->raw = raw == 1;
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        out->wanted_count += out->wanted[i];
    return 0;
}

static void encode_head(struct json *json, const char *epoch, const struct history_query *query,
                        const struct buckets *buckets, uint64_t last_seq)
{
    json_key(json, "epoch");
    json_string(json, epoch);
    json_key(json, "seq");
    json_u64(json, last_seq);
    json_key(json, "from_ms");
    json_i64(json, query->from_ms);
    json_key(json, "to_ms");
    json_i64(json, query->to_ms);
    json_key(json, "step_ms");
    json_i64(json, query->step_ms);
    json_key(json, "time_ms");
    json_begin_array(json);
    for (size_t i = 0; i < buckets->count; i++)
        json_i64(json, buckets->time_ms[i]);
    json_end_array(json);
}

static void encode_column(struct json *json, const char *name, const uint64_t *words, size_t count,
                          enum json_digits digits)
{
    json_key(json, name);
    json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        json_word(json, words[i], digits);
    json_end_array(json);
}

static bool shows_rates(const struct history_query *query, const struct series *series)
{
    return series->cumulative && !query->raw;
}

/* An average is computed; the others are values as they were read. */
static enum json_digits digits_of(const struct history_query *query, const struct series *series,
                                  size_t aggregate)
{
    bool computed = shows_rates(query, series) || aggregate == AGGREGATE_AVG ||
                    (series->flags & SERIES_DERIVED);

    return computed ? query->digits : JSON_DIGITS_ALL;
}

/* All that is being answered. */
struct answer {
    const struct http_loop *loop;
    const struct history_query *query;
    const struct selection *selection;
    struct range range;
    uint64_t last_seq;
};

static void aggregate(struct answer *answer, const struct series *series,
                      uint64_t *const out[AGGREGATE_COUNT])
{
    range_aggregate(&answer->range, series, shows_rates(answer->query, series),
                    answer->loop->options->interval_ms, out);
}

static void encode_series(struct json *json, struct answer *answer, const struct series *series,
                          uint64_t *const out[AGGREGATE_COUNT])
{
    const struct history_query *query = answer->query;

    aggregate(answer, series, out);
    json_begin_object(json);
    json_series(json, series);
    json_key(json, "unit");
    json_string(json, series->unit);
    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        if (query->wanted[i])
            encode_column(json, aggregate_names[i], out[i], answer->range.buckets.count,
                          digits_of(query, series, i));
    }
    json_end_object(json);
}

/* Room for one series at a time. */
static int encode_document(struct buffer *out, struct answer *answer)
{
    const size_t rows = answer->range.buckets.count;
    AUTO_FREE uint64_t *room = calloc(AGGREGATE_COUNT * rows + 1, sizeof *room);
    uint64_t *columns[AGGREGATE_COUNT];
    struct json json = {.out = out};

    if (!room)
        return -ENOMEM;
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        columns[i] = room + i * rows;
    json_begin_object(&json);
    encode_head(&json, history_epoch(answer->range.history), answer->query, &answer->range.buckets,
                answer->last_seq);
    json_marks(&json, answer->range.ticks + answer->range.skip,
               answer->range.count - answer->range.skip);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < answer->selection->count; i++)
        encode_series(&json, answer, answer->selection->series[i], columns);
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
    return 0;
}

/* Fills the columns and their words, all of which are kept: rows go across them. */
static void fill_columns(struct answer *answer, struct text_column *columns, uint64_t *words)
{
    const size_t rows = answer->range.buckets.count;
    uint64_t *unwanted = words + answer->selection->count * answer->query->wanted_count * rows;

    for (size_t i = 0; i < answer->selection->count; i++) {
        const struct series *series = answer->selection->series[i];
        uint64_t *out[AGGREGATE_COUNT];

        for (size_t k = 0; k < AGGREGATE_COUNT; k++) {
            out[k] = unwanted;
            if (!answer->query->wanted[k])
                continue;
            *columns++ = (struct text_column){.series = series,
                                              .aggregate = aggregate_names[k],
                                              .words = words,
                                              .digits = digits_of(answer->query, series, k)};
            out[k] = words;
            words += rows;
        }
        aggregate(answer, series, out);
    }
}

static int encode_table(struct buffer *out, struct answer *answer)
{
    const struct buckets *buckets = &answer->range.buckets;
    const size_t count = answer->selection->count * answer->query->wanted_count;
    struct text_column *columns = calloc(count + 1, sizeof *columns);
    uint64_t *words = calloc((count + 1) * buckets->count + 1, sizeof *words);
    const struct text_table table = {.time_ms = buckets->time_ms,
                                     .row_count = buckets->count,
                                     .columns = columns,
                                     .column_count = count,
                                     .aggregates_named = answer->query->wanted_count > 1};
    int result = -ENOMEM;

    if (columns && words) {
        fill_columns(answer, columns, words);
        if (answer->query->format == FORMAT_CSV)
            encode_csv(out, &table);
        else if (answer->query->format == FORMAT_NDJSON)
            encode_lines(out, &table);
        else
            encode_values(out, &table);
        result = 0;
    }
    free(columns);
    free(words);
    return result;
}

static enum MHD_Result respond(struct request *request, struct answer *answer)
{
    const struct history_query *query = answer->query;
    struct buffer body = {0};
    struct problem problem;
    int result = range_divide(&answer->range, query->step_ms, MAX_POINTS);

    if (result == 0 &&
        range_check(&answer->range, answer->selection->count, query->wanted_count, &problem) < 0)
        return respond_problem(request, &problem);
    if (result == 0 && query->format == FORMAT_JSON)
        result = encode_document(&body, answer);
    else if (result == 0)
        result = encode_table(&body, answer);
    body.failed = body.failed || result < 0;
    return api_respond(request, query->format, &body);
}

static enum MHD_Result answer_selection(struct request *request, const struct history_query *query,
                                        const struct selection *selection)
{
    const struct http_loop *loop = request->loop;
    struct answer answer = {.loop = loop,
                            .query = query,
                            .selection = selection,
                            .last_seq = loop->follower.present.tick.seq};
    enum MHD_Result result;

    if (query->format == FORMAT_VALUE && selection->count == 0)
        return api_respond_none(request);
    if (range_read(loop->follower.history, query->from_ms, query->to_ms, answer.last_seq,
                   &answer.range) < 0)
        return respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    result = respond(request, &answer);
    range_finish(&answer.range);
    return result;
}

enum MHD_Result api_history(struct request *request, bool head)
{
    const struct http_loop *loop = request->loop;
    const struct follower *follower = &loop->follower;
    struct history_query query;
    struct select *select;
    struct selection selection;
    struct problem problem;
    enum MHD_Result result;

    (void)head;
    if (parse_query(request->query, loop->options->interval_ms, &query, &problem) < 0 ||
        select_parse(request->query, history_epoch(follower->history), &select, &problem) < 0)
        return respond_problem(request, &problem);
    if (select_is_all(select)) {
        select_free(select);
        problem_set(&problem, 400, "name",
                    "history of everything is too much: select with name=GLOB, match=, label= or "
                    "id=");
        return respond_problem(request, &problem);
    }
    if (select_series(select, follower->catalog, &selection, &problem) < 0) {
        select_free(select);
        return respond_problem(request, &problem);
    }
    select_free(select);
    result = answer_selection(request, &query, &selection);
    free(selection.series);
    return result;
}

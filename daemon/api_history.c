#include <errno.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "daemon/aggregate.h"
#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/select.h"

#define DEFAULT_SPAN_MS (5 * 60 * 1000)
#define DEFAULT_POINTS  1000
#define MAX_POINTS      10000
#define MAX_STEP_MS     (24 * 3600 * 1000)
/* Series times ticks times aggregates that one request may ask: tens of milliseconds of this loop.
 */
#define MAX_VALUES 100000

static const char *const aggregate_names[AGGREGATE_COUNT] = {"avg", "min", "max", "last"};

struct history_query {
    int64_t from_ms, to_ms, step_ms;
    bool wanted[AGGREGATE_COUNT];
    bool raw; /* counters as they are, not their rates */
    enum json_digits digits;
};

/* The ticks that fall into the span, after one more that the first rate starts from. */
struct tick_range {
    struct tick *ticks;
    size_t count;
    size_t skip; /* 1 if there is such a tick */
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
    static const char *const allowed[] = {
        SELECT_PARAMETERS, "from", "to", "step", "points", "agg", "values", "digits", NULL};
    static const char *const values[] = {"rate", "raw"};
    size_t raw = 0;

    *out = (struct history_query){.digits = JSON_DIGITS_6};
    if (query_check(query, allowed, problem) < 0 ||
        parse_span(query, interval_ms, out, problem) < 0 ||
        parse_aggregates(query, out->wanted, problem) < 0 ||
        query_choice(query, "values", values, 2, &raw, problem) < 0 ||
        api_digits(query, &out->digits, problem) < 0)
        return -EINVAL;
    out->raw = raw == 1;
    return 0;
}

static int read_ticks(const struct history *history, const struct history_query *query,
                      uint64_t last_seq, struct tick_range *out)
{
    uint64_t first_seq = history_first(history);
    struct tick_range range = {.ticks = calloc(HISTORY_HEAD_TICKS + 1, sizeof *range.ticks)};

    if (!range.ticks)
        return -ENOMEM;
    for (uint64_t seq = first_seq; seq <= last_seq && range.count < HISTORY_HEAD_TICKS; seq++) {
        struct tick *tick = &range.ticks[range.count];

        if (history_read_tick(history, seq, tick) < 0)
            continue;
        if (tick->time_ms >= query->from_ms && tick->time_ms < query->to_ms) {
            range.count++;
        } else if (range.count == range.skip) {
            range.ticks[0] = *tick;
            range.count = range.skip = 1;
        }
    }
    *out = range;
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

/* Room for one series at a time. */
struct columns {
    uint64_t *words; /* one per tick */
    uint64_t *out[AGGREGATE_COUNT];
};

static int columns_init(struct columns *columns, size_t ticks, size_t buckets)
{
    uint64_t *room = calloc(ticks + AGGREGATE_COUNT * buckets + 1, sizeof *room);

    columns->words = room;
    for (size_t i = 0; room && i < AGGREGATE_COUNT; i++)
        columns->out[i] = room + ticks + i * buckets;
    return room ? 0 : -ENOMEM;
}

/* Ticks are contiguous but where a row was overwritten meanwhile or the span excludes some. */
static void read_words(const struct history *history, const struct series *series,
                       const struct buckets *buckets, uint64_t *words)
{
    for (size_t i = 0; i < buckets->tick_count; i++)
        history_read_column(history, series, buckets->ticks[i].seq, 1, &words[i]);
}

static void encode_series(struct json *json, const struct http_loop *loop,
                          const struct series *series, const struct history_query *query,
                          const struct buckets *buckets, struct columns *columns)
{
    bool rates = series->cumulative && !query->raw;
    bool computed = rates || (series->flags & SERIES_DERIVED);
    const struct rate_rule rule = rate_rule_of(series, loop->options->interval_ms);

    read_words(loop->follower.history, series, buckets, columns->words);
    buckets_aggregate(buckets, columns->words, rates ? &rule : NULL, columns->out);
    json_begin_object(json);
    json_series(json, series);
    json_key(json, "unit");
    json_string(json, series->unit);
    for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
        /* An average is computed; the others are values as they were read. */
        bool rounded = computed || i == AGGREGATE_AVG;

        if (query->wanted[i])
            encode_column(json, aggregate_names[i], columns->out[i], buckets->count,
                          rounded ? query->digits : JSON_DIGITS_ALL);
    }
    json_end_object(json);
}

static int encode(struct buffer *out, const struct http_loop *loop,
                  const struct history_query *query, const struct selection *selection,
                  const struct tick_range *range, uint64_t last_seq)
{
    struct json json = {.out = out};
    struct buckets buckets;
    struct columns columns;

    if (buckets_init(&buckets, range->ticks, range->count, range->skip, query->step_ms,
                     MAX_POINTS) < 0)
        return -ENOMEM;
    if (columns_init(&columns, range->count, buckets.count) < 0) {
        buckets_finish(&buckets);
        return -ENOMEM;
    }
    json_begin_object(&json);
    encode_head(&json, history_epoch(loop->follower.history), query, &buckets, last_seq);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < selection->count; i++)
        encode_series(&json, loop, selection->series[i], query, &buckets, &columns);
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
    free(columns.words);
    buckets_finish(&buckets);
    return 0;
}

static enum MHD_Result answer(struct request *request, const struct history_query *query,
                              const struct selection *selection)
{
    const struct http_loop *loop = request->loop;
    uint64_t last_seq = loop->follower.present.tick.seq;
    struct buffer body = {0};
    struct problem problem;
    struct tick_range range;
    size_t columns = 0;

    if (read_ticks(loop->follower.history, query, last_seq, &range) < 0) {
        body.failed = true;
        return respond_json(request, &body);
    }
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        columns += query->wanted[i];
    if (selection->count * range.count * columns > MAX_VALUES) {
        free(range.ticks);
        problem_set(
            &problem, 400, NULL,
            "%zu series of %zu ticks and %zu aggregates are more than the %d values that one "
            "request may ask: select fewer series, fewer aggregates or a shorter span",
            selection->count, range.count, columns, MAX_VALUES);
        return respond_problem(request, &problem);
    }
    if (encode(&body, loop, query, selection, &range, last_seq) < 0)
        body.failed = true;
    free(range.ticks);
    return respond_json(request, &body);
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
    result = answer(request, &query, &selection);
    free(selection.series);
    return result;
}

#include <errno.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/encode_text.h"
#include "daemon/range.h"
#include "daemon/select.h"
#include "daemon/snapshot.h"

#define WAIT_MAX_MS (60 * 1000)

struct now_query {
    enum format format;
    enum json_digits digits;
    bool rates;      /* csv and value: of cumulative series the rate, not the value */
    int64_t over_ms; /* 0: the last tick alone */
    int64_t wait_ms; /* 0: the answer is given at once */
};

/*
 * Whether there is something newer than "SEQ" or "EPOCH-SEQ": a position that this ring never had
 * is older than anything.
 */
static int parse_since(const struct query *query, const struct follower *follower, bool *newer,
                       struct problem *problem)
{
    const struct parameter *parameter = query_find(query, "since");
    const char *epoch = history_epoch(follower->history);
    struct scanner scanner, whole;
    bool foreign = false;
    uint64_t seq;

    *newer = false;
    if (!parameter)
        return 0;
    whole = scanner = scanner_over(parameter->value, parameter->length);
    if (!scan_u64(&scanner, &seq) || !scan_is_done(&scanner)) {
        struct span before;

        scanner = whole;
        if (!scan_until(&scanner, '-', &before) || before.length != HISTORY_EPOCH_CHARS ||
            !scan_u64(&scanner, &seq) || !scan_is_done(&scanner))
            return problem_set(problem, 400, "since",
                               "\"%.60s\" is not a position; allowed: SEQ or EPOCH-SEQ, as "
                               "answers have them",
                               parameter->value);
        foreign = !span_equals(before, epoch);
    }
    *newer = foreign || seq != follower->present.tick.seq;
    return 0;
}

/* since is about the wait alone: what is newer than it makes that needless. */
static int parse_wait(const struct query *query, const struct http_loop *loop, int64_t *out_ms,
                      struct problem *problem)
{
    bool newer;

    if (query_find(query, "since") && !query_find(query, "wait"))
        return problem_set(problem, 400, "since", "since= needs wait=, such as wait=30s");
    if (query_duration(query, "wait", loop->options->interval_ms, WAIT_MAX_MS, out_ms, problem) <
            0 ||
        parse_since(query, &loop->follower, &newer, problem) < 0)
        return -EINVAL;
    if (newer)
        *out_ms = 0;
    return 0;
}

static int parse_query(const struct query *query, const struct http_loop *loop,
                       struct now_query *out, struct problem *problem)
{
    static const char *const allowed[] = {
        SELECT_PARAMETERS, "format", "digits", "values", "over", "wait", "since", NULL};
    static const char *const values[] = {"raw", "rate"};
    const int64_t interval_ms = loop->options->interval_ms;
    size_t rates = 0;

    *out = (struct now_query){.digits = JSON_DIGITS_6};
    if (query_check(query, allowed, problem) < 0 ||
        format_parse(query, &out->format, problem) < 0 ||
        format_digits(query, &out->digits, problem) < 0 ||
        query_choice(query, "values", values, 2, &rates, problem) < 0 ||
        query_duration(query, "over", interval_ms, HISTORY_HEAD_TICKS * interval_ms, &out->over_ms,
                       problem) < 0 ||
        parse_wait(query, loop, &out->wait_ms, problem) < 0)
        return -EINVAL;
    out->rates = rates == 1;
    return 0;
}

/*
 * Gauges become the plain mean of the span's ticks, rates that of all its time; the value of what
 * only grows stays the last one. So does a series of a longer interval that has none in the span.
 */
static void average(struct snapshot *snapshot, struct range *range, uint32_t interval_ms)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct series *series = snapshot->series[i];
        uint64_t words[AGGREGATE_COUNT];

        range_aggregate(range, series, series->cumulative, interval_ms, words);
        if (sample_is_absent(words[AGGREGATE_AVG]) && series->interval_ms > interval_ms)
            continue;
        if (series->cumulative)
            snapshot->readings[i].rate = words[AGGREGATE_AVG];
        else
            snapshot->readings[i].value = words[AGGREGATE_AVG];
    }
    snapshot->averaged = true;
}

static int average_over(struct snapshot *snapshot, const struct http_loop *loop, int64_t span_ms,
                        struct problem *problem)
{
    struct range range = {0};
    int result = range_read_last(loop->follower.history, span_ms, snapshot->seq, &range);

    if (result < 0)
        problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "out of memory");
    else
        result = range_check(&range, snapshot->count, problem);
    if (result == 0)
        average(snapshot, &range, loop->options->interval_ms);
    range_finish(&range);
    return result;
}

/* One row of a table. */
static void encode_table(struct buffer *out, const struct snapshot *snapshot,
                         const struct now_query *query)
{
    AUTO_FREE struct text_column *columns = calloc(snapshot->count + 1, sizeof *columns);
    const struct text_table table = {.time_ms = &snapshot->time_ms,
                                     .row_count = snapshot->seq > 0,
                                     .columns = columns,
                                     .column_count = snapshot->count};

    if (!columns) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct reading *reading = &snapshot->readings[i];
        bool rate = query->rates && snapshot->series[i]->cumulative;

        columns[i] = (struct text_column){
            .series = snapshot->series[i],
            .words = rate ? &reading->rate : &reading->value,
            .digits = rate ? query->digits : snapshot_digits(snapshot, i, query->digits)};
    }
    if (query->format == FORMAT_CSV)
        encode_csv(out, &table);
    else
        encode_values(out, &table);
}

/* Prepared texts for who asks for everything, as those do who ask again and again. */
static void use_texts(struct snapshot *snapshot, struct http_loop *loop)
{
    const struct catalog *catalog = loop->follower.catalog;

    if (snapshot->count == catalog->count &&
        snapshot_texts_make(&loop->now_texts, catalog, clock_mono_ns()))
        snapshot->texts = &loop->now_texts;
}

static enum MHD_Result answer(struct request *request, const struct now_query *query,
                              const struct selection *selection)
{
    const struct follower *follower = &request->loop->follower;
    struct snapshot snapshot;
    struct buffer body = {0};
    struct problem problem;

    if (query->format == FORMAT_VALUE && selection->count == 0)
        return api_respond_none(request);
    if (snapshot_take(history_epoch(follower->history), &follower->present, selection->series,
                      selection->count, &snapshot) < 0)
        return respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    if (query->over_ms > 0 &&
        average_over(&snapshot, request->loop, query->over_ms, &problem) < 0) {
        snapshot_finish(&snapshot);
        return respond_problem(request, &problem);
    }
    if (query->format == FORMAT_JSON || query->format == FORMAT_NDJSON)
        use_texts(&snapshot, request->loop);
    if (query->format == FORMAT_JSON)
        snapshot_encode(&body, &snapshot, query->digits);
    else if (query->format == FORMAT_NDJSON)
        snapshot_encode_lines(&body, &snapshot, query->digits);
    else
        encode_table(&body, &snapshot, query);
    snapshot_finish(&snapshot);
    return api_respond(request, query->format, &body);
}

/* Only what would be answered well waits; a HEAD, whose answer says nothing, does not. */
static bool has_to_wait(const struct request *request, const struct now_query *query, bool head)
{
    return query->wait_ms > 0 && !head && request->wait.state == WAIT_NONE &&
           !request->loop->waiters.ended;
}

enum MHD_Result api_now(struct request *request, bool head)
{
    struct http_loop *loop = request->loop;
    struct now_query query;
    struct selection selection;
    struct problem problem;
    enum MHD_Result result = MHD_YES;

    if (parse_query(request->query, loop, &query, &problem) < 0 ||
        select_from_query(request->query, history_epoch(loop->follower.history),
                          loop->follower.catalog, &selection, &problem) < 0)
        return respond_problem(request, &problem);
    if (!has_to_wait(request, &query, head))
        result = answer(request, &query, &selection);
    else if (waiters_join(&loop->waiters, request, query.wait_ms, &problem) < 0)
        result = respond_problem(request, &problem);
    free(selection.series);
    return result;
}

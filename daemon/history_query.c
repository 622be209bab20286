#include "daemon/history_query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collectors/number.h"
#include "collectors/parse.h"
#include "daemon/history.h"
#include "daemon/select.h"

#define DEFAULT_SPAN_MS (5 * 60 * 1000)
#define DEFAULT_POINTS  1000
#define MAX_STEP_MS     (24 * 3600 * 1000)
#define QUANTILE_DIGITS 12 /* "0.9999999999" */

static const char *const aggregate_names[AGGREGATE_COUNT] = {"avg", "min", "max", "last"};

const char *aggregate_name(enum aggregate aggregate)
{
    return aggregate_names[aggregate];
}

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

/* --- the columns --- */

static int parse_aggregates(const struct query *query, struct history_query *out,
                            struct problem *problem)
{
    const struct parameter *parameter = query_find(query, "agg");
    struct scanner scanner;

    if (!parameter) {
        out->wanted[out->follows ? AGGREGATE_LAST : AGGREGATE_AVG] = out->quantile_count == 0;
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
        if (out->follows && i != AGGREGATE_LAST)
            return problem_set(problem, 400, "agg",
                               "since= gives each tick by itself, so agg can only be last");
        out->wanted[i] = true;
    } while (scan_char(&scanner, ','));
    if (scan_is_done(&scanner))
        return 0;
    return problem_set(problem, 400, "agg", "\"%.60s\" is not a list of avg, min, max, last",
                       parameter->value);
}

/* The column is named by the text as it was written. */
static bool parse_quantile(struct span text, struct history_quantile *out)
{
    size_t digits = 0;

    while (digits < text.length && (char_is_digit(text.at[digits]) || text.at[digits] == '.'))
        digits++;
    if (digits == 0 || digits != text.length || digits > QUANTILE_DIGITS ||
        number_parse(text.at, text.length, &out->q) < 0 || !(out->q > 0 && out->q < 1))
        return false;
    snprintf(out->name, sizeof out->name, "quantile_%.*s", (int)text.length, text.at);
    return true;
}

static bool has_quantile(const struct history_query *query, const char *name)
{
    for (size_t i = 0; i < query->quantile_count; i++) {
        if (strcmp(query->quantiles[i].name, name) == 0)
            return true;
    }
    return false;
}

static int parse_quantiles(const struct query *query, struct history_query *out,
                           struct problem *problem)
{
    const struct parameter *parameter = query_find(query, "quantile");
    const char *at, *end;

    if (!parameter)
        return 0;
    end = parameter->value + parameter->length;
    for (at = parameter->value;; at++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        struct history_quantile quantile;
        struct span text = {at, (size_t)((comma ? comma : end) - at)};

        if (out->quantile_count == HISTORY_QUANTILES_MAX || !parse_quantile(text, &quantile) ||
            has_quantile(out, quantile.name))
            return problem_set(problem, 400, "quantile",
                               "\"%.60s\" is not a list of at most %d different numbers between 0 "
                               "and 1 of at most %d characters, such as 0.5,0.99",
                               parameter->value, HISTORY_QUANTILES_MAX, QUANTILE_DIGITS);
        out->quantiles[out->quantile_count++] = quantile;
        if (!comma)
            return 0;
        at = comma;
    }
}

/* --- what of --- */

/* "SEQ" or "EPOCH-SEQ" */
static int parse_since(const struct parameter *parameter, const struct history_context *context,
                       uint64_t *out, struct problem *problem)
{
    struct scanner scanner = scanner_over(parameter->value, parameter->length);
    struct scanner plain = scanner;
    struct span epoch;

    if (scan_u64(&plain, out) && scan_is_done(&plain)) {
        if (*out <= context->last_seq)
            return 0;
    } else if (!scan_until(&scanner, '-', &epoch) || epoch.length != HISTORY_EPOCH_CHARS ||
               !scan_u64(&scanner, out) || !scan_is_done(&scanner)) {
        return problem_set(problem, 400, "since",
                           "\"%.60s\" is not a position; allowed: SEQ or EPOCH-SEQ, as answers "
                           "have them",
                           parameter->value);
    } else if (span_equals(epoch, context->epoch) && *out <= context->last_seq) {
        return 0;
    }
    return problem_set(problem, 410, "since",
                       "\"%.60s\" is of another ring; this one's epoch is %s, and its last tick "
                       "%llu: begin anew with since=0",
                       parameter->value, context->epoch, (unsigned long long)context->last_seq);
}

static int parse_follow(const struct query *query, const struct history_context *context,
                        struct history_query *out, struct problem *problem)
{
    static const char *const excluded[] = {"from", "to", "step"};
    const struct parameter *since = query_find(query, "since");

    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++) {
        if (query_find(query, excluded[i]))
            return problem_set(problem, 400, excluded[i],
                               "since= gives the ticks after a position, so it excludes from, to "
                               "and step");
    }
    if (parse_since(since, context, &out->since, problem) < 0)
        return -EINVAL;
    return query_duration(query, "wait", context->interval_ms, HISTORY_WAIT_MAX_MS, &out->wait_ms,
                          problem);
}

static int parse_span(const struct query *query, const struct history_context *context,
                      struct history_query *out, struct problem *problem)
{
    const int64_t now_ms = context->now_ms;
    int64_t wanted_ms = context->interval_ms;
    int64_t least_ms;

    out->from_ms = now_ms - DEFAULT_SPAN_MS;
    out->to_ms = now_ms + 1; /* exclusive, and now counts */
    if (query_find(query, "wait"))
        return problem_set(problem, 400, "wait", "wait= needs since=, the last tick known");
    if (query_time(query, "from", now_ms, &out->from_ms, problem) < 0 ||
        query_time(query, "to", now_ms, &out->to_ms, problem) < 0 ||
        query_duration(query, "step", 1, MAX_STEP_MS, &wanted_ms, problem) < 0)
        return -EINVAL;
    if (out->from_ms >= out->to_ms)
        return problem_set(problem, 400, "from", "from is not before to");
    least_ms = (out->to_ms - out->from_ms) / (int64_t)out->points;
    out->step_ms = round_step(wanted_ms > least_ms ? wanted_ms : least_ms, context->interval_ms);
    return 0;
}

int history_query_parse(const struct query *query, const struct history_context *context,
                        struct history_query *out, struct problem *problem)
{
    static const char *const allowed[] = {
        SELECT_PARAMETERS, "from",   "to",     "step",  "points", "agg", "quantile",
        "values",          "format", "digits", "since", "wait",   NULL};
    static const char *const values[] = {"rate", "raw"};
    struct history_query result = {.digits = JSON_DIGITS_6};
    uint64_t points = DEFAULT_POINTS;
    size_t raw = 0;

    if (query_check(query, allowed, problem) < 0 ||
        query_number(query, "points", 1, HISTORY_POINTS_MAX, &points, problem) < 0)
        return -EINVAL;
    result.points = (size_t)points;
    result.follows = query_find(query, "since") != NULL;
    if ((result.follows ? parse_follow(query, context, &result, problem)
                        : parse_span(query, context, &result, problem)) < 0 ||
        parse_quantiles(query, &result, problem) < 0 ||
        parse_aggregates(query, &result, problem) < 0 ||
        query_choice(query, "values", values, 2, &raw, problem) < 0 ||
        format_parse(query, &result.format, problem) < 0 ||
        format_digits(query, &result.digits, problem) < 0)
        return -EINVAL;
    result.raw = raw == 1;
    *out = result;
    return 0;
}

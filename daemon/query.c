#include "daemon/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collectors/parse.h"
#include "daemon/moment.h"

/* How much of a wrong value an error repeats. */
#define SHOWN_BYTES 60

int query_add(struct query *query, const char *name, const char *value, size_t length)
{
    if (query->count == QUERY_MAX_PARAMETERS)
        return -E2BIG;
    query->items[query->count++] =
        (struct parameter){.name = name, .value = value ? value : "", .length = value ? length : 0};
    return 0;
}

static const char *find_allowed(const char *const *allowed, const char *name)
{
    for (; *allowed; allowed++) {
        if (strcmp(**allowed == '+' ? *allowed + 1 : *allowed, name) == 0)
            return *allowed;
    }
    return NULL;
}

static int unknown_parameter(const struct parameter *parameter, const char *const *allowed,
                             struct problem *problem)
{
    char list[PROBLEM_DETAIL_BYTES / 2] = "none";
    size_t length = 0;

    for (; *allowed && length < sizeof list; allowed++)
        length +=
            (size_t)snprintf(list + length, sizeof list - length, "%s%s", length > 0 ? ", " : "",
                             **allowed == '+' ? *allowed + 1 : *allowed);
    return problem_set(problem, 400, NULL, "unknown parameter \"%.*s\"; allowed here: %s",
                       SHOWN_BYTES, parameter->name, list);
}

int query_check(const struct query *query, const char *const *allowed, struct problem *problem)
{
    for (size_t i = 0; i < query->count; i++) {
        const char *entry = find_allowed(allowed, query->items[i].name);

        if (!entry)
            return unknown_parameter(&query->items[i], allowed, problem);
        if (*entry != '+' && query_find(query, entry) != &query->items[i])
            return problem_set(problem, 400, entry, "%s is given more than once", entry);
    }
    return 0;
}

const struct parameter *query_find(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (strcmp(query->items[i].name, name) == 0)
            return &query->items[i];
    }
    return NULL;
}

static int shown_length(const struct parameter *parameter)
{
    return (int)(parameter->length < SHOWN_BYTES ? parameter->length : SHOWN_BYTES);
}

int query_time(const struct query *query, const char *name, int64_t now_ms, int64_t *out_ms,
               struct problem *problem)
{
    const struct parameter *parameter = query_find(query, name);

    if (!parameter || moment_parse(parameter->value, parameter->length, now_ms, out_ms) == 0)
        return 0;
    return problem_set(problem, 400, name,
                       "\"%.*s\" is not a time; allowed: RFC 3339 (2026-11-22T14:30:00Z), now, a "
                       "time before now (-15m), Unix seconds, or Unix milliseconds",
                       shown_length(parameter), parameter->value);
}

int query_duration(const struct query *query, const char *name, int64_t lowest_ms,
                   int64_t highest_ms, int64_t *out_ms, struct problem *problem)
{
    const struct parameter *parameter = query_find(query, name);
    int64_t ms;

    if (!parameter)
        return 0;
    if (duration_parse(parameter->value, parameter->length, &ms) == 0 && ms >= lowest_ms &&
        ms <= highest_ms) {
        *out_ms = ms;
        return 0;
    }
    return problem_set(problem, 400, name,
                       "\"%.*s\" is not a duration from %lld ms to %lld s, such as 500ms, 10s, 5m, "
                       "1h or 1d",
                       shown_length(parameter), parameter->value, (long long)lowest_ms,
                       (long long)(highest_ms / 1000));
}

int query_number(const struct query *query, const char *name, uint64_t lowest, uint64_t highest,
                 uint64_t *out, struct problem *problem)
{
    const struct parameter *parameter = query_find(query, name);
    struct scanner scanner;
    uint64_t number;

    if (!parameter)
        return 0;
    scanner = scanner_over(parameter->value, parameter->length);
    if (scan_u64(&scanner, &number) && scan_is_done(&scanner) && number >= lowest &&
        number <= highest) {
        *out = number;
        return 0;
    }
    return problem_set(problem, 400, name, "\"%.*s\" is not a whole number from %llu to %llu",
                       shown_length(parameter), parameter->value, (unsigned long long)lowest,
                       (unsigned long long)highest);
}

int query_choice(const struct query *query, const char *name, const char *const *choices,
                 size_t count, size_t *out, struct problem *problem)
{
    const struct parameter *parameter = query_find(query, name);
    char list[200] = "";
    size_t used = 0;

    if (!parameter)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (span_equals((struct span){parameter->value, parameter->length}, choices[i])) {
            *out = i;
            return 0;
        }
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                     choices[i]);
    }
    return problem_set(problem, 400, name, "\"%.*s\" is not known; allowed: %s",
                       shown_length(parameter), parameter->value, list);
}

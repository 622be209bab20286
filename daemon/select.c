#include "daemon/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/parse.h"
#include "daemon/clock.h"
#include "daemon/selector.h"

/* Each is compared with each series. */
#define SELECT_MAX_TERMS 512
/* What a term costs beside the bytes that it compares. */
#define TERM_STEPS 8

/* The terms that are a union, and those that narrow it. */
enum term_type { TERM_MATCH, TERM_NAME, TERM_ID, TERM_LABEL };

struct term {
    enum term_type type;
    struct selector *selector;  /* TERM_MATCH */
    char *key;                  /* TERM_LABEL */
    char *glob;                 /* TERM_NAME, TERM_LABEL */
    uint32_t first_id, last_id; /* TERM_ID */
};

struct select {
    struct term *terms;
    size_t count, capacity;
    size_t union_count; /* terms other than TERM_LABEL */
    char *key;
};

bool glob_matches(const char *pattern, const char *text, size_t *steps)
{
    const char *star = NULL, *retry = NULL;

    /* On a mismatch the last star takes one byte more; earlier stars never need to. */
    for (; *text; ++*steps) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static int out_of_memory(struct problem *problem)
{
    problem_set(problem, 503, NULL, "out of memory");
    return -EINVAL;
}

static struct term *add_term(struct select *select, enum term_type type)
{
    struct term *term;

    if (select->count == select->capacity) {
        size_t capacity = select->capacity ? select->capacity * 2 : 8;
        struct term *larger = reallocarray(select->terms, capacity, sizeof *larger);

        if (!larger)
            return NULL;
        select->terms = larger;
        select->capacity = capacity;
    }
    term = &select->terms[select->count++];
    *term = (struct term){.type = type};
    if (type != TERM_LABEL)
        select->union_count++;
    return term;
}

static int parse_match(struct select *select, const struct parameter *parameter,
                       struct problem *problem)
{
    struct term *term = add_term(select, TERM_MATCH);

    if (term)
        term->selector = calloc(1, sizeof *term->selector);
    if (!term || !term->selector)
        return out_of_memory(problem);
    return selector_parse(parameter->value, parameter->length, term->selector, problem);
}

static int parse_glob(struct select *select, enum term_type type, const struct parameter *parameter,
                      struct problem *problem)
{
    struct term *term;
    const char *colon = NULL;

    if (parameter->length == 0 || strlen(parameter->value) != parameter->length)
        return problem_set(problem, 400, parameter->name,
                           "%s is empty or holds a zero byte; allowed: text with * for any text "
                           "and ? for any one byte",
                           parameter->name);
    if (type == TERM_LABEL) {
        colon = strchr(parameter->value, ':');
        if (!colon || colon == parameter->value)
            return problem_set(problem, 400, "label",
                               "\"%.60s\" is not KEY:GLOB, such as label=device:sd*",
                               parameter->value);
    }
    term = add_term(select, type);
    if (!term)
        return out_of_memory(problem);
    if (colon)
        term->key = strndup(parameter->value, (size_t)(colon - parameter->value));
    term->glob = strdup(colon ? colon + 1 : parameter->value);
    return term->glob && (!colon || term->key) ? 0 : out_of_memory(problem);
}

static bool scan_id(struct scanner *scanner, uint32_t *out)
{
    uint64_t id;

    if (!scan_u64(scanner, &id) || id > UINT32_MAX)
        return false;
    *out = (uint32_t)id;
    return true;
}

/* "12,20-45" */
static int parse_ids(struct select *select, const struct parameter *parameter,
                     struct problem *problem)
{
    struct scanner scanner = scanner_over(parameter->value, parameter->length);

    do {
        struct term *term;

        if (select->count >= SELECT_MAX_TERMS)
            return problem_set(problem, 400, "id", "more than %d ids and ranges", SELECT_MAX_TERMS);
        term = add_term(select, TERM_ID);
        if (!term)
            return out_of_memory(problem);
        if (!scan_id(&scanner, &term->first_id))
            goto fail;
        term->last_id = term->first_id;
        if (scan_char(&scanner, '-') &&
            (!scan_id(&scanner, &term->last_id) || term->last_id < term->first_id))
            goto fail;
    } while (scan_char(&scanner, ','));
    if (scan_is_done(&scanner))
        return 0;
fail:
    return problem_set(problem, 400, "id",
                       "\"%.60s\" is not a list of ids and ranges, such as id=12,20-45",
                       parameter->value);
}

static int check_epoch(const struct query *query, const char *epoch, struct problem *problem)
{
    const struct parameter *parameter = query_find(query, "epoch");

    if (query_find(query, "id") && !parameter)
        return problem_set(problem, 400, "epoch",
                           "id= needs the epoch that the ids are of, as /v1/catalog says it");
    if (parameter && !span_equals((struct span){parameter->value, parameter->length}, epoch))
        return problem_set(problem, 410, "epoch",
                           "the ring was made anew: its epoch is %s, ids of another one mean "
                           "nothing here",
                           epoch);
    return 0;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The sorted, distinct terms as text, a line each. */
static char *make_key(char **lines, size_t count)
{
    struct buffer key = {0};

    qsort(lines, count, sizeof *lines, compare_texts);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(lines[i], lines[i - 1]) == 0)
            continue;
        buffer_append_text(&key, lines[i]);
        buffer_append_char(&key, '\n');
    }
    buffer_append_char(&key, '\0');
    if (key.failed)
        buffer_finish(&key);
    return key.data;
}

static bool is_selecting(const char *name)
{
    static const char *const names[] = {"match", "match[]", "name", "label", "id"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static int build_key(struct select *select, const struct query *query, struct problem *problem)
{
    char *lines[QUERY_MAX_PARAMETERS] = {0};
    size_t count = 0;
    bool failed = false;

    for (size_t i = 0; i < query->count && !failed; i++) {
        const struct parameter *parameter = &query->items[i];
        bool alias = strcmp(parameter->name, "match[]") == 0;

        if (!is_selecting(parameter->name))
            continue;
        /* With its length, so that a value with a newline is not two lines. */
        failed = asprintf(&lines[count], "%s=%zu:%s", alias ? "match" : parameter->name,
                          parameter->length, parameter->value) < 0;
        count += !failed;
    }
    select->key = failed ? NULL : make_key(lines, count);
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    return select->key ? 0 : out_of_memory(problem);
}

static int parse_parameter(struct select *select, const struct parameter *parameter,
                           struct problem *problem)
{
    if (strcmp(parameter->name, "match") == 0 || strcmp(parameter->name, "match[]") == 0)
        return parse_match(select, parameter, problem);
    if (strcmp(parameter->name, "name") == 0)
        return parse_glob(select, TERM_NAME, parameter, problem);
    if (strcmp(parameter->name, "label") == 0)
        return parse_glob(select, TERM_LABEL, parameter, problem);
    if (strcmp(parameter->name, "id") == 0)
        return parse_ids(select, parameter, problem);
    return 0;
}

int select_parse(const struct query *query, const char *epoch, struct select **out,
                 struct problem *problem)
{
    struct select *select = calloc(1, sizeof *select);
    int result;

    if (!select)
        return out_of_memory(problem);
    result = check_epoch(query, epoch, problem);
    for (size_t i = 0; i < query->count && result == 0; i++)
        result = parse_parameter(select, &query->items[i], problem);
    if (result == 0)
        result = build_key(select, query, problem);
    if (result < 0) {
        select_free(select);
        return result;
    }
    *out = select;
    return 0;
}

void select_free(struct select *select)
{
    if (!select)
        return;
    for (size_t i = 0; i < select->count; i++) {
        if (select->terms[i].selector)
            selector_finish(select->terms[i].selector);
        free(select->terms[i].selector);
        free(select->terms[i].key);
        free(select->terms[i].glob);
    }
    free(select->terms);
    free(select->key);
    free(select);
}

static bool term_matches(const struct term *term, const struct series *series,
                         struct pattern_meter *meter)
{
    static const char *const parameters[] = {"match", "name", "id", "label"};
    size_t steps = TERM_STEPS;
    bool matches = false;

    switch (term->type) {
    case TERM_MATCH:
        matches = selector_matches(term->selector, series, meter);
        break;
    case TERM_NAME:
        matches = glob_matches(term->glob, series->name, &steps);
        break;
    case TERM_ID:
        matches = series->id >= term->first_id && series->id <= term->last_id;
        break;
    case TERM_LABEL:
        matches = glob_matches(term->glob, series_label(series, term->key), &steps);
        break;
    }
    return pattern_meter_spend(meter, steps, parameters[term->type]) && matches;
}

bool select_matches(const struct select *select, const struct series *series,
                    struct pattern_meter *meter)
{
    bool meant = select->union_count == 0;

    for (size_t i = 0; i < select->count && !meter->refused; i++) {
        const struct term *term = &select->terms[i];

        if (term->type == TERM_LABEL && !term_matches(term, series, meter))
            return false;
        if (term->type != TERM_LABEL && !meant)
            meant = term_matches(term, series, meter);
    }
    return meant && !meter->refused;
}

bool select_is_all(const struct select *select)
{
    return select->count == 0;
}

const char *select_key(const struct select *select)
{
    return select->key;
}

int select_series(const struct select *select, const struct catalog *catalog, struct selection *out,
                  struct problem *problem)
{
    struct selection selection = {.series = calloc(catalog->count + 1, sizeof *selection.series)};
    struct pattern_meter meter = pattern_meter_start();

    if (!selection.series)
        return out_of_memory(problem);
    for (size_t i = 0; i < catalog->count && !meter.refused; i++) {
        if (select_matches(select, catalog->series[i], &meter))
            selection.series[selection.count++] = catalog->series[i];
    }
    if (pattern_meter_check(&meter, problem) < 0) {
        free(selection.series);
        return -EINVAL;
    }
    *out = selection;
    return 0;
}

/*
 * Whether a series that is new is meant, or -EAGAIN without the time to tell: but one that takes
 * most of a tick's time by itself would never be told, and is not meant.
 */
static int look_at(const struct select *select, const struct series *series,
                   struct pattern_meter *meter)
{
    const bool fresh = meter->left_ns > PATTERN_MAX_MS * NS_PER_MS / 2;
    bool meant = select_matches(select, series, meter);

    if (meter->out_of_time && !fresh)
        return -EAGAIN;
    meter->refused = meter->out_of_time; /* perhaps this value alone was too expensive */
    return meant;
}

int select_series_again(const struct select *select, const struct selection *former,
                        const struct catalog *catalog, struct pattern_meter *meter,
                        uint32_t *looked_id, struct selection *out)
{
    struct selection selection = {.series = calloc(catalog->count + 1, sizeof *selection.series)};
    const uint32_t known_id = *looked_id;
    size_t next = 0;

    if (!selection.series)
        return -ENOMEM;
    pattern_meter_continue(meter);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct series *series = catalog->series[i];
        int meant;

        while (next < former->count && former->series[next]->id < series->id)
            next++;
        /* Ids only grow, and what a series is called stays. */
        if (series->id <= known_id)
            meant = next < former->count && former->series[next]->id == series->id;
        else
            meant = meter->out_of_time ? -EAGAIN : look_at(select, series, meter);
        if (meant < 0)
            break;
        if (meant)
            selection.series[selection.count++] = series;
        if (series->id > *looked_id)
            *looked_id = series->id;
    }
    pattern_meter_pause(meter);
    *out = selection;
    return 0;
}

int select_from_query(const struct query *query, const char *epoch, const struct catalog *catalog,
                      struct selection *out, struct problem *problem)
{
    struct select *select = NULL;
    int result = select_parse(query, epoch, &select, problem);

    if (result < 0)
        return result;
    result = select_series(select, catalog, out, problem);
    select_free(select);
    return result;
}

#include "daemon/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/parse.h"
#include "daemon/select_term.h"

/* Each is compared with each series. */
#define SELECT_MAX_TERMS 512

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

static int check_glob(const struct parameter *parameter, struct problem *problem)
{
    if (parameter->length > 0 && strlen(parameter->value) == parameter->length)
        return 0;
    return problem_set(problem, 400, parameter->name,
                       "%s is empty or holds a zero byte; allowed: text with * for any text "
                       "and ? for any one byte",
                       parameter->name);
}

/* "node_load?,tacho_*": no metric has a comma in its name. */
static int parse_names(struct select *select, const struct parameter *parameter,
                       struct problem *problem)
{
    const char *at = parameter->value;

    if (check_glob(parameter, problem) < 0)
        return -EINVAL;
    for (;; at++) {
        size_t length = strcspn(at, ",");
        struct term *term;

        if (length == 0)
            return problem_set(problem, 400, "name",
                               "\"%.60s\" is not a list of names, such as name=node_load1,tacho_*",
                               parameter->value);
        term = add_term(select, TERM_NAME);
        if (!term)
            return out_of_memory(problem);
        term->glob = strndup(at, length);
        if (!term->glob)
            return out_of_memory(problem);
        term->plain = !strpbrk(term->glob, "*?");
        at += length;
        if (*at == '\0')
            return 0;
    }
}

/* "device:sd*" */
static int parse_label(struct select *select, const struct parameter *parameter,
                       struct problem *problem)
{
    const char *colon;
    struct term *term;

    if (check_glob(parameter, problem) < 0)
        return -EINVAL;
    colon = strchr(parameter->value, ':');
    if (!colon || colon == parameter->value)
        return problem_set(problem, 400, "label",
                           "\"%.60s\" is not KEY:GLOB, such as label=device:sd*", parameter->value);
    term = add_term(select, TERM_LABEL);
    if (!term)
        return out_of_memory(problem);
    term->key = strndup(parameter->value, (size_t)(colon - parameter->value));
    term->glob = strdup(colon + 1);
    return term->glob && term->key ? 0 : out_of_memory(problem);
}

static bool scan_id(struct scanner *scanner, uint32_t *out)
{
    uint64_t id;

    if (!scan_u64(scanner, &id) || id > UINT32_MAX)
        return false;
    *out = (uint32_t)id;
    return true;
}

static struct id_range *add_ids(struct select *select)
{
    if (select->id_count == select->id_capacity) {
        size_t capacity = select->id_capacity ? select->id_capacity * 2 : 8;
        struct id_range *larger = reallocarray(select->ids, capacity, sizeof *larger);

        if (!larger)
            return NULL;
        select->ids = larger;
        select->id_capacity = capacity;
    }
    select->union_count++;
    return &select->ids[select->id_count++];
}

/* "12,20-45" */
static int parse_ids(struct select *select, const struct parameter *parameter,
                     struct problem *problem)
{
    struct scanner scanner = scanner_over(parameter->value, parameter->length);

    do {
        struct id_range *ids;

        if (select->count + select->id_count >= SELECT_MAX_TERMS)
            return problem_set(problem, 400, "id", "more than %d ids and ranges", SELECT_MAX_TERMS);
        ids = add_ids(select);
        if (!ids)
            return out_of_memory(problem);
        if (!scan_id(&scanner, &ids->first))
            goto fail;
        ids->last = ids->first;
        if (scan_char(&scanner, '-') && (!scan_id(&scanner, &ids->last) || ids->last < ids->first))
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

static int compare_ids(const void *a, const void *b)
{
    const uint32_t x = ((const struct id_range *)a)->first, y = ((const struct id_range *)b)->first;

    return x < y ? -1 : x > y;
}

/* A page asks for hundreds: sorted, each series is looked for in them, not compared with all. */
static void sort_ids(struct select *select)
{
    struct id_range *ids = select->ids;
    size_t kept = 0;

    if (select->id_count == 0)
        return;
    qsort(ids, select->id_count, sizeof *ids, compare_ids);
    for (size_t i = 1; i < select->id_count; i++) {
        if (ids[i].first > ids[kept].last)
            ids[++kept] = ids[i];
        else if (ids[i].last > ids[kept].last)
            ids[kept].last = ids[i].last;
    }
    select->id_count = kept + 1;
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
        return parse_names(select, parameter, problem);
    if (strcmp(parameter->name, "label") == 0)
        return parse_label(select, parameter, problem);
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
    sort_ids(select);
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
    free(select->ids);
    free(select->key);
    free(select);
}

const char *select_key(const struct select *select)
{
    return select->key;
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

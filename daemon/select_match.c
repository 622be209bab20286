#include "daemon/select_term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"

/* What a term costs beside the bytes that it compares. */
#define TERM_STEPS 8

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

static bool term_matches(const struct term *term, const struct series *series,
                         struct pattern_meter *meter)
{
    static const char *const parameters[] = {"match", "name", "label"};
    size_t steps = TERM_STEPS;
    bool matches = false;

    switch (term->type) {
    case TERM_MATCH:
        matches = selector_matches(term->selector, series, meter);
        break;
    case TERM_NAME:
        matches = term->plain ? strcmp(term->glob, series->name) == 0
                              : glob_matches(term->glob, series->name, &steps);
        break;
    case TERM_LABEL:
        matches = glob_matches(term->glob, series_label(series, term->key), &steps);
        break;
    }
    return pattern_meter_spend(meter, steps, parameters[term->type]) && matches;
}

static bool has_id(const struct select *select, uint32_t id)
{
    size_t low = 0, high = select->id_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (select->ids[middle].last < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < select->id_count && select->ids[low].first <= id;
}

bool select_matches(const struct select *select, const struct series *series,
                    struct pattern_meter *meter)
{
    bool meant = select->union_count == 0;

    if (select->id_count > 0) {
        meant = has_id(select, series->id);
        if (!pattern_meter_spend(meter, TERM_STEPS, "id"))
            return false;
    }
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
    return select->count == 0 && select->id_count == 0;
}

/* Of the first so many series of a catalog. */
static int select_of(const struct select *select, const struct catalog *catalog, size_t count,
                     struct selection *out, struct problem *problem)
{
    struct selection selection = {.series = calloc(count + 1, sizeof *selection.series)};
    struct pattern_meter meter = pattern_meter_start();

    if (!selection.series)
        return problem_set(problem, 503, NULL, "out of memory");
    for (size_t i = 0; i < count && !meter.refused; i++) {
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

int select_series(const struct select *select, const struct catalog *catalog, struct selection *out,
                  struct problem *problem)
{
    return select_of(select, catalog, catalog->count, out, problem);
}

int select_known_series(const struct select *select, const struct catalog *catalog,
                        struct selection *out, struct problem *problem)
{
    return select_of(select, catalog, catalog->count + catalog->past_count, out, problem);
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

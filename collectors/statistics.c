#include "collectors/statistics.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"

/* Where a parse is in the text and in what is remembered of it. */
struct position {
    struct scanner rest;
    size_t line;
    size_t item;
};

/* The next names and what holds their values. 1, 0 at the end, or -EBADMSG. */
static int next_line(struct scanner *rest, struct scanner *heading, struct scanner *values)
{
    struct span name;

    if (!scan_line(rest, values))
        return 0;
    if (!scan_word(values, &name))
        return -EBADMSG;
    *heading = scanner_over(name.at, name.length);
    return 1;
}

/*
 * "Udp: InDatagrams NoPorts" and, behind the same group, "88542 120". A line without its second is
 * left behind alone: what follows may be a pair.
 */
static int next_pair(struct scanner *rest, struct scanner *heading, struct scanner *values)
{
    struct scanner names, next;
    struct span group, other;

    if (!scan_line(rest, heading))
        return 0;
    names = *heading;
    next = *rest;
    if (!scan_line(&next, values) || !scan_until(&names, ':', &group) ||
        !scan_until(values, ':', &other))
        return -EBADMSG;
    if (group.length != other.length || memcmp(group.at, other.at, group.length) != 0)
        return -EBADMSG;
    *rest = next;
    return 1;
}

static bool is_known(const struct statistics *all, size_t index, struct scanner heading)
{
    size_t length = (size_t)(heading.end - heading.at);

    return index < all->line_count && all->lines[index].heading_length == length &&
           memcmp(all->headings + all->lines[index].heading, heading.at, length) == 0;
}

/* Forgets what stood at and behind the position. */
static void forget_from(struct statistics *all, const struct position *position)
{
    if (position->line < all->line_count)
        all->headings_length = all->lines[position->line].heading;
    all->line_count = position->line;
    all->count = position->item;
}

static int add_item(struct statistics *all, const struct field_key *key, size_t column)
{
    struct statistic *items;

    if (all->count >= STATISTICS_MAX)
        return -E2BIG;
    items = array_reserve(all->items, &all->capacity, all->count + 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    all->items = items;
    items[all->count++] = (struct statistic){.key = *key, .column = column};
    return 0;
}

/* What the heading names, in order; a group's name is before the colon. */
static int add_items(struct statistics *all, const struct statistics_form *form,
                     struct scanner heading, struct statistics_line *line)
{
    struct span group = {heading.at, 0};
    struct span name;

    if (form->paired)
        scan_until(&heading, ':', &group);
    for (scan_blanks(&heading); scan_word(&heading, &name); scan_blanks(&heading)) {
        size_t column = line->columns++;
        struct field_key key;
        int result;

        if (!form->pick(group, name, &key))
            continue;
        result = add_item(all, &key, column);
        if (result < 0)
            return result;
        line->wanted++;
    }
    return 0;
}

static int add_line(struct statistics *all, const struct statistics_form *form,
                    struct scanner heading)
{
    size_t length = (size_t)(heading.end - heading.at);
    struct statistics_line line = {.heading = all->headings_length, .heading_length = length};
    struct statistics_line *lines;
    char *headings;
    int result;

    if (all->line_count >= STATISTICS_MAX)
        return -E2BIG;
    lines = array_reserve(all->lines, &all->line_capacity, all->line_count + 1, sizeof *lines);
    if (lines == NULL)
        return -ENOMEM;
    all->lines = lines;
    headings = array_reserve(all->headings, &all->headings_capacity, line.heading + length, 1);
    if (headings == NULL)
        return -ENOMEM;
    all->headings = headings;
    result = add_items(all, form, heading, &line);
    if (result < 0)
        return result;
    memcpy(headings + line.heading, heading.at, length);
    all->headings_length += length;
    lines[all->line_count++] = line;
    return 0;
}

/* TCP's MaxConn is -1; what is counted up and down on many CPUs may be seen near 2^64. */
static bool scan_value(struct scanner *values, double *out)
{
    bool negative = scan_char(values, '-');
    uint64_t magnitude;

    if (!scan_u64(values, &magnitude))
        return false;
    *out = negative ? -(double)magnitude : (double)magnitude;
    return true;
}

/* Into the line's items, which begin at `first`. */
static bool read_values(struct scanner values, const struct statistics_line *line,
                        const struct statistics *all, size_t first)
{
    size_t next = 0;

    for (size_t column = 0; column < line->columns; column++) {
        double value;

        if (!scan_blanks(&values) || !scan_value(&values, &value))
            return false;
        if (next == line->wanted || all->items[first + next].column != column)
            continue;
        all->items[first + next].value = value;
        next++;
    }
    return scan_is_done(&values);
}

/* 1, 0 at the end of the text, or -errno; after -EBADMSG it stands at the next line. */
static int parse_next(const struct statistics_form *form, struct statistics *all,
                      struct position *position)
{
    struct scanner heading, values;
    const struct statistics_line *line;
    bool good;
    int result = form->paired ? next_pair(&position->rest, &heading, &values)
                              : next_line(&position->rest, &heading, &values);

    if (result <= 0)
        return result;
    if (!is_known(all, position->line, heading)) {
        forget_from(all, position);
        result = add_line(all, form, heading);
        if (result < 0)
            return result;
    }
    line = &all->lines[position->line++];
    if (!form->paired && line->wanted == 0)
        return 1;
    good = read_values(values, line, all, position->item);
    for (size_t index = 0; index < line->wanted; index++)
        all->items[position->item++].present = good;
    return good ? 1 : -EBADMSG;
}

int statistics_parse(const char *text, size_t length, const struct statistics_form *form,
                     struct statistics *statistics)
{
    struct position position = {.rest = scanner_over(text, length)};
    bool good = length > 0;
    int result = 1;

    while (result > 0 || result == -EBADMSG) {
        result = parse_next(form, statistics, &position);
        good = good && result != -EBADMSG;
    }
    if (result == -ENOMEM)
        position = (struct position){0};
    forget_from(statistics, &position);
    return result < 0 || good ? result : -EBADMSG;
}

int statistics_take(const struct statistics *statistics, struct fields *fields)
{
    for (size_t index = 0; index < statistics->count; index++) {
        const struct statistic *item = &statistics->items[index];
        int result = item->present ? fields_take(fields, &item->key, item->value) : 0;

        if (result < 0)
            return result;
    }
    return 0;
}

void statistics_finish(struct statistics *statistics)
{
    free(statistics->items);
    free(statistics->lines);
    free(statistics->headings);
    *statistics = (struct statistics){0};
}

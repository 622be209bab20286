#include "collectors/application/statsd.h"

#include <math.h>

#include "collectors/number.h"

/* What a line is made of, before its values are looked at. */
struct line {
    struct statsd_metric metric;
    struct scanner values;
};

struct parser {
    const struct statsd_visitor *visitor;
    void *arg;
};

/* The next field of a line, up to a '|' or its end; false behind the last. */
static bool next_field(struct scanner *rest, struct span *out)
{
    const char *bar;

    if (!scan_char(rest, '|'))
        return false;
    bar = memchr(rest->at, '|', (size_t)(rest->end - rest->at));
    if (!bar)
        bar = rest->end;
    *out = (struct span){rest->at, (size_t)(bar - rest->at)};
    rest->at = bar;
    return true;
}

static bool parse_type(struct span text, enum statsd_type *out)
{
    if (text.length == 2 && text.at[0] == 'm' && text.at[1] == 's') {
        *out = STATSD_TIMER;
        return true;
    }
    if (text.length != 1)
        return false;
    switch (text.at[0]) {
    case 'c':
        *out = STATSD_COUNTER;
        return true;
    case 'g':
        *out = STATSD_GAUGE;
        return true;
    case 'h':
    case 'd':
        *out = STATSD_HISTOGRAM;
        return true;
    case 's':
        *out = STATSD_SET;
        return true;
    default:
        return false;
    }
}

static bool parse_rate(struct span text, double *out)
{
    double rate;

    if (number_parse(text.at + 1, text.length - 1, &rate) < 0 || !(rate > 0 && rate <= 1))
        return false;
    *out = rate;
    return true;
}

static bool char_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One of the fields behind the type. */
static bool take_field(struct span field, struct statsd_metric *metric)
{
    if (field.length == 0)
        return false;
    if (field.at[0] == '@')
        return parse_rate(field, &metric->rate);
    if (field.at[0] != '#')
        return char_is_letter(field.at[0]);
    metric->tags = (struct span){field.at + 1, field.length - 1};
    return true;
}

static enum statsd_fault parse_line(struct scanner text, struct line *out)
{
    struct line line = {.metric.rate = 1};
    const size_t length = (size_t)(text.end - text.at);
    const char *colon = memchr(text.at, ':', length);
    const char *bar = colon ? memchr(colon, '|', (size_t)(text.end - colon)) : NULL;
    struct scanner rest;
    struct span field;

    if (!bar || colon == text.at)
        return STATSD_MALFORMED;
    line.metric.name = (struct span){text.at, (size_t)(colon - text.at)};
    if (length > STATSD_LINE_MAX || line.metric.name.length > STATSD_NAME_MAX)
        return STATSD_TOO_LONG;
    line.values = (struct scanner){colon + 1, bar};
    rest = (struct scanner){bar, text.end};
    if (memchr(text.at, '|', line.metric.name.length) || !next_field(&rest, &field) ||
        !parse_type(field, &line.metric.type))
        return STATSD_MALFORMED;
    while (next_field(&rest, &field)) {
        if (!take_field(field, &line.metric))
            return STATSD_MALFORMED;
    }
    *out = line;
    return STATSD_FINE;
}

static enum statsd_fault parse_number(const struct statsd_metric *metric, struct span text,
                                      struct statsd_value *out)
{
    double number;

    if (number_parse(text.at, text.length, &number) < 0)
        return STATSD_MALFORMED;
    if (!isfinite(number) || (number < 0 && metric->type != STATSD_GAUGE))
        return STATSD_IMPOSSIBLE;
    out->is_difference = metric->type == STATSD_GAUGE && (text.at[0] == '+' || text.at[0] == '-');
    out->number = metric->type == STATSD_TIMER ? number / 1000 : number;
    return STATSD_FINE;
}

static void take_value(const struct parser *parser, const struct statsd_metric *metric,
                       struct span text)
{
    struct statsd_value value = {.text = text};
    enum statsd_fault fault = text.length == 0 ? STATSD_MALFORMED : STATSD_FINE;

    if (fault == STATSD_FINE && metric->type != STATSD_SET)
        fault = parse_number(metric, text, &value);
    if (fault == STATSD_FINE)
        parser->visitor->value(parser->arg, metric, &value);
    else
        parser->visitor->wrong(parser->arg, fault);
}

/* A set's member may have a colon in it. */
static void take_values(const struct parser *parser, const struct line *line)
{
    struct scanner values = line->values;
    struct span text;

    while (line->metric.type != STATSD_SET && scan_until(&values, ':', &text))
        take_value(parser, &line->metric, text);
    take_value(parser, &line->metric, (struct span){values.at, (size_t)(values.end - values.at)});
}

static bool is_other_matter(struct scanner line)
{
    return line.end - line.at >= 3 && line.at[0] == '_' &&
           (memcmp(line.at, "_e{", 3) == 0 || scan_literal(&line, "_sc|"));
}

static void take_line(const struct parser *parser, struct scanner text)
{
    struct line line;
    enum statsd_fault fault;

    if (text.end > text.at && text.end[-1] == '\r')
        text.end--;
    if (scan_is_done(&text) || is_other_matter(text))
        return;
    fault = parse_line(text, &line);
    if (fault == STATSD_FINE)
        take_values(parser, &line);
    else
        parser->visitor->wrong(parser->arg, fault);
}

void statsd_parse(const char *packet, size_t size, const struct statsd_visitor *visitor, void *arg)
{
    const struct parser parser = {.visitor = visitor, .arg = arg};
    struct scanner rest = scanner_over(packet, size);
    struct scanner line;

    while (scan_line(&rest, &line))
        take_line(&parser, line);
}

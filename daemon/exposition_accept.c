#include "daemon/exposition_accept.h"

#include <strings.h>

/* Weights are thousandths (RFC 9110 12.4.2). */
#define WEIGHT_MAX 1000

/* One element of the header: a media range and what matters of its parameters. */
struct range {
    struct span type;
    struct span version; /* length 0: any */
    unsigned weight;
};

static bool letters_equal(struct span span, const char *lower)
{
    return span.length == strlen(lower) && strncasecmp(span.at, lower, span.length) == 0;
}

static struct span trimmed(struct span span)
{
    while (span.length > 0 && char_is_blank(*span.at)) {
        span.at++;
        span.length--;
    }
    while (span.length > 0 && char_is_blank(span.at[span.length - 1]))
        span.length--;
    return span;
}

/* 0 to 1 with up to three places; what is none of these is not wanted. */
static unsigned parse_weight(struct span text)
{
    struct scanner scanner = scanner_over(text.at, text.length);
    unsigned weight = scan_char(&scanner, '1') ? WEIGHT_MAX : 0;

    if (weight == 0 && !scan_char(&scanner, '0'))
        return 0;
    if (scan_char(&scanner, '.')) {
        for (unsigned unit = WEIGHT_MAX / 10;
             unit > 0 && !scan_is_done(&scanner) && char_is_digit(*scanner.at); unit /= 10)
            weight += unit * (unsigned)(*scanner.at++ - '0');
    }
    return scan_is_done(&scanner) && weight <= WEIGHT_MAX ? weight : 0;
}

static void take_parameter(struct range *range, struct span text)
{
    struct scanner scanner = scanner_over(text.at, text.length);
    struct span key, value;

    if (!scan_until(&scanner, '=', &key))
        return;
    key = trimmed(key);
    value = trimmed((struct span){scanner.at, (size_t)(scanner.end - scanner.at)});
    if (letters_equal(key, "q")) {
        range->weight = parse_weight(value);
    } else if (letters_equal(key, "version")) {
        if (value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"')
            value = (struct span){value.at + 1, value.length - 2};
        range->version = value;
    }
}

static struct range parse_range(struct span text)
{
    struct scanner scanner = scanner_over(text.at, text.length);
    struct range range = {.weight = WEIGHT_MAX};
    struct span part;

    if (scan_part(&scanner, ';', &part))
        range.type = trimmed(part);
    while (scan_part(&scanner, ';', &part))
        take_parameter(&range, part);
    return range;
}

static bool has_version(const struct range *range, const char *version)
{
    return range->version.length == 0 || span_equals(range->version, version);
}

/* How closely the range names Prometheus's text; 0: not at all. */
static unsigned text_closeness(const struct range *range)
{
    if (letters_equal(range->type, "text/plain") && has_version(range, "0.0.4"))
        return range->version.length > 0 ? 4 : 3;
    if (letters_equal(range->type, "text/*"))
        return 2;
    return span_equals(range->type, "*/*") ? 1 : 0;
}

enum exposition_format exposition_accepted(const char *header)
{
    struct scanner scanner = scanner_over(header, header ? strlen(header) : 0);
    unsigned openmetrics = 0, text = 0, closest = 0;
    struct span part;

    while (scan_part(&scanner, ',', &part)) {
        const struct range range = parse_range(part);
        const unsigned closeness = text_closeness(&range);

        if (letters_equal(range.type, "application/openmetrics-text") &&
            has_version(&range, "1.0.0") && range.weight > openmetrics)
            openmetrics = range.weight;
        if (closeness > closest || (closeness == closest && range.weight > text)) {
            text = closeness > 0 ? range.weight : text;
            closest = closeness;
        }
    }
    return openmetrics > 0 && openmetrics >= text ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
}

const char *exposition_type_name(enum exposition_format format)
{
    return format == EXPOSITION_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

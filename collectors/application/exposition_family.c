#include "collectors/application/exposition_family.h"

#include <errno.h>

#include "collectors/application/exposition_scan.h"

/* Whose unit a sample has. */
enum unit_of {
    UNIT_FAMILY,
    UNIT_NONE, /* it counts, or only is there */
    UNIT_TIME, /* seconds */
};

/* What a sample is whose name is the family's and this ending. */
struct role {
    const char *ending; /* NULL behind the last one */
    enum metric_kind kind;
    bool cumulative;
    enum unit_of unit;
};

#define CREATED                                                                                    \
    {                                                                                              \
        "_created", METRIC_GAUGE, false, UNIT_TIME                                                 \
    }

static const struct role counter_roles[] = {
    {"", METRIC_COUNTER, true, UNIT_FAMILY},
    {"_total", METRIC_COUNTER, true, UNIT_FAMILY},
    CREATED,
    {.ending = NULL},
};

static const struct role gauge_roles[] = {{"", METRIC_GAUGE, false, UNIT_FAMILY}, {.ending = NULL}};

static const struct role histogram_roles[] = {
    {"_bucket", METRIC_HISTOGRAM, true, UNIT_NONE},
    {"_sum", METRIC_HISTOGRAM, true, UNIT_FAMILY},
    {"_count", METRIC_HISTOGRAM, true, UNIT_NONE},
    CREATED,
    {.ending = NULL},
};

static const struct role gauge_histogram_roles[] = {
    {"_bucket", METRIC_HISTOGRAM, false, UNIT_NONE},
    {"_gsum", METRIC_HISTOGRAM, false, UNIT_FAMILY},
    {"_gcount", METRIC_HISTOGRAM, false, UNIT_NONE},
    {.ending = NULL},
};

static const struct role summary_roles[] = {
    {"", METRIC_SUMMARY, false, UNIT_FAMILY}, /* a quantile */
    {"_sum", METRIC_SUMMARY, true, UNIT_FAMILY},
    {"_count", METRIC_SUMMARY, true, UNIT_NONE},
    CREATED,
    {.ending = NULL},
};

static const struct role info_roles[] = {
    {"_info", METRIC_GAUGE, false, UNIT_NONE},
    {"", METRIC_GAUGE, false, UNIT_NONE},
    {.ending = NULL},
};

static const struct role state_set_roles[] = {{"", METRIC_GAUGE, false, UNIT_NONE},
                                              {.ending = NULL}};

/* Of these the name has to say what is cumulative. */
static const struct role unknown_roles[] = {
    {"", METRIC_UNTYPED, false, UNIT_FAMILY},
    {.ending = NULL},
};

static const struct {
    const char *word;
    enum exposition_type type;
    const struct role *roles;
} types[] = {
    {"unknown", EXPOSITION_UNKNOWN, unknown_roles},
    {"counter", EXPOSITION_COUNTER, counter_roles},
    {"gauge", EXPOSITION_GAUGE, gauge_roles},
    {"histogram", EXPOSITION_HISTOGRAM, histogram_roles},
    {"gaugehistogram", EXPOSITION_GAUGE_HISTOGRAM, gauge_histogram_roles},
    {"summary", EXPOSITION_SUMMARY, summary_roles},
    {"info", EXPOSITION_INFO, info_roles},
    {"stateset", EXPOSITION_STATE_SET, state_set_roles},
    {"untyped", EXPOSITION_UNKNOWN, unknown_roles},
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

/* Prometheus's base units, and others that are written in full, as names end with them. */
static const char *const units[] = {
    "amperes", "bytes",  "celsius", "grams",   "hertz", "joules",
    "kelvin",  "meters", "ratio",   "seconds", "volts", "watts",
};

static void cut_ending(struct span *text, const char *ending)
{
    if (span_ends_with(*text, ending))
        text->length -= strlen(ending);
}

/* --- what the lines say --- */

/* A line of another name begins another family. */
static int name_family(struct exposition_family *family, struct span name)
{
    if (name.length > EXPOSITION_NAME_MAX)
        return -E2BIG;
    if (name.length == family->name_length && memcmp(name.at, family->name, name.length) == 0)
        return 0;
    memcpy(family->name, name.at, name.length);
    family->name[name.length] = '\0';
    family->name_length = name.length;
    family->help[0] = '\0';
    family->unit[0] = '\0';
    family->type = EXPOSITION_UNKNOWN;
    return 0;
}

/* How much of the text to keep so that no character of UTF-8 is cut in its middle. */
static size_t cut_length(const char *text, size_t length)
{
    size_t limit = EXPOSITION_HELP_MAX;

    if (length <= limit)
        return length;
    while (limit > EXPOSITION_HELP_MAX - 3 && ((unsigned char)text[limit] & 0xc0) == 0x80)
        limit--;
    return limit;
}

static int take_help(struct exposition_family *family, enum exposition_format format,
                     struct scanner text)
{
    char help[2 * (EXPOSITION_HELP_MAX + 1)];
    struct span escaped = {text.at, (size_t)(text.end - text.at)};
    size_t length;

    if (escaped.length > 0 && memchr(escaped.at, '\0', escaped.length) != NULL)
        return -EBADMSG;
    /* Each character stands for one or two of these, so what is kept is among them. */
    if (escaped.length > sizeof help)
        escaped.length = sizeof help;
    length = (size_t)(exposition_unescape(escaped, format == EXPOSITION_OPENMETRICS, help) - help);
    length = cut_length(help, length);
    memcpy(family->help, help, length);
    family->help[length] = '\0';
    return 0;
}

/* The line's last word. */
static bool scan_last_word(struct scanner text, struct span *out)
{
    if (!scan_word(&text, out))
        return false;
    scan_blanks(&text);
    return scan_is_done(&text);
}

static int take_type(struct exposition_family *family, struct scanner text)
{
    struct span word;

    if (!scan_last_word(text, &word))
        return -EBADMSG;
    for (size_t index = 0; index < TYPE_COUNT; index++) {
        if (span_equals(word, types[index].word)) {
            family->type = types[index].type;
            return 0;
        }
    }
    return -EBADMSG;
}

/* A unit is written like a part of a name. */
static int take_unit(struct exposition_family *family, struct scanner text)
{
    struct span unit;

    scan_blanks(&text);
    if (scan_is_done(&text)) {
        family->unit[0] = '\0';
        return 0;
    }
    if (!exposition_scan_name(&text, &unit))
        return -EBADMSG;
    scan_blanks(&text);
    if (!scan_is_done(&text))
        return -EBADMSG;
    if (unit.length > EXPOSITION_UNIT_MAX)
        return -E2BIG;
    memcpy(family->unit, unit.at, unit.length);
    family->unit[unit.length] = '\0';
    return 0;
}

int exposition_family_take(struct exposition_family *family, enum exposition_format format,
                           struct scanner line)
{
    struct span keyword, name;
    bool is_help, is_type;
    int result;

    if (!scan_char(&line, '#') || !scan_blanks(&line) || !scan_word(&line, &keyword) ||
        !scan_blanks(&line))
        return 0;
    is_help = span_equals(keyword, "HELP");
    is_type = span_equals(keyword, "TYPE");
    if (!is_help && !is_type && !(format == EXPOSITION_OPENMETRICS && span_equals(keyword, "UNIT")))
        return 0;
    if (!exposition_scan_name(&line, &name) || (!scan_is_done(&line) && !char_is_blank(*line.at)))
        return -EBADMSG;
    result = name_family(family, name);
    if (result < 0)
        return result;
    /* Of a help's blanks the first one only is no part of it. */
    if (is_help) {
        line.at += !scan_is_done(&line);
        return take_help(family, format, line);
    }
    scan_blanks(&line);
    return is_type ? take_type(family, line) : take_unit(family, line);
}

/* --- what they make of a sample --- */

static const struct role *roles_of(enum exposition_type type)
{
    size_t index = 0;

    while (types[index].type != type)
        index++;
    return types[index].roles;
}

/* NULL when the sample is not of the family. */
static const struct role *find_role(const struct exposition_family *family, struct span name)
{
    struct span ending;

    if (family->name_length == 0 || name.length < family->name_length ||
        memcmp(name.at, family->name, family->name_length) != 0)
        return NULL;
    ending = (struct span){name.at + family->name_length, name.length - family->name_length};
    for (const struct role *role = roles_of(family->type); role->ending != NULL; role++) {
        if (span_equals(ending, role->ending))
            return role;
    }
    return NULL;
}

/* As names end: _seconds, or, of what is counted or summed, _seconds_total, _seconds_sum. */
static const char *unit_by_name(struct span name)
{
    cut_ending(&name, "_total");
    cut_ending(&name, "_sum");
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        size_t length = strlen(units[index]);

        if (span_ends_with(name, units[index]) && name.length > length &&
            name.at[name.length - length - 1] == '_')
            return units[index];
    }
    return "";
}

static const char *unit_of(const struct exposition_family *family, const struct role *role,
                           struct span name)
{
    switch (role->unit) {
    case UNIT_NONE:
        return "";
    case UNIT_TIME:
        return "seconds";
    case UNIT_FAMILY:
        break;
    }
    name.length = family->name_length;
    return family->unit[0] != '\0' ? family->unit : unit_by_name(name);
}

void exposition_family_describe(const struct exposition_family *family, struct span name,
                                struct metric *out)
{
    const struct role *role = find_role(family, name);

    *out = (struct metric){.unit = "", .help = "", .kind = METRIC_UNTYPED};
    if (role != NULL) {
        out->unit = unit_of(family, role, name);
        out->help = family->help;
        out->kind = role->kind;
        out->cumulative = role->cumulative;
    } else {
        out->unit = unit_by_name(name);
    }
    if (out->kind == METRIC_UNTYPED)
        out->cumulative = span_ends_with(name, "_total");
}

#include "daemon/exposition_shape.h"

#include <math.h>

#include "collectors/number.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(const char *text, bool colons)
{
    for (const char *at = text; *at; at++) {
        if (!is_letter(*at) && !(colons && *at == ':') && !(at > text && char_is_digit(*at)))
            return false;
    }
    return *text != '\0';
}

/* Whether names and labels can be written at all. */
static bool is_legal(const struct series *series)
{
    if (!is_name(series->name, true))
        return false;
    for (size_t i = 0; i < series->label_count; i++) {
        const char *key = series->labels[i].key;

        if (!is_name(key, false) || strcmp(key, "__name__") == 0)
            return false;
    }
    return true;
}

const char *family_part_label(enum family_class class)
{
    if (class == FAMILY_BUCKETS)
        return "le";
    return class == FAMILY_QUANTILES ? "quantile" : NULL;
}

const char *const *family_endings(enum family_class class, enum exposition_format format)
{
    static const char *const text[FAMILY_CLASSES][6] = {
        [FAMILY_PLAIN] = {"", NULL},
        [FAMILY_TOTAL] = {"", "_total", NULL},
        [FAMILY_BUCKETS] = {"", "_bucket", "_sum", "_count", NULL},
        [FAMILY_QUANTILES] = {"", "_sum", "_count", NULL}};
    static const char *const openmetrics[FAMILY_CLASSES][6] = {
        [FAMILY_PLAIN] = {"", NULL},
        [FAMILY_TOTAL] = {"", "_total", "_created", NULL},
        [FAMILY_BUCKETS] = {"", "_bucket", "_sum", "_count", "_created", NULL},
        [FAMILY_QUANTILES] = {"", "_sum", "_count", "_created", NULL}};

    return format == EXPOSITION_OPENMETRICS ? openmetrics[class] : text[class];
}

/* Takes the ending off the name's length, if it is there with something before it. */
static bool cut(const char *name, uint32_t *length, const char *ending)
{
    const uint32_t size = (uint32_t)strlen(ending);

    if (*length <= size || memcmp(name + *length - size, ending, size) != 0)
        return false;
    *length -= size;
    return true;
}

struct exposition_shape exposition_shape_plain(const struct series *series)
{
    return (struct exposition_shape){FAMILY_PLAIN, ROLE_VALUE, (uint32_t)strlen(series->name), 0};
}

/* The part's label, a number; the readers of the format refuse all of a text with another. */
static bool read_edge(const struct series *series, enum family_class class, double *out)
{
    const char *text = series_label(series, family_part_label(class));

    return number_parse(text, strlen(text), out) == 0 && !isnan(*out);
}

/* Of what is of such a class: which part; FAMILY_NONE where it is none of them. */
static struct exposition_shape shape_of_part(const struct series *series, enum family_class class)
{
    struct exposition_shape shape = {(uint8_t) class, ROLE_EDGE, (uint32_t)strlen(series->name), 0};
    const struct exposition_shape none = {.class = FAMILY_NONE};

    if (series->type == SAMPLE_HISTOGRAM)
        shape.role = ROLE_SPARSE;
    else if (series->cumulative && cut(series->name, &shape.family_length, "_sum"))
        shape.role = ROLE_SUM;
    else if (series->cumulative && cut(series->name, &shape.family_length, "_count"))
        shape.role = ROLE_COUNT;
    else if (class == FAMILY_BUCKETS && !cut(series->name, &shape.family_length, "_bucket"))
        return none;
    if (shape.role == ROLE_EDGE)
        return read_edge(series, class, &shape.edge) ? shape : none;
    return *series_label(series, family_part_label(class)) == '\0' ? shape : none;
}

struct exposition_shape exposition_shape_of(const struct series *series,
                                            enum exposition_format format)
{
    struct exposition_shape shape = exposition_shape_plain(series);

    if (!is_legal(series))
        return (struct exposition_shape){.class = FAMILY_NONE};
    switch (series->kind) {
    case METRIC_HISTOGRAM:
        /* Of one that is a gauge each bucket is a gauge: the text has no type for it. */
        if (series->cumulative || series->type == SAMPLE_HISTOGRAM)
            return shape_of_part(series, FAMILY_BUCKETS);
        return shape;
    case METRIC_SUMMARY:
        return shape_of_part(series, FAMILY_QUANTILES);
    case METRIC_COUNTER:
        if (format == EXPOSITION_OPENMETRICS && cut(series->name, &shape.family_length, "_total"))
            shape.class = FAMILY_TOTAL;
        return shape;
    case METRIC_GAUGE:
        if (format == EXPOSITION_OPENMETRICS && cut(series->name, &shape.family_length, "_created"))
            shape.role = ROLE_CREATED;
        return shape;
    case METRIC_UNTYPED:
        break;
    }
    return shape;
}

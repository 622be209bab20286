#include "daemon/exposition_text.h"

#include "daemon/encode_json.h"

/* What a byte can become: U+FFFD, or two. */
#define ESCAPED_MAX 3

static bool is_plain(unsigned char c)
{
    return c != '\\' && c != '"' && c != '\n' && c < 0x80;
}

/* Quotes stay as they are in a text's help. */
static void append_escaped(struct buffer *out, const char *text, bool quotes)
{
    size_t left = strlen(text);
    char *const room = buffer_reserve(out, left * ESCAPED_MAX), *at = room;

    if (!room)
        return;
    while (left > 0) {
        size_t size = 1;

        if (is_plain((unsigned char)*text)) {
            *at++ = *text;
        } else if ((unsigned char)*text >= 0x80) {
            size = utf8_length(text, left);
            memcpy(at, size > 0 ? text : "\xef\xbf\xbd", size > 0 ? size : 3);
            at += size > 0 ? size : 3;
            size = size > 0 ? size : 1;
        } else {
            if (*text != '"' || quotes)
                *at++ = '\\';
            *at++ = *text == '\n' ? 'n' : *text;
        }
        text += size;
        left -= size;
    }
    out->size += (size_t)(at - room);
}

/* A bound or quantile that is whole is a float there: "1.0". */
static void append_edge(struct buffer *out, const char *text)
{
    append_escaped(out, text, true);
    if (strspn(text, "0123456789") == strlen(text))
        buffer_append(out, ".0", 2);
}

/* All labels, separated, without the braces. */
static void append_labels(struct buffer *out, const struct exposition_member *member,
                          enum exposition_format format)
{
    const char *part =
        member->shape.role == ROLE_EDGE ? family_part_label(member->shape.class) : NULL;

    for (size_t i = 0; i < member->series->label_count; i++) {
        const struct label *label = &member->series->labels[i];

        if (i > 0)
            buffer_append_char(out, ',');
        buffer_append_text(out, label->key);
        buffer_append(out, "=\"", 2);
        if (part && format == EXPOSITION_OPENMETRICS && strcmp(label->key, part) == 0)
            append_edge(out, label->value);
        else
            append_escaped(out, label->value, true);
        buffer_append_char(out, '"');
    }
}

void exposition_text_sample(struct buffer *out, const struct exposition_member *member,
                            const char *ending, enum exposition_format format)
{
    buffer_append_text(out, member->series->name);
    buffer_append_text(out, ending);
    if (member->series->label_count > 0) {
        buffer_append_char(out, '{');
        append_labels(out, member, format);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ' ');
}

void exposition_text_bucket(struct buffer *out, const struct exposition_member *member,
                            enum exposition_format format)
{
    buffer_append_text(out, member->series->name);
    buffer_append_text(out, "_bucket{");
    append_labels(out, member, format);
    if (member->series->label_count > 0)
        buffer_append_char(out, ',');
    buffer_append_text(out, "le=\"");
}

static const char *type_name(const struct exposition_family_plan *family, bool openmetrics)
{
    const char *unknown = openmetrics ? "unknown" : "untyped";

    switch (family->class) {
    case FAMILY_TOTAL:
        return "counter";
    case FAMILY_BUCKETS:
        return "histogram";
    case FAMILY_QUANTILES:
        return "summary";
    default:
        break;
    }
    if (family->kind == METRIC_UNTYPED)
        return unknown;
    /* OpenMetrics has no counter of another name than NAME_total. */
    if (family->kind == METRIC_COUNTER)
        return openmetrics ? unknown : "counter";
    return "gauge";
}

static void append_keyword(struct buffer *out, const char *keyword,
                           const struct exposition_family_plan *family)
{
    buffer_append_text(out, keyword);
    buffer_append(out, family->name, family->name_length);
    buffer_append_char(out, ' ');
}

/* A unit is told where the name ends with it, as it has to. */
static bool has_unit(const struct exposition_family_plan *family)
{
    const size_t length = strlen(family->unit);

    return length > 0 && family->name_length > length + 1 &&
           family->name[family->name_length - length - 1] == '_' &&
           memcmp(family->name + family->name_length - length, family->unit, length) == 0;
}

void exposition_text_head(struct buffer *out, const struct exposition_family_plan *family,
                          enum exposition_format format)
{
    const bool openmetrics = format == EXPOSITION_OPENMETRICS;

    if (*family->help != '\0') {
        append_keyword(out, "# HELP ", family);
        append_escaped(out, family->help, openmetrics);
        buffer_append_char(out, '\n');
    }
    append_keyword(out, "# TYPE ", family);
    buffer_append_text(out, type_name(family, openmetrics));
    buffer_append_char(out, '\n');
    if (openmetrics && has_unit(family)) {
        append_keyword(out, "# UNIT ", family);
        buffer_append_text(out, family->unit);
        buffer_append_char(out, '\n');
    }
}

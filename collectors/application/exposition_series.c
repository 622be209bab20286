#include <errno.h>
#include <stdlib.h>

#include "collectors/application/exposition.h"
#include "collectors/application/exposition_family.h"
#include "collectors/application/exposition_scan.h"
#include "collectors/array.h"

/* Copies the text with a NUL behind it; moves *room behind that. */
static const char *put_text(struct span text, char **room)
{
    char *start = *room;

    memcpy(start, text.at, text.length);
    start[text.length] = '\0';
    *room = start + text.length + 1;
    return start;
}

static const char *put_value(struct span escaped, char **room)
{
    char *start = *room;
    char *end = exposition_unescape(escaped, true, start);

    *end = '\0';
    *room = end + 1;
    return start;
}

static bool has_label(const struct exposition_series *series, struct span key)
{
    for (size_t index = 0; index < series->label_count; index++) {
        if (span_equals(key, series->labels[index].key))
            return true;
    }
    return false;
}

/* A label that is empty is none. */
static int add_label(struct exposition_series *series, struct span key, struct span value,
                     char **room)
{
    struct label *label;

    if (key.length >= 2 && memcmp(key.at, "__", 2) == 0)
        return -EBADMSG;
    if (value.length == 0)
        return 0;
    if (has_label(series, key))
        return -EBADMSG;
    if (key.length > EXPOSITION_NAME_MAX || series->label_count == EXPOSITION_LABELS_MAX)
        return -E2BIG;
    label = &series->labels[series->label_count++];
    label->key = put_text(key, room);
    label->value = put_value(value, room);
    return *room - label->value > EXPOSITION_VALUE_MAX + 1 ? -E2BIG : 0;
}

static int add_labels(struct exposition_series *series, struct scanner text, char *room)
{
    struct span key, value;
    int result;

    scan_blanks(&text);
    if (!scan_char(&text, '{'))
        return 0;
    while ((result = exposition_scan_label(&text, &key, &value)) > 0) {
        result = add_label(series, key, value, &room);
        if (result < 0)
            return result;
    }
    return result;
}

int exposition_describe(const struct exposition *exposition, const struct exposition_sample *sample,
                        struct exposition_series *out)
{
    struct scanner labels = scanner_over(sample->series.at, sample->series.length);
    char *room;

    out->label_count = 0;
    if (sample->name.length > EXPOSITION_NAME_MAX)
        return -E2BIG;
    /* Each string's NUL takes the place of the brace, =, quotes or comma beside it. */
    room = array_reserve(out->text, &out->capacity, sample->series.length + 1, 1);
    if (room == NULL)
        return -ENOMEM;
    out->text = room;
    exposition_family_describe(&exposition->family, sample->name, &out->metric);
    out->metric.name = put_text(sample->name, &room);
    labels.at += sample->name.length;
    return add_labels(out, labels, room);
}

void exposition_series_finish(struct exposition_series *series)
{
    free(series->text);
    *series = (struct exposition_series){0};
}

#include "collectors/fields.h"

#include <ctype.h>
#include <errno.h>

struct field {
    struct roster_key key;
    struct sink_series series;
    double value;
};

static bool append(struct field_key *key, struct span text)
{
    if (text.length > ROSTER_NAME_MAX - key->length)
        return false;
    for (size_t index = 0; index < text.length; index++) {
        unsigned char c = (unsigned char)text.at[index];

        if (!isalnum(c) && c != '_')
            return false;
        key->text[key->length++] = (char)c;
    }
    return true;
}

bool field_key_make(struct field_key *out, struct span group, struct span name)
{
    struct field_key key = {.length = 0};

    if (name.length == 0)
        return false;
    if (group.length > 0 && !(append(&key, group) && append(&key, (struct span){"_", 1})))
        return false;
    if (!append(&key, name))
        return false;
    *out = key;
    return true;
}

void fields_init(struct fields *fields, void (*describe)(const char *key, struct field_metric *out))
{
    roster_init(&fields->roster, sizeof(struct field));
    fields->describe = describe;
}

void fields_finish(struct fields *fields)
{
    roster_finish(&fields->roster);
}

void fields_begin(struct fields *fields)
{
    roster_begin(&fields->roster);
}

int fields_take(struct fields *fields, const struct field_key *key, double value)
{
    struct field *field = roster_take(&fields->roster, field_key_span(key));

    if (field == NULL)
        return -ENOMEM;
    field->value = value;
    return 0;
}

static void on_gone(void *item, struct sink *sink)
{
    struct field *field = item;

    sink_drop(sink, &field->series);
}

static void write_first(const struct fields *fields, struct field *field, struct sink *sink)
{
    struct field_metric made = {.metric = {.unit = ""}};

    fields->describe(field->key.name, &made);
    made.metric.name = made.name;
    made.metric.help = made.help;
    sink_put(sink, &field->series, &made.metric, NULL, 0, 0, field->value);
}

void fields_write(struct fields *fields, struct sink *sink)
{
    struct field *items;

    roster_sweep(&fields->roster, on_gone, sink);
    items = fields->roster.items;
    for (size_t index = 0; index < fields->roster.count; index++) {
        if (items[index].series.declared)
            sink_set(sink, items[index].series.slot, items[index].value);
        else
            write_first(fields, &items[index], sink);
    }
}

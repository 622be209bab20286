#include "collectors/fields.h"

#include <stdio.h>

#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static struct span span(const char *text)
{
    return (struct span){text, strlen(text)};
}

static struct field_key key_of(const char *name)
{
    struct field_key key;

    ck_assert(field_key_make(&key, span(""), span(name)));
    return key;
}

START_TEST(keys_are_ends_of_metric_names)
{
    struct field_key key = {.text = "before", .length = 6};
    char name[ROSTER_NAME_MAX + 2];

    ck_assert(field_key_make(&key, span("TCP"), span("mem_bytes")));
    ck_assert_str_eq(key.text, "TCP_mem_bytes");
    ck_assert_uint_eq(key.length, strlen("TCP_mem_bytes"));
    ck_assert(field_key_make(&key, span(""), span("pgfault")));
    ck_assert_str_eq(key.text, "pgfault");
    ck_assert(!field_key_make(&key, span("TCP"), span("")));
    ck_assert(!field_key_make(&key, span(""), span("in-use")));
    ck_assert(!field_key_make(&key, span("T P"), span("inuse")));
    ck_assert(!field_key_make(&key, span(""), (struct span){"a\0b", 3}));
    ck_assert(!field_key_make(&key, span(""), span("\xc3\xa9")));

    memset(name, 'x', sizeof name);
    ck_assert(!field_key_make(&key, span(""), (struct span){name, ROSTER_NAME_MAX + 1}));
    ck_assert(!field_key_make(&key, span("T"), (struct span){name, ROSTER_NAME_MAX - 1}));
    ck_assert_str_eq(key.text, "pgfault");
    ck_assert(field_key_make(&key, span("T"), (struct span){name, ROSTER_NAME_MAX - 2}));
    ck_assert_uint_eq(strlen(key.text), ROSTER_NAME_MAX);
}
END_TEST

static void describe(const char *key, struct field_metric *out)
{
    snprintf(out->name, sizeof out->name, "node_test_%s", key);
    snprintf(out->help, sizeof out->help, "The %s.", key);
    out->metric.kind = METRIC_UNTYPED;
    out->metric.cumulative = strcmp(key, "b") == 0;
}

static void take(struct fields *fields, const char *name, double value)
{
    struct field_key key = key_of(name);

    ck_assert_int_eq(fields_take(fields, &key, value), 0);
}

START_TEST(fields_come_and_go)
{
    const struct fake_series *series;
    struct fields fields;
    struct fake_sink sink;

    fake_sink_init(&sink);
    fields_init(&fields, describe);
    fields_begin(&fields);
    take(&fields, "a", 1);
    take(&fields, "b", -2);
    fields_write(&fields, &sink.sink);
    ck_assert_double_eq(fake_sink_value(&sink, "node_test_a"), 1);
    ck_assert_double_eq(fake_sink_value(&sink, "node_test_b"), -2);
    series = fake_sink_find(&sink, "node_test_b");
    ck_assert_str_eq(series->help, "The b.");
    ck_assert_str_eq(series->unit, "");
    ck_assert_int_eq(series->kind, METRIC_UNTYPED);
    ck_assert(series->cumulative);
    ck_assert(!fake_sink_find(&sink, "node_test_a")->cumulative);

    fake_sink_begin(&sink);
    fields_begin(&fields);
    take(&fields, "c", 3);
    take(&fields, "a", 4);
    take(&fields, "a", 5);
    fields_write(&fields, &sink.sink);
    ck_assert_uint_eq(fake_sink_values(&sink), 2);
    ck_assert_uint_eq(fake_sink_live(&sink), 2);
    ck_assert_double_eq(fake_sink_value(&sink, "node_test_a"), 5);
    ck_assert_double_eq(fake_sink_value(&sink, "node_test_c"), 3);
    ck_assert_uint_eq(sink.declares, 3);
    fields_finish(&fields);
    fake_sink_finish(&sink);
}
END_TEST

START_TEST(a_refused_field_is_asked_for_once)
{
    struct fields fields;
    struct fake_sink sink;

    fake_sink_init(&sink);
    sink.limit = 1;
    fields_init(&fields, describe);
    for (int tick = 0; tick < 3; tick++) {
        fake_sink_begin(&sink);
        fields_begin(&fields);
        take(&fields, "a", 1);
        take(&fields, "b", 2);
        fields_write(&fields, &sink.sink);
        ck_assert_uint_eq(fake_sink_values(&sink), 1);
    }
    ck_assert_uint_eq(sink.declares, 2);
    fields_begin(&fields);
    fields_write(&fields, &sink.sink);
    ck_assert_uint_eq(sink.releases, 1);
    fields_finish(&fields);
    fake_sink_finish(&sink);
}
END_TEST

START_TEST(nothing_is_something)
{
    struct fields fields = {0};
    struct fake_sink sink;

    fields_finish(&fields);
    fake_sink_init(&sink);
    fields_init(&fields, describe);
    fields_begin(&fields);
    fields_write(&fields, &sink.sink);
    ck_assert_uint_eq(fake_sink_live(&sink), 0);
    fields_finish(&fields);
    fake_sink_finish(&sink);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fields", keys_are_ends_of_metric_names, fields_come_and_go,
                     a_refused_field_is_asked_for_once, nothing_is_something);
}

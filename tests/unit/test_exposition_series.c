#include "collectors/application/exposition.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/support.h"

/* The sample that is described: the last of the text. */
static struct {
    struct exposition exposition;
    struct exposition_series series;
    size_t samples;
    int result;
} seen;

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    seen.samples++;
    seen.result = exposition_describe(arg, sample, &seen.series);
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    (void)arg;
    ck_abort_msg("line %zu: %d", line, (int)fault);
}

static const struct exposition_visitor visitor = {on_sample, on_wrong};

/* Reads the text, whose last sample is good until forget(). Returns what describing it gave. */
static int describe(enum exposition_format format, const char *text)
{
    seen.samples = 0;
    exposition_init(&seen.exposition, format, &visitor, &seen.exposition);
    exposition_feed(&seen.exposition, text, strlen(text));
    ck_assert_uint_gt(seen.samples, 0);
    return seen.result;
}

static void forget(void)
{
    exposition_finish(&seen.exposition);
    exposition_series_finish(&seen.series);
}

/* The metric in one word or two: "counter+" is a cumulative one. */
static void expect_metric(enum exposition_format format, const char *text, const char *wanted)
{
    static const char *const kinds[] = {"gauge", "counter", "histogram", "summary", "untyped"};
    const struct metric *metric = &seen.series.metric;
    char is[128];

    ck_assert_int_eq(describe(format, text), 0);
    snprintf(is, sizeof is, "%s%s %s", kinds[metric->kind], metric->cumulative ? "+" : "",
             metric->unit);
    ck_assert_msg(strcmp(is, wanted) == 0, "%s: %s", text, is);
    ck_assert(!metric->sparse);
    forget();
}

START_TEST(names_and_labels_are_unescaped)
{
    const struct exposition_series *series = &seen.series;

    ck_assert_int_eq(describe(EXPOSITION_TEXT,
                              "a{path=\"C:\\\\DIR\\\\\",error=\"Cannot \\\"find\\\":\\n\\t\","
                              " none = \"\" , utf=\"\xc3\xa9\xff\",} 1\n"),
                     0);
    ck_assert_str_eq(series->metric.name, "a");
    ck_assert_uint_eq(series->label_count, 3);
    ck_assert_str_eq(series->labels[0].key, "path");
    ck_assert_str_eq(series->labels[0].value, "C:\\DIR\\");
    ck_assert_str_eq(series->labels[1].key, "error");
    ck_assert_str_eq(series->labels[1].value, "Cannot \"find\":\n\\t");
    ck_assert_str_eq(series->labels[2].key, "utf");
    ck_assert_str_eq(series->labels[2].value, "\xc3\xa9\xff");
    forget();
}
END_TEST

START_TEST(labels_may_be_none)
{
    ck_assert_int_eq(describe(EXPOSITION_TEXT, "some_name 1\n"), 0);
    ck_assert_str_eq(seen.series.metric.name, "some_name");
    ck_assert_uint_eq(seen.series.label_count, 0);
    ck_assert_int_eq(describe(EXPOSITION_TEXT, "b {a=\"\"} 1\n"), 0);
    ck_assert_str_eq(seen.series.metric.name, "b");
    ck_assert_uint_eq(seen.series.label_count, 0);
    forget();
}
END_TEST

START_TEST(labels_are_unique_and_not_reserved)
{
    ck_assert_int_eq(describe(EXPOSITION_TEXT, "a{b=\"1\",c=\"2\",b=\"1\"} 1\n"), -EBADMSG);
    ck_assert_int_eq(describe(EXPOSITION_TEXT, "a{__name__=\"b\"} 1\n"), -EBADMSG);
    ck_assert_int_eq(describe(EXPOSITION_TEXT, "a{__scope__=\"\"} 1\n"), -EBADMSG);
    ck_assert_int_eq(describe(EXPOSITION_TEXT, "a{_=\"1\",bb=\"2\",b=\"2\"} 1\n"), 0);
    forget();
}
END_TEST

/* A sample with so many labels whose values have so many bytes. */
static int describe_labels(size_t labels, size_t value_length)
{
    static char text[EXPOSITION_LINE_MAX];
    size_t length = 0;

    text[length++] = 'a';
    text[length++] = '{';
    for (size_t index = 0; index < labels; index++)
        length += (size_t)snprintf(text + length, sizeof text - length, "l%zu=\"%0*d\",", index,
                                   (int)value_length, 0);
    snprintf(text + length, sizeof text - length, "} 1\n");
    return describe(EXPOSITION_TEXT, text);
}

START_TEST(labels_have_limits)
{
    ck_assert_int_eq(describe_labels(EXPOSITION_LABELS_MAX, EXPOSITION_VALUE_MAX), 0);
    ck_assert_uint_eq(seen.series.label_count, EXPOSITION_LABELS_MAX);
    ck_assert_uint_eq(strlen(seen.series.labels[29].value), EXPOSITION_VALUE_MAX);
    ck_assert_int_eq(describe_labels(EXPOSITION_LABELS_MAX + 1, 1), -E2BIG);
    ck_assert_int_eq(describe_labels(1, EXPOSITION_VALUE_MAX + 1), -E2BIG);
    forget();
}
END_TEST

/* A metric's name and a label's of so many characters. */
static int describe_names(size_t name, size_t key)
{
    static char text[4 * EXPOSITION_NAME_MAX];

    memset(text, 'n', name + 1 + key);
    text[name] = '{';
    snprintf(text + name + 1 + key, sizeof text - name - 1 - key, "=\"v\"} 1\n");
    return describe(EXPOSITION_TEXT, text);
}

START_TEST(names_have_limits)
{
    ck_assert_int_eq(describe_names(EXPOSITION_NAME_MAX, EXPOSITION_NAME_MAX), 0);
    ck_assert_int_eq(describe_names(EXPOSITION_NAME_MAX + 1, 1), -E2BIG);
    ck_assert_int_eq(describe_names(1, EXPOSITION_NAME_MAX + 1), -E2BIG);
    forget();
}
END_TEST

START_TEST(types_make_kinds)
{
    static const char *const cases[][2] = {
        {"# TYPE a counter\na 1\n", "counter+ "},
        {"# TYPE a_total counter\na_total 1\n", "counter+ "},
        {"# TYPE a_total gauge\na_total 1\n", "gauge "},
        {"# TYPE a gauge\na 1\n", "gauge "},
        {"# TYPE a histogram\na_bucket{le=\"1\"} 1\n", "histogram+ "},
        {"# TYPE a_seconds histogram\na_seconds_bucket{le=\"1\"} 1\n", "histogram+ "},
        {"# TYPE a_seconds histogram\na_seconds_sum 1\n", "histogram+ seconds"},
        {"# TYPE a_seconds histogram\na_seconds_count 1\n", "histogram+ "},
        {"# TYPE a summary\na{quantile=\"0.5\"} 1\n", "summary "},
        {"# TYPE a_bytes summary\na_bytes{quantile=\"0.5\"} 1\n", "summary bytes"},
        {"# TYPE a_bytes summary\na_bytes_sum 1\n", "summary+ bytes"},
        {"# TYPE a_bytes summary\na_bytes_count 1\n", "summary+ "},
        {"# TYPE a untyped\na 1\n", "untyped "},
        {"# TYPE a_total untyped\na_total 1\n", "untyped+ "},
        {"a 1\n", "untyped "},
        {"a_total 1\n", "untyped+ "},
        {"# HELP a_total Said nothing of its type.\na_total 1\n", "untyped+ "},
        {"# TYPE a summary\na_max 1\n", "untyped "},
        {"# TYPE a counter\nab 1\n", "untyped "},
        {"# TYPE ab counter\na 1\n", "untyped "},
        {"# TYPE a counter\nb 1\na 1\n", "counter+ "},
        {"# TYPE a counter\n# HELP b Another.\na 1\n", "untyped "},
        {"# TYPE a counter\n# HELP a The same.\na 1\n", "counter+ "},
        {"# TYPE a counter\n# TYPE a gauge\na 1\n", "gauge "},
        {"# UNIT a_x seconds\n# TYPE a_x gauge\na_x 1\n", "gauge "},
    };

    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        expect_metric(EXPOSITION_TEXT, cases[index][0], cases[index][1]);
}
END_TEST

START_TEST(openmetrics_has_more_types)
{
    static const char *const cases[][2] = {
        {"# TYPE a counter\na_total 1\n", "counter+ "},
        {"# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1\n",
         "counter+ seconds"},
        {"# TYPE a counter\na_created 1.5e9\n", "gauge seconds"},
        {"# TYPE a histogram\na_created 1.5e9\n", "gauge seconds"},
        {"# TYPE a summary\na_created 1.5e9\n", "gauge seconds"},
        {"# TYPE a gaugehistogram\na_bucket{le=\"1\"} 1\n", "histogram "},
        {"# TYPE a_bytes gaugehistogram\na_bytes_gcount 1\n", "histogram "},
        {"# TYPE a_bytes gaugehistogram\na_bytes_gsum 1\n", "histogram bytes"},
        {"# TYPE a info\na_info{version=\"1\"} 1\n", "gauge "},
        {"# TYPE a stateset\na{a=\"on\"} 1\n", "gauge "},
        {"# TYPE a unknown\na 1\n", "untyped "},
        {"# TYPE a_tesla gauge\n# UNIT a_tesla tesla\na_tesla 1\n", "gauge tesla"},
        {"# UNIT a_seconds seconds\n# TYPE a_seconds histogram\na_seconds_bucket{le=\"1\"} 1\n",
         "histogram+ "},
        {"# UNIT a_seconds \n# TYPE a gauge\na 1\n", "gauge "},
    };

    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        expect_metric(EXPOSITION_OPENMETRICS, cases[index][0], cases[index][1]);
}
END_TEST

START_TEST(names_end_with_units)
{
    static const char *const cases[][2] = {
        {"a_seconds 1\n", "untyped seconds"},
        {"a_seconds_total 1\n", "untyped+ seconds"},
        {"a_seconds_sum 1\n", "untyped seconds"},
        {"a_seconds_count 1\n", "untyped "},
        {"seconds 1\n", "untyped "},
        {"milliseconds 1\n", "untyped "},
        {"a_milliseconds 1\n", "untyped "},
        {"# TYPE a_ratio gauge\na_ratio 1\n", "gauge ratio"},
        {"# TYPE a_bytes_total counter\na_bytes_total 1\n", "counter+ bytes"},
        {"# TYPE a_celsius gauge\na_celsius 1\n", "gauge celsius"},
    };

    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        expect_metric(EXPOSITION_TEXT, cases[index][0], cases[index][1]);
}
END_TEST

static void expect_help(enum exposition_format format, const char *text, const char *wanted)
{
    ck_assert_int_eq(describe(format, text), 0);
    ck_assert_str_eq(seen.series.metric.help, wanted);
    forget();
}

START_TEST(help_is_unescaped)
{
    expect_help(EXPOSITION_TEXT, "# HELP a  Two\\\\ \\nlines \\\"x\\\" \na 1\n",
                " Two\\ \nlines \\\"x\\\" ");
    expect_help(EXPOSITION_OPENMETRICS, "# HELP a \\\"x\\\"\na 1\n", "\"x\"");
    expect_help(EXPOSITION_TEXT, "# HELP a\na 1\n", "");
    expect_help(EXPOSITION_TEXT, "# HELP a One.\nb 1\n", "");
    expect_help(EXPOSITION_TEXT, "# HELP a One.\n# TYPE a summary\na_sum 1\n", "One.");
    expect_help(EXPOSITION_TEXT, "# HELP a One.\n# TYPE b gauge\nb 1\n", "");
}
END_TEST

/* A help of so many bytes: x, then characters of two bytes each, written by `unit`. */
static void read_help(size_t prefix, const char *unit)
{
    static char text[16384];
    size_t length = (size_t)snprintf(text, sizeof text, "# HELP a %.*s", (int)prefix, "xxx");

    for (size_t index = 0; index < EXPOSITION_HELP_MAX; index++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s", unit);
    snprintf(text + length, sizeof text - length, "\na 1\n");
    ck_assert_int_eq(describe(EXPOSITION_TEXT, text), 0);
}

START_TEST(help_is_cut_between_characters)
{
    read_help(0, "\xc3\xa9");
    ck_assert_uint_eq(strlen(seen.series.metric.help), EXPOSITION_HELP_MAX);
    read_help(1, "\xc3\xa9");
    ck_assert_uint_eq(strlen(seen.series.metric.help), EXPOSITION_HELP_MAX - 1);
    read_help(0, "\\n");
    ck_assert_uint_eq(strlen(seen.series.metric.help), EXPOSITION_HELP_MAX);
    read_help(1, "\\\\");
    ck_assert_uint_eq(strlen(seen.series.metric.help), EXPOSITION_HELP_MAX);
    /* What is no UTF-8 is cut near there. */
    read_help(0, "\x80\x80");
    ck_assert_uint_ge(strlen(seen.series.metric.help), EXPOSITION_HELP_MAX - 3);
    forget();
}
END_TEST

int main(void)
{
    return RUN_TESTS("exposition_series", names_and_labels_are_unescaped, labels_may_be_none,
                     labels_are_unique_and_not_reserved, labels_have_limits, names_have_limits,
                     types_make_kinds, openmetrics_has_more_types, names_end_with_units,
                     help_is_unescaped, help_is_cut_between_characters);
}

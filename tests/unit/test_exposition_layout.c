/* What series make which lines, in both formats. */
#include <math.h>

#include "tests/unit/exposition_bench.h"

#define EOF_LINE "# EOF\n"

static struct exposition_bench bench;

static const struct metric gauge = {.name = "load", .help = "Load.", .kind = METRIC_GAUGE};
static const struct metric counter = {.name = "cpu_seconds_total",
                                      .unit = "seconds",
                                      .help = "Seconds.",
                                      .kind = METRIC_COUNTER,
                                      .cumulative = true};

static struct metric named(const char *name, enum metric_kind kind, bool cumulative)
{
    return (struct metric){.name = name, .kind = kind, .cumulative = cumulative};
}

/* With one label, or none if key is NULL. */
static struct series *add(struct metric metric, const char *key, const char *value, double number)
{
    const struct label label = {key, value};

    return exposition_bench_add(&bench, metric, &label, key != NULL, number);
}

static void expect(enum exposition_format format, const char *wanted, size_t left_out)
{
    exposition_bench_expect(&bench, format, wanted, left_out);
}

START_TEST(families_by_name_and_series_by_id)
{
    exposition_bench_make(&bench, 8);
    add(gauge, NULL, NULL, 0.39);
    add(counter, "mode", "user", 17420.36);
    add(named("load_more", METRIC_UNTYPED, true), NULL, NULL, 1e21);
    add(counter, "mode", "idle", 9007199254740991.0);
    add(named("odd", METRIC_COUNTER, true), NULL, NULL, 7);
    expect(EXPOSITION_TEXT,
           "# HELP cpu_seconds_total Seconds.\n# TYPE cpu_seconds_total counter\n"
           "cpu_seconds_total{mode=\"user\"} 17420.36\n"
           "cpu_seconds_total{mode=\"idle\"} 9007199254740991\n"
           "# HELP load Load.\n# TYPE load gauge\nload 0.39\n"
           "# TYPE load_more untyped\nload_more 1e+21\n"
           "# TYPE odd counter\nodd 7\n",
           0);
    expect(EXPOSITION_OPENMETRICS,
           "# HELP cpu_seconds Seconds.\n# TYPE cpu_seconds counter\n# UNIT cpu_seconds seconds\n"
           "cpu_seconds_total{mode=\"user\"} 17420.36\n"
           "cpu_seconds_total{mode=\"idle\"} 9007199254740991\n"
           "# HELP load Load.\n# TYPE load gauge\nload 0.39\n"
           "# TYPE load_more unknown\nload_more 1e+21\n"
           "# TYPE odd unknown\nodd 7\n" EOF_LINE,
           0);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(values)
{
    struct series *derived;

    exposition_bench_make(&bench, 8);
    add(named("a", METRIC_GAUGE, false), NULL, NULL, NAN);
    add(named("b", METRIC_GAUGE, false), NULL, NULL, INFINITY);
    add(named("c", METRIC_GAUGE, false), NULL, NULL, -INFINITY);
    add(named("d", METRIC_GAUGE, false), NULL, NULL, 1.0 / 3);
    derived = add(named("e", METRIC_GAUGE, false), NULL, NULL, 1.0 / 3);
    derived->flags = SERIES_DERIVED;
    bench.present.values[add(gauge, NULL, NULL, 1)->slot].word = SAMPLE_ABSENT;
    bench.present.values[add(named("g", METRIC_GAUGE, false), NULL, NULL, 1)->slot].id = 999;
    expect(EXPOSITION_TEXT,
           "# TYPE a gauge\na NaN\n# TYPE b gauge\nb +Inf\n# TYPE c gauge\nc -Inf\n"
           "# TYPE d gauge\nd 0.3333333333333333\n# TYPE e gauge\ne 0.333333\n",
           0);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(hostile_texts)
{
    const struct label labels[] = {{"b", "new\nline \"quoted\" back\\slash"},
                                   {"a", "\xff\xc3\xa9\xc3"}};
    struct metric metric = named("x", METRIC_GAUGE, false);

    exposition_bench_make(&bench, 16);
    metric.help = "One\nline, \\ and \"quotes\" \xfe.";
    exposition_bench_add(&bench, metric, labels, 2, 1);
    add(named("1x", METRIC_GAUGE, false), NULL, NULL, 2);
    add(named("x y", METRIC_GAUGE, false), NULL, NULL, 3);
    add(named("", METRIC_GAUGE, false), NULL, NULL, 4);
    add(named("x\n", METRIC_GAUGE, false), NULL, NULL, 5);
    add(named("y", METRIC_GAUGE, false), "a-b", "c", 6);
    add(named("y", METRIC_GAUGE, false), "__name__", "c", 7);
    add(named("y", METRIC_GAUGE, false), "a:b", "c", 8);
    add(named("tacho_exposition_left_out", METRIC_GAUGE, false), "a", "b", 9);
    expect(EXPOSITION_TEXT,
           "# HELP x One\\nline, \\\\ and \"quotes\" \xef\xbf\xbd.\n# TYPE x gauge\n"
           "x{a=\"\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\",b=\"new\\nline \\\"quoted\\\" "
           "back\\\\slash\"} 1\n",
           8);
    expect(EXPOSITION_OPENMETRICS,
           "# HELP x One\\nline, \\\\ and \\\"quotes\\\" \xef\xbf\xbd.\n# TYPE x gauge\n"
           "x{a=\"\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\",b=\"new\\nline \\\"quoted\\\" "
           "back\\\\slash\"} 1\n" EOF_LINE,
           8);
    exposition_bench_remove(&bench);
}
END_TEST

/* Two names that become one, and two series of one name: the newer one is there, once. */
START_TEST(no_sample_is_there_twice)
{
    exposition_bench_make(&bench, 8);
    add(gauge, "a", "\xff", 1);
    add(gauge, "a", "\xfe", 2);
    add(gauge, "a", "x", 3);
    add(named("load", METRIC_UNTYPED, false), "a", "x", 4);
    expect(EXPOSITION_TEXT,
           "# HELP load Load.\n# TYPE load gauge\nload{a=\"\xef\xbf\xbd\"} 2\nload{a=\"x\"} 4\n",
           2);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(scopes)
{
    char *text;

    exposition_bench_make(&bench, 8);
    add(gauge, NULL, NULL, 1);
    add(counter, NULL, NULL, 2)->flags = SERIES_APPLICATION;
    text = exposition_bench_text(&bench, EXPOSITION_TEXT, EXPOSE_APPLICATIONS);
    ck_assert_str_eq(text, "# HELP cpu_seconds_total Seconds.\n# TYPE cpu_seconds_total counter\n"
                           "cpu_seconds_total 2\n");
    free(text);
    text = exposition_bench_text(&bench, EXPOSITION_OPENMETRICS, EXPOSE_HOST);
    ck_assert_ptr_nonnull(strstr(text, "# TYPE load gauge\nload 1\n"));
    ck_assert_ptr_null(strstr(text, "cpu_seconds"));
    ck_assert_ptr_nonnull(strstr(text, "\ntacho_exposition_left_out 0\n# EOF\n"));
    free(text);
    exposition_bench_remove(&bench);

    exposition_bench_make(&bench, 8);
    add(gauge, NULL, NULL, 1)->flags = SERIES_APPLICATION | SERIES_TEXTFILE;
    text = exposition_bench_text(&bench, EXPOSITION_TEXT, EXPOSE_APPLICATIONS);
    ck_assert_str_eq(text, "");
    free(text);
    text = exposition_bench_text(&bench, EXPOSITION_TEXT, EXPOSE_HOST);
    ck_assert_ptr_nonnull(strstr(text, "# TYPE load gauge\nload 1\n"));
    free(text);
    exposition_bench_remove(&bench);

    exposition_bench_make(&bench, 1);
    expect(EXPOSITION_TEXT, "", 0);
    expect(EXPOSITION_OPENMETRICS, EOF_LINE, 0);
    exposition_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("exposition_layout", families_by_name_and_series_by_id, values, hostile_texts,
                     no_sample_is_there_twice, scopes);
}

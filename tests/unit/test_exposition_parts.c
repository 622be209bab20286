/* Histograms and summaries put together again, and names that are claimed twice. */
#include <stdio.h>

#include "tests/unit/exposition_bench.h"

#define EOF_LINE "# EOF\n"

static struct exposition_bench bench;

static struct series *add(const char *name, enum metric_kind kind, bool cumulative,
                          const char *labels, double number)
{
    const struct metric metric = {.name = name, .kind = kind, .cumulative = cumulative};
    struct label items[4];
    char copy[128], *at = copy;
    size_t count = 0;

    strcpy(copy, labels);
    while (*labels && at) {
        char *key = strsep(&at, "=");

        items[count++] = (struct label){key, strsep(&at, ",")};
    }
    return exposition_bench_add(&bench, metric, items, count, number);
}

/* A timer in seconds, as StatsD's has it, of which this was the one value. */
static void add_timer(const char *name, const char *key, const char *value, double number)
{
    struct metric metric = {.name = name,
                            .unit = "seconds",
                            .help = "Timer.",
                            .kind = METRIC_HISTOGRAM,
                            .sparse = true};
    const struct label labels[] = {{"quantile", "0.5"}, {key, value}};
    char text[64];

    exposition_bench_add(&bench, metric, &labels[1], key != NULL, number);
    metric.kind = METRIC_SUMMARY;
    metric.sparse = false;
    exposition_bench_add(&bench, metric, labels, key ? 2 : 1, number);
    metric.cumulative = true;
    metric.name = text;
    snprintf(text, sizeof text, "%s_count", name);
    exposition_bench_add(&bench, metric, &labels[1], key != NULL, 999);
    snprintf(text, sizeof text, "%s_sum", name);
    exposition_bench_add(&bench, metric, &labels[1], key != NULL, 999);
}

static void expect(enum exposition_format format, const char *wanted, size_t left_out)
{
    exposition_bench_expect(&bench, format, wanted, left_out);
}

START_TEST(classic_histograms)
{
    exposition_bench_make(&bench, 32);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=+Inf,p=b", 6);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=10,p=b", 5);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=5,p=b", 4);
    add("h_sum", METRIC_HISTOGRAM, true, "p=a", 1.5);
    add("h_count", METRIC_HISTOGRAM, true, "p=b", 6);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=1e1,p=a", 2);
    add("h_count", METRIC_HISTOGRAM, true, "p=a", 3);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=+Inf,p=a", 3);
    add("h_created", METRIC_GAUGE, false, "p=a", 1700000000);
    add("h_bucket", METRIC_HISTOGRAM, true, "p=c", 1);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=many,p=c", 1);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=NaN,p=c", 1);
    add("h_sum", METRIC_HISTOGRAM, true, "le=1,p=c", 1);
    add("g_bucket", METRIC_HISTOGRAM, false, "le=1", 7);
    expect(EXPOSITION_TEXT,
           "# TYPE g_bucket gauge\ng_bucket{le=\"1\"} 7\n"
           "# TYPE h histogram\n"
           "h_bucket{le=\"5\",p=\"b\"} 4\nh_bucket{le=\"10\",p=\"b\"} 5\n"
           "h_bucket{le=\"+Inf\",p=\"b\"} 6\nh_count{p=\"b\"} 6\n"
           "h_bucket{le=\"1e1\",p=\"a\"} 2\nh_bucket{le=\"+Inf\",p=\"a\"} 3\n"
           "h_sum{p=\"a\"} 1.5\nh_count{p=\"a\"} 3\n"
           "# TYPE h_created gauge\nh_created{p=\"a\"} 1700000000\n",
           4);
    expect(EXPOSITION_OPENMETRICS,
           "# TYPE g_bucket gauge\ng_bucket{le=\"1\"} 7\n"
           "# TYPE h histogram\n"
           "h_bucket{le=\"5.0\",p=\"b\"} 4\nh_bucket{le=\"10.0\",p=\"b\"} 5\n"
           "h_bucket{le=\"+Inf\",p=\"b\"} 6\nh_count{p=\"b\"} 6\n"
           "h_bucket{le=\"1e1\",p=\"a\"} 2\nh_bucket{le=\"+Inf\",p=\"a\"} 3\n"
           "h_sum{p=\"a\"} 1.5\nh_count{p=\"a\"} 3\nh_created{p=\"a\"} 1700000000\n" EOF_LINE,
           4);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(summaries)
{
    exposition_bench_make(&bench, 16);
    add("s_sum", METRIC_SUMMARY, true, "", 9);
    add("s", METRIC_SUMMARY, false, "quantile=0.9", 2);
    add("s", METRIC_SUMMARY, false, "quantile=0", 1);
    add("s_count", METRIC_SUMMARY, true, "", 8);
    add("s", METRIC_SUMMARY, false, "", 7);
    add("s", METRIC_SUMMARY, false, "quantile=half", 7);
    expect(EXPOSITION_TEXT,
           "# TYPE s summary\ns{quantile=\"0\"} 1\ns{quantile=\"0.9\"} 2\ns_sum 9\ns_count 8\n", 2);
    expect(EXPOSITION_OPENMETRICS,
           "# TYPE s summary\ns{quantile=\"0.0\"} 1\ns{quantile=\"0.9\"} 2\ns_sum 9\ns_count "
           "8\n" EOF_LINE,
           2);
    exposition_bench_remove(&bench);
}
END_TEST

#define TIMER(labels, last)                                                                        \
    "t_bucket{" labels "le=\"0.0005\"} 0\nt_bucket{" labels "le=\"0.001\"} 0\n"                    \
    "t_bucket{" labels "le=\"0.0025\"} 0\nt_bucket{" labels "le=\"0.005\"} 0\n"                    \
    "t_bucket{" labels "le=\"0.01\"} 0\nt_bucket{" labels "le=\"0.025\"} 0\n"                      \
    "t_bucket{" labels "le=\"0.05\"} 0\nt_bucket{" labels "le=\"0.1\"} 1\n"                        \
    "t_bucket{" labels "le=\"0.25\"} 1\nt_bucket{" labels "le=\"0.5\"} 1\n"                        \
    "t_bucket{" labels "le=\"1.0\"} 1\nt_bucket{" labels "le=\"2.5\"} 1\n"                         \
    "t_bucket{" labels "le=\"5.0\"} 1\nt_bucket{" labels "le=\"10.0\"} 1\n"                        \
    "t_bucket{" labels "le=\"30.0\"} 1\nt_bucket{" labels "le=\"60.0\"} 1\n"                       \
    "t_bucket{" labels "le=\"+Inf\"} 1\nt_sum" last " 0.1\nt_count" last " 1\n"

/* The sum and the count are those of the buckets, of one moment, not those of the row. */
START_TEST(timers)
{
    exposition_bench_make(&bench, 16);
    add_timer("t", "route", "/b", 0.1);
    add_timer("t", "route", "/a", 0.1);
    add_timer("t", NULL, NULL, 0.1);
    bucket_board_end(bench.buckets, 4); /* of /a */
    expect(EXPOSITION_TEXT,
           "# HELP t Timer.\n# TYPE t histogram\n" TIMER("route=\"/b\",", "{route=\"/b\"}")
               TIMER("", ""),
           0);
    bucket_board_end(bench.buckets, 0);
    bucket_board_end(bench.buckets, 8);
    expect(EXPOSITION_TEXT, "", 0);
    exposition_bench_remove(&bench);
}
END_TEST

/* A scraped histogram of the timer's name, and of its labels too: the timer says it. */
/* What follows the ticks knows of another series in the slot before the layout does. */
START_TEST(a_timer_that_ended_says_nothing_of_its_heir)
{
    exposition_bench_make(&bench, 8);
    add_timer("t", NULL, NULL, 0.2);
    for (size_t i = 0; i < bench.count; i++)
        bench.present.values[bench.series[i]->slot].id = 999;
    expect(EXPOSITION_OPENMETRICS, EOF_LINE, 0);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(timers_among_others)
{
    exposition_bench_make(&bench, 32);
    add_timer("t", NULL, NULL, 0.1);
    add("t_bucket", METRIC_HISTOGRAM, true, "le=1", 5);
    add("t_count", METRIC_HISTOGRAM, true, "", 5);
    add("t_bucket", METRIC_HISTOGRAM, true, "le=1,p=\xff", 5);
    add("t_bucket", METRIC_HISTOGRAM, true, "le=1,p=b", 6);
    add("t", METRIC_SUMMARY, false, "quantile=0.5,p=b", 7);
    add("t", METRIC_GAUGE, false, "p=c", 8);
    expect(EXPOSITION_TEXT,
           "# HELP t Timer.\n# TYPE t histogram\n" TIMER("", "") "t_bucket{le=\"1\",p=\"b\"} 6\n",
           5);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(the_first_has_the_type)
{
    exposition_bench_make(&bench, 16);
    add("a", METRIC_COUNTER, true, "", 1);
    add("a", METRIC_GAUGE, false, "p=b", 2);
    add("a_total", METRIC_GAUGE, false, "", 3);
    add("a_total", METRIC_COUNTER, true, "p=b", 4);
    add("a_created", METRIC_GAUGE, false, "", 5);
    add("b_total", METRIC_COUNTER, true, "", 6);
    add("b", METRIC_GAUGE, false, "", 7);
    add("c_total", METRIC_COUNTER, true, "", 8);
    add("c_created", METRIC_GAUGE, false, "", 9);
    expect(EXPOSITION_TEXT,
           "# TYPE a counter\na 1\na{p=\"b\"} 2\n# TYPE a_created gauge\na_created 5\n"
           "# TYPE a_total gauge\na_total 3\na_total{p=\"b\"} 4\n"
           "# TYPE b gauge\nb 7\n# TYPE b_total counter\nb_total 6\n"
           "# TYPE c_created gauge\nc_created 9\n# TYPE c_total counter\nc_total 8\n",
           0);
    expect(EXPOSITION_OPENMETRICS,
           "# TYPE a unknown\na 1\na{p=\"b\"} 2\n# TYPE a_created gauge\na_created 5\n"
           "# TYPE a_total gauge\na_total 3\na_total{p=\"b\"} 4\n"
           "# TYPE b gauge\nb 7\n# TYPE b_total unknown\nb_total 6\n"
           "# TYPE c counter\nc_total 8\nc_created 9\n" EOF_LINE,
           0);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(names_of_parts_are_taken)
{
    exposition_bench_make(&bench, 16);
    add("h_bucket", METRIC_HISTOGRAM, true, "le=1", 1);
    add("h_sum", METRIC_GAUGE, false, "p=b", 2);
    add("h", METRIC_GAUGE, false, "", 3);
    add("h_bucket", METRIC_COUNTER, true, "", 4);
    add("i_sum", METRIC_GAUGE, false, "", 5);
    add("i_bucket", METRIC_HISTOGRAM, true, "le=1", 6);
    add("i", METRIC_SUMMARY, false, "quantile=1", 7);
    add("s", METRIC_SUMMARY, false, "quantile=1", 8);
    add("s_bucket", METRIC_GAUGE, false, "", 9);
    add("s_count", METRIC_UNTYPED, true, "", 10);
    expect(EXPOSITION_TEXT,
           "# TYPE h histogram\nh_bucket{le=\"1\"} 1\n# TYPE i_sum gauge\ni_sum 5\n"
           "# TYPE s summary\ns{quantile=\"1\"} 8\n# TYPE s_bucket gauge\ns_bucket 9\n",
           6);
    exposition_bench_remove(&bench);
}
END_TEST

START_TEST(more_series_than_expected_names)
{
    char name[32];

    exposition_bench_make(&bench, 4096);
    for (int i = 0; i < 4000; i++) {
        snprintf(name, sizeof name, "h%d_bucket", i);
        add(name, METRIC_HISTOGRAM, true, "le=+Inf", i);
    }
    free(exposition_bench_text(&bench, EXPOSITION_OPENMETRICS, EXPOSE_HOST));
    ck_assert_uint_eq(bench.left_out, 0);
    exposition_bench_remove(&bench);
}
END_TEST

/* Labels of megabytes: the prepared text has an end. */
START_TEST(the_text_is_bounded)
{
    static char value[1 << 20];
    const struct metric metric = {.name = "x", .kind = METRIC_GAUGE};
    const struct label label = {"a", value};
    char *text;

    exposition_bench_make(&bench, 32);
    memset(value, 'x', sizeof value - 1);
    for (int i = 0; i < 32; i++) {
        value[0] = (char)('a' + i);
        exposition_bench_add(&bench, metric, &label, 1, i);
    }
    text = exposition_bench_text(&bench, EXPOSITION_TEXT, EXPOSE_HOST);
    ck_assert_uint_gt(bench.left_out, 16);
    ck_assert_uint_lt(strlen(text), EXPOSITION_ANSWER_MAX);
    free(text);
    exposition_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("exposition_parts", classic_histograms, summaries, timers,
                     a_timer_that_ended_says_nothing_of_its_heir, timers_among_others,
                     the_first_has_the_type, names_of_parts_are_taken,
                     more_series_than_expected_names, the_text_is_bounded);
}

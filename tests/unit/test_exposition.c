#include "collectors/application/exposition.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

/* What the visitor was told, a line each: "SERIES|NAME|VALUE", "malformed LINE", "long LINE". */
static struct {
    char text[8192];
    size_t length;
} told;

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    size_t room = sizeof told.text - told.length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(told.text + told.length, room, format, arguments);
    va_end(arguments);
    ck_assert(length >= 0 && (size_t)length < room);
    told.length += (size_t)length;
}

static void on_sample(void *arg, const struct exposition_sample *sample)
{
    ck_assert_ptr_eq(arg, &told);
    ck_assert_ptr_eq(sample->series.at, sample->name.at);
    tell("%.*s|%.*s|%.17g\n", (int)sample->series.length, sample->series.at,
         (int)sample->name.length, sample->name.at, sample->value);
}

static void on_wrong(void *arg, enum exposition_fault fault, size_t line)
{
    ck_assert_ptr_eq(arg, &told);
    tell("%s %zu\n", fault == EXPOSITION_MALFORMED ? "malformed" : "long", line);
}

static const struct exposition_visitor visitor = {on_sample, on_wrong};

/* Feeds the text in pieces of so many bytes, each in memory of exactly its size. */
static int read_in_pieces(enum exposition_format format, const char *text, size_t length,
                          size_t piece)
{
    struct exposition exposition;
    int result;

    told.length = 0;
    told.text[0] = '\0';
    exposition_init(&exposition, format, &visitor, &told);
    for (size_t at = 0; at < length; at += piece) {
        size_t size = length - at < piece ? length - at : piece;
        char *copy = malloc(size);

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, text + at, size);
        exposition_feed(&exposition, copy, size);
        free(copy);
    }
    result = exposition_end(&exposition);
    exposition_finish(&exposition);
    return result;
}

/* However it is cut, the text tells this and ends so. */
static void expect(enum exposition_format format, const char *text, const char *wanted, int result)
{
    static const size_t pieces[] = {1, 2, 3, 5, 7, 16, 4096};

    for (size_t index = 0; index < sizeof pieces / sizeof pieces[0]; index++) {
        int ended = read_in_pieces(format, text, strlen(text), pieces[index]);

        ck_assert_int_eq(ended, result);
        ck_assert_str_eq(told.text, wanted);
    }
}

static void expect_text(const char *text, const char *wanted)
{
    expect(EXPOSITION_TEXT, text, wanted, 0);
}

static void expect_open(const char *text, const char *wanted)
{
    expect(EXPOSITION_OPENMETRICS, text, wanted, 0);
}

START_TEST(samples_are_told_with_their_text)
{
    expect_text("# HELP up Whether it is.\n# TYPE up gauge\nup 1\n"
                "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
                "a:b{ le = \"+Inf\" , } \t1.5e3\t\n"
                "no_labels{} -0.25\n"
                "tight{a=\"b\"c=\"d\"}7\n"
                "  apart {a=\"}\\\"\"} 8 -1\n",
                "up|up|1\n"
                "http_requests_total{method=\"post\",code=\"200\"}|http_requests_total|1027\n"
                "a:b{ le = \"+Inf\" , }|a:b|1500\n"
                "no_labels{}|no_labels|-0.25\n"
                "tight{a=\"b\"c=\"d\"}|tight|7\n"
                "apart {a=\"}\\\"\"}|apart|8\n");
}
END_TEST

START_TEST(values_are_those_of_go)
{
    expect_text("a NaN\nb +Inf\nc -Inf\nd 1e-7\ne 0x1\nf 1_0\ng 1e999\nh +1\n",
                "a|a|nan\nb|b|inf\nc|c|-inf\nd|d|9.9999999999999995e-08\nmalformed 5\n"
                "malformed 6\nmalformed 7\nh|h|1\n");
}
END_TEST

START_TEST(bad_lines_cost_themselves)
{
    static const char *const bad[] = {
        "a",
        "a ",
        "1a 1",
        "a-b 1",
        "{a=\"b\"} 1",
        "a{ 1",
        "a{b} 1",
        "a{b=} 1",
        "a{b=c} 1",
        "a{b=\"c} 1",
        "a{b=\"c\\\"} 1",
        "a{b=\"c\" 1",
        "a{,b=\"c\"} 1",
        "a{b=\"c\",,} 1",
        "a{b:c=\"d\"} 1",
        "a{1b=\"d\"} 1",
        "a{b=\"c\"} one",
        "a 1 2 3",
        "a 1 2.5",
        "a 1 # {} 1",
        "a 1 99999999999999999999",
        "a 1\r",
        "# TYPE a",
        "# TYPE a counting",
        "# TYPE a gauge gauge",
        "# HELP 1a text",
        "# HELP a-b text",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        char text[128];

        snprintf(text, sizeof text, "before 1\n%s\nafter 2\n", bad[index]);
        expect_text(text, "before|before|1\nmalformed 2\nafter|after|2\n");
    }
}
END_TEST

START_TEST(comments_and_empty_lines_are_nothing)
{
    expect_text("", "");
    expect_text("\n \n\t\n#\n# \n#HELP\n# a comment\n# TYPE\n#TYPE a b c\n# EOF\n# UNIT 1 2\na 1\n",
                "a|a|1\n");
}
END_TEST

START_TEST(the_last_line_may_lack_its_newline)
{
    expect_text("a 1\nb 2", "a|a|1\nb|b|2\n");
    expect_text("a 1\nb", "a|a|1\nmalformed 2\n");
    expect_text("a 1\n# comment", "a|a|1\n");
    expect_open("a 1\n# EOF", "a|a|1\n");
}
END_TEST

START_TEST(a_nul_is_no_text)
{
    static const char text[] = "a{b=\"c\0d\"} 1\na{b=\"\\\0\"} 1\n# HELP a \0\nb\0 1\nc 1\n";

    ck_assert_int_eq(read_in_pieces(EXPOSITION_TEXT, text, sizeof text - 1, 4), 0);
    ck_assert_str_eq(told.text, "malformed 1\nmalformed 2\nmalformed 3\nmalformed 4\nc|c|1\n");
}
END_TEST

START_TEST(exemplars_and_times_are_understood)
{
    expect_open("# TYPE a histogram\n"
                "a_bucket{le=\"0.1\"} 8 # {} 0.054\n"
                "a_bucket{le=\"1\"} 11 # {trace_id=\"KOO5S4vxi0o\"} 0.67\n"
                "a_bucket{le=\"10\"} 17 1.5e9 # {trace_id=\"}\"} 9.8 1520879607.789\n"
                "a_count 17 1520879607.789\n"
                "# EOF\n",
                "a_bucket{le=\"0.1\"}|a_bucket|8\n"
                "a_bucket{le=\"1\"}|a_bucket|11\n"
                "a_bucket{le=\"10\"}|a_bucket|17\n"
                "a_count|a_count|17\n");
    expect_open("a 1 # {\nb 1 # {}\nc 1 # {} x\nd 1 # {} 1 x\ne 1 # {} 1 1 1\nf 1 x\ng 1 # 1\n"
                "# EOF\n",
                "malformed 1\nmalformed 2\nmalformed 3\nmalformed 4\nmalformed 5\nmalformed 6\n"
                "malformed 7\n");
}
END_TEST

START_TEST(openmetrics_has_one_end)
{
    expect(EXPOSITION_OPENMETRICS, "", "", -EBADMSG);
    expect(EXPOSITION_OPENMETRICS, "a 1\n", "a|a|1\n", -EBADMSG);
    expect(EXPOSITION_OPENMETRICS, "a 1\n# EOF\nb 2\n", "a|a|1\n", -EBADMSG);
    expect(EXPOSITION_OPENMETRICS, "a 1\n# EOF\n\n", "a|a|1\n", -EBADMSG);
    expect(EXPOSITION_OPENMETRICS, "a 1\n# EOF more\n", "a|a|1\n", -EBADMSG);
    expect_open("# EOF\n", "");
}
END_TEST

/* A comment of so many bytes, and a sample behind it. */
static void read_behind(size_t length, size_t piece)
{
    static const char sample[] = "\na 1\n";
    char *text = malloc(length + sizeof sample);

    ck_assert_ptr_nonnull(text);
    memset(text, '#', length);
    memcpy(text + length, sample, sizeof sample);
    ck_assert_int_eq(read_in_pieces(EXPOSITION_TEXT, text, length + sizeof sample - 1, piece), 0);
    free(text);
}

START_TEST(lines_have_a_limit)
{
    static const size_t pieces[] = {1, 1000, EXPOSITION_LINE_MAX, 2 * EXPOSITION_LINE_MAX};

    for (size_t index = 0; index < sizeof pieces / sizeof pieces[0]; index++) {
        read_behind(EXPOSITION_LINE_MAX, pieces[index]);
        ck_assert_str_eq(told.text, "a|a|1\n");
        read_behind(EXPOSITION_LINE_MAX + 1, pieces[index]);
        ck_assert_str_eq(told.text, "long 1\na|a|1\n");
        read_behind(3 * EXPOSITION_LINE_MAX, pieces[index]);
        ck_assert_str_eq(told.text, "long 1\na|a|1\n");
    }
}
END_TEST

START_TEST(a_long_last_line_is_one_too)
{
    static char text[EXPOSITION_LINE_MAX + 1];

    memset(text, 'a', sizeof text);
    ck_assert_int_eq(read_in_pieces(EXPOSITION_TEXT, text, sizeof text, 4096), 0);
    ck_assert_str_eq(told.text, "long 1\n");
}
END_TEST

START_TEST(a_family_has_a_name_of_bounded_length)
{
    char text[EXPOSITION_NAME_MAX + 64];

    snprintf(text, sizeof text, "# TYPE %0*d gauge\n", EXPOSITION_NAME_MAX + 1, 0);
    memset(text + 7, 'a', EXPOSITION_NAME_MAX + 1);
    expect_text(text, "long 1\n");
    memmove(text + 7, text + 8, strlen(text + 8) + 1);
    expect_text(text, "");
}
END_TEST

int main(void)
{
    return RUN_TESTS("exposition", samples_are_told_with_their_text, values_are_those_of_go,
                     bad_lines_cost_themselves, comments_and_empty_lines_are_nothing,
                     the_last_line_may_lack_its_newline, a_nul_is_no_text,
                     exemplars_and_times_are_understood, openmetrics_has_one_end,
                     lines_have_a_limit, a_long_last_line_is_one_too,
                     a_family_has_a_name_of_bounded_length);
}

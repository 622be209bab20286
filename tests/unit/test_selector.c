#include "daemon/selector.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/model.h"

static const struct label labels[] = {{"cpu", "0"}, {"mode", "user"}, {"odd", "a\"b\\c\nd"}};
static const struct series series = {.name = "node:cpu_total", .labels = labels, .label_count = 3};

static bool matches(const char *text)
{
    struct selector selector;
    struct pattern_meter meter = pattern_meter_start();
    struct problem problem;
    bool result;

    ck_assert_msg(selector_parse(text, strlen(text), &selector, &problem) == 0, "%s: %s", text,
                  problem.detail);
    result = selector_matches(&selector, &series, &meter);
    ck_assert(!meter.refused);
    selector_finish(&selector);
    return result;
}

START_TEST(what_matches)
{
    static const char *const texts[] = {
        "node:cpu_total",
        "  node:cpu_total\t",
        "node:cpu_total{}",
        "{}",
        "node:cpu_total{cpu=\"0\"}",
        "{mode=\"user\",cpu=\"0\"}",
        "{ mode = \"user\" , cpu = '0' , }",
        "{mode=`user`}",
        "{mode!=\"idle\"}",
        "{cpu=\"0\",mode!=\"\"}",
        /* A label that is not there is empty. */
        "{device=\"\"}",
        "{device!=\"sda\"}",
        "{__name__=\"node:cpu_total\"}",
        "{__name__!=\"other\"}",
        "node:cpu_total{__name__=\"node:cpu_total\"}",
        "{odd=\"a\\\"b\\\\c\\nd\"}",
        "{odd='a\"b\\\\c\\nd'}",
        "{mode=\"user\",mode=\"user\"}",
        "{mode=~\"us.*\"}",
        "{mode =~ 'idle|user'}",
        "{mode!~\"us\"}", /* anchored */
        "{mode!~\"idle\",cpu=~\"\\\\d\"}",
        "{cpu=~`\\d`}",
        "{device=~\"\"}",
        "{device=~\".*\"}",
        "{device!~\".+\"}",
        "{__name__=~\"node:.*\"}",
        "{odd=~\".*\"}", /* a newline too */
        /* Whom it tells of, though no label says so. */
        "{__scope__=\"host\"}",
        "{__scope__!=\"application\"}",
        "{__scope__=~\"host|tacho\"}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(matches(texts[i]), "%s", texts[i]);
}
END_TEST

START_TEST(what_does_not_match)
{
    static const char *const texts[] = {
        "node:cpu",
        "node:cpu_total_",
        "NODE:cpu_total",
        "node:cpu_total{cpu=\"1\"}",
        "{cpu=\"0\",mode=\"idle\"}",
        "{mode!=\"user\"}",
        "{mode=\"\"}",
        "{mode=\"use\"}",
        "{mode=\"user \"}",
        "{device=\"sda\"}",
        "{device!=\"\"}",
        "{__scope__=\"application\"}",
        "{__scope__=\"tacho\"}",
        "{__name__=\"other\"}",
        "other{__name__=\"node:cpu_total\"}",
        "{mode=`us\\u0065r`}", /* backquotes know no escapes */
        "{mode=\"user\",mode=\"idle\"}",
        "{mode=~\"us\"}",
        "{mode=~\"ser\"}",
        "{mode!~\"us.*\"}",
        "{device=~\".+\"}",
        "{__name__!~\"node:.*\"}",
        "{cpu=~\"\\\\d\",mode=\"idle\"}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(!matches(texts[i]), "%s", texts[i]);
}
END_TEST

static void expect_problem(const char *text, size_t length, const char *part)
{
    struct selector selector;
    struct problem problem = {.status = 0};

    ck_assert_msg(selector_parse(text, length, &selector, &problem) == -EINVAL, "%s", text);
    ck_assert_uint_eq(problem.status, 400);
    ck_assert_str_eq(problem.parameter, "match");
    ck_assert_msg(strstr(problem.detail, part) != NULL, "%s: %s", text, problem.detail);
    selector_finish(&selector);
}

START_TEST(what_is_no_selector)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "a metric name or { is missing"},
        {"  ", "a metric name or { is missing"},
        {"9a", "a metric name or { is missing at \"9a\""},
        {"a b", "unexpected text at \"b\""},
        {"a{}b", "unexpected text at \"b\""},
        {"a{}{}", "unexpected text"},
        {"a{", "a label name is missing at \"\""},
        {"{,}", "a label name is missing at \",}\""},
        {"{a=\"b\",,}", "a label name is missing"},
        {"{a", "=, !=, =~ or !~ is missing"},
        {"{a}", "=, !=, =~ or !~ is missing at \"}\""},
        {"{a:b=\"c\"}", "=, !=, =~ or !~ is missing at \":b"},
        {"{a!\"c\"}", "=, !=, =~ or !~ is missing"},
        {"{a=", "a quoted value is missing or malformed"},
        {"{a=b}", "a quoted value is missing or malformed at \"b}\""},
        {"{a==\"b\"}", "a quoted value is missing or malformed"},
        {"{a=\"b}", "a quoted value is missing or malformed"},
        {"{a=\"b'}", "a quoted value is missing or malformed"},
        {"{a=\"b\\", "a quoted value is missing or malformed"},
        {"{a=\"\\x41\"}", "a quoted value is missing or malformed"},
        {"{a=\"b\"", ", or } is missing at \"\""},
        {"{a=\"b\" c=\"d\"}", ", or } is missing at \"c="},
        {"{a=\"b\"]", ", or } is missing at \"]\""},
        {"{a~\"b\"}", "=, !=, =~ or !~ is missing at \"~"},
        {"{a!!\"b\"}", "=, !=, =~ or !~ is missing at \"!!"},
        {"{a=~~\"b\"}", "a quoted value is missing"},
        {"{a=~b}", "a quoted value is missing or malformed at \"b}\"; allowed: name{"},
        {"{a=~\"\\d\"}", "a backslash is written twice"},
        {"{a=~\"(\"}", "missing closing parenthesis"},
        {"{a!~\"(?=b)\"}", "look-around"},
        {"{1a=\"b\"}", "a label name is missing"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_problem(cases[i].text, strlen(cases[i].text), cases[i].part);
}
END_TEST

START_TEST(braces_that_curl_ate_are_told)
{
    static const char *const texts[] = {"node_cpumode=\"idle\"", "node_cpu=\"0\"", "a=b", "="};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_problem(texts[i], strlen(texts[i]), "curl -G --data-urlencode");
}
END_TEST

START_TEST(a_zero_byte_is_refused_everywhere)
{
    static const char text[] = "ab{c=\"de\",f=\"gh\"}";
    const size_t length = sizeof text - 1;

    for (size_t at = 0; at < length; at++) {
        char copy[sizeof text];
        struct selector selector;
        struct problem problem;

        memcpy(copy, text, sizeof text);
        copy[at] = '\0';
        ck_assert_msg(selector_parse(copy, length, &selector, &problem) == -EINVAL, "at %zu", at);
        selector_finish(&selector);
    }
    expect_problem("ab\0", 3, "unexpected text");
}
END_TEST

START_TEST(matchers_are_bounded)
{
    char text[20 * (SELECTOR_MAX_MATCHERS + 1)] = "{";
    struct selector selector;
    struct problem problem;

    for (int i = 0; i < SELECTOR_MAX_MATCHERS; i++)
        strcat(text, "mode=\"user\",");
    strcat(text, "}");
    ck_assert(matches(text));
    text[strlen(text) - 1] = '\0';
    strcat(text, "cpu=\"0\"}");
    ck_assert_int_eq(selector_parse(text, strlen(text), &selector, &problem), -EINVAL);
    ck_assert_str_eq(problem.detail, "more than 32 matchers");
    selector_finish(&selector);
}
END_TEST

static void parse_prefix(const char *text, size_t length)
{
    struct selector selector;
    struct problem problem;
    char *copy = strndup(text, length); /* a zero has to follow */
    /* "ab", "a", "ab{…}" alone are whole. */
    bool good = length == 1 || length == 2 || length == strlen("ab{c=\"de\",f!='gh'}");

    ck_assert_int_eq(selector_parse(copy, length, &selector, &problem), good ? 0 : -EINVAL);
    selector_finish(&selector);
    free(copy);
}

START_TEST(a_cut_selector_is_refused)
{
    each_prefix("ab{c=\"de\",f!='gh'}", parse_prefix);
}
END_TEST

/* It matches nothing, and neither does its opposite. */
START_TEST(what_is_too_expensive_matches_nothing)
{
    static const char *const texts[] = {"{long=~\"(a|aa)+\"}", "{long!~\"(a|aa)+\"}",
                                        "{cpu!~\"1\",long!~\"(a|aa)+\"}"};
    static const struct label label = {"long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"};
    static const struct series bomb = {.name = "bomb", .labels = &label, .label_count = 1};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pattern_meter meter = pattern_meter_start();
        struct selector selector;
        struct problem problem;

        ck_assert_int_eq(selector_parse(texts[i], strlen(texts[i]), &selector, &problem), 0);
        ck_assert(!selector_matches(&selector, &bomb, &meter));
        ck_assert(meter.refused);
        selector_finish(&selector);
    }
}
END_TEST

/* So that a bomb beside a label that excludes costs nothing. */
START_TEST(patterns_are_looked_at_last)
{
    static const char text[] = "{mode=~\"u.*\",cpu=\"1\"}";
    struct pattern_meter meter = pattern_meter_start();
    struct selector selector;
    struct problem problem;

    ck_assert_int_eq(selector_parse(text, strlen(text), &selector, &problem), 0);
    ck_assert(!selector_matches(&selector, &series, &meter));
    /* Less than one match is noted with. */
    ck_assert_uint_lt(meter.steps, PATTERN_LOOK_STEPS / 8);
    selector_finish(&selector);
}
END_TEST

int main(void)
{
    return RUN_TESTS("selector", what_is_too_expensive_matches_nothing, patterns_are_looked_at_last,
                     what_matches, what_does_not_match, what_is_no_selector,
                     braces_that_curl_ate_are_told, a_zero_byte_is_refused_everywhere,
                     matchers_are_bounded, a_cut_selector_is_refused);
}

#include "daemon/pattern.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "tests/unit/support.h"

static struct pattern *compile(const char *text)
{
    struct pattern *pattern = NULL;
    struct problem problem;

    ck_assert_msg(pattern_new(text, &pattern, &problem) == 0, "%s: %s", text, problem.detail);
    return pattern;
}

static bool matches(const char *text, const char *value)
{
    struct pattern_meter meter = pattern_meter_start();
    struct pattern *pattern = compile(text);
    bool result = pattern_matches(pattern, value, &meter);

    ck_assert_msg(!meter.refused, "%s is too expensive for %s", text, value);
    pattern_free(pattern);
    return result;
}

START_TEST(the_whole_value_matches)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"", ""},
        {"abc", "abc"},
        {"a|ab|abc", "abc"},
        {".*", "a\nb"},
        {"sd[a-z]+", "sda"},
        {"(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}\\d{1,3}", "192.168.17.4"},
        {"(?i:SDA)\\d", "sda1"},
        {"(?s:a.b)", "a\nb"},
        {"(?P<disk>sd(?P<letter>[a-z]))\\d*", "sdb12"},
        {"[]a]+", "]a]"},
        {"[^]a]+", "bcd"},
        {"[[:alpha:]_]+[[:^alpha:]]", "ab_1"},
        {"[a[:b]+", "a[:b"}, /* no class of POSIX, so characters */
        {"[(?=x)*]+", "(?=x)*"},
        {"[\\]\\\\]+", "]\\"},
        {"\\(\\?=x\\)\\(\\*", "(?=x)(*"},
        {"\\[(?:a)\\]", "[a]"},
        {"a\\.b\\/c\\-\\_", "a.b/c-_"},
        {"é{2}|\\x{e4}|\\p{Lu}x", "éé"},
        {".", "ä"},
        {"a$", "a"},
        {"^a", "a"},
        {"a*+b", "aab"},
        {"a{,3}", "a{,3}"},
        /* What is not UTF-8 is what it is shown as. */
        {".*", "\xff"},
        {"a.b.{2}", "a\xff"
                    "b\xe2\x82"},
        {"a\\x{fffd}b", "a\xff"
                        "b"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(matches(cases[i].text, cases[i].value), "%s", cases[i].text);
}
END_TEST

START_TEST(and_not_a_part_of_it)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"", "a"},
        {"abc", "abcd"},
        {"abc", "zabc"},
        {"a|b", "ab"},
        {"a$", "a\n"},
        {"a.c", "ac"},
        {"SDA", "sda"},
        {"\\Aa\\z", "aa"},
        {"[^\\x{fffd}]", "\xff"},
        {"a+", ""},
        {"a", "a\xff"},
        {"a", "\xff"
              "a"},
        {"a", "a\xff"
              "a"},
        {"a*", "a\xff"
               "a"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(!matches(cases[i].text, cases[i].value), "%s", cases[i].text);
}
END_TEST

static void expect_problem(const char *text, const char *part)
{
    struct pattern *pattern = NULL;
    struct problem problem = {.status = 0};

    ck_assert_msg(pattern_new(text, &pattern, &problem) == -EINVAL, "%s", text);
    ck_assert_ptr_null(pattern);
    ck_assert_uint_eq(problem.status, 400);
    ck_assert_str_eq(problem.parameter, "match");
    ck_assert_msg(strstr(problem.detail, part) != NULL, "%s: %s", text, problem.detail);
}

/* A text and a part of what is said of it. */
static const struct {
    const char *text, *part;
} forbidden[] = {
    {"(*UTF)a", "a verb at \"(*UTF)a\" of a regular expression; allowed: characters"},
    {"(*LIMIT_MATCH=99999999)a", "a verb"},
    {"a(*ACCEPT)", "a verb"},
    {"a(*:name)", "a verb"},
    {"(*pla:x)", "a verb"},
    {"x|(*F)", "a verb"},
    {"a(?=b)", "look-around at \"(?=b)\""},
    {"a(?!b)", "look-around"},
    {"(?<=a)b", "look-around"},
    {"(?<!a)b", "look-around"},
    {"(?*a)", "look-around"},
    {"(?<*a)", "not supported"},
    {"[[:<:]]a[[:>:]]", "look-around"},
    {"a[[:>:]]", "look-around"},
    {"(?C)", "a callout"},
    {"(?C'text')", "a callout"},
    {"(?#text)", "a comment"},
    {"(?(1)a|b)", "a condition"},
    {"(?(?=a)a|b)", "a condition"},
    {"(?(DEFINE)a)", "a condition"},
    {"(?|a|b)", "a branch reset"},
    {"(a)\\1", "a back-reference or octal number at \"\\1\""},
    {"(a)\\g1", "a back-reference"},
    {"(a)\\g{-1}", "a back-reference"},
    {"(?P<x>a)\\k<x>", "a back-reference"},
    {"(?P<x>a)(?P=x)", "a back-reference"},
    {"[\\1]", "octal"},
    {"\\012", "octal"},
    {"(?R)", "recursion"},
    {"(a(?1)?)", "recursion"},
    {"(?0)", "recursion"},
    {"(?+1)(a)", "recursion"},
    {"(a)(?-1)", "not supported"},
    {"(?P<x>a(?P>x)?)", "recursion"},
    {"(?&x)", "recursion"},
    {"(?>a)", "an atomic group"},
    {"(?[a])", "an extended class"},
    {"(?<x>a)", "a group that is not supported"},
    {"(?'x'a)", "a group that is not supported"},
    {"(?i)a", "a group that is not supported"},
    {"(?x: a )", "a group that is not supported"},
    {"(?-i:a)", "a group that is not supported"},
    {"(?^:a)", "a group that is not supported"},
    {"(?is:a)", "a group that is not supported"},
    {"(?", "a group that is not supported"},
    {"(?P", "a group that is not supported"},
    {"(?P<", "a group without a name"},
    {"(?P<>a)", "a group without a name"},
    {"(?P<1>a)", "a group without a name"},
    {"(?P<a-b>a)", "a group without a name"},
    {"\\Qa", "an escape that is not supported at \"\\Qa\""},
    {"\\Q(?=x)\\E", "an escape"},
    {"[\\Q]\\E]", "an escape"},
    {"[\\E]a]", "an escape"},
    {"[\\E^](?=x)]", "an escape"},
    {"a\\E+", "an escape"},
    {"\\C", "an escape"},
    {"[\\C]", "an escape"},
    {"\\K", "an escape"},
    {"\\G", "an escape"},
    {"\\X", "an escape"},
    {"\\R", "an escape"},
    {"\\N{U+41}", "an escape"},
    /* \c takes whatever follows: a backslash, which then escapes nothing, or a bracket. */
    {"\\c\\(?=x)", "an escape"},
    {"\\c[(?=x)]", "an escape"},
    {"a\\", "a lone backslash"},
    {"[a\\", "a lone backslash"},
    {"[a", "a class without its ]"},
    {"[]", "a class without its ]"},
    {"[^]", "a class without its ]"},
    {"[[:alpha:]", "a class without its ]"},
    /* Behind a class that ends early or late by a naive reading. */
    {"[]](?=x)", "look-around"},
    {"[^]](?=x)", "look-around"},
    {"[[](?=x)", "look-around"},
    {"[\\]](?=x)", "look-around"},
    {"[\\\\](?=x)", "look-around"},
    {"[[:alpha:]](?=x)", "look-around"},
    {"[[:alpha:](?=x)](?=x)", "look-around"},
    {"[[:al](?=x)", "look-around"},
    {"[[:al]pha:](?=x)", "look-around"},
    {"[[.a](?=x)", "look-around"},
    {"[a-](?=x)", "look-around"},
    {"\\\\(?=x)", "look-around"},
    {"\\[(?=x)\\]", "look-around"},
    {"é(?=x)", "look-around"},
};

START_TEST(what_is_not_allowed)
{
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        expect_problem(forbidden[i].text, forbidden[i].part);
}
END_TEST

START_TEST(what_is_no_regular_expression)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"(a", "\"(a\" is not a regular expression that can be used: at byte 2: missing closing"},
        {"a)", "unmatched closing parenthesis"},
        {"*", "quantifier does not follow a repeatable item"},
        {"a{3,1}", "numbers out of order"},
        {"[z-a]", "range out of order"},
        {"[[:nothing:]]", "unknown POSIX class name"},
        {"[[.a.]]", "not supported"},
        {"[[:a(?=x):]]", "unknown POSIX class name"},
        {"[:alpha:]", "POSIX named classes are supported only within a class"},
        {"\\p(?:a)", "\\P or \\p"},
        {"\\p{Nothing}", "property"},
        {"\\x{(?:}", "\\x{}"},
        {"(?P<a>b)(?P<a>c)", "two named subpatterns"},
        {"\xff", "UTF-8 error"},
        {"((((((((((((((((((((((((((((((((((((((((((((((((((((a"
         "))))))))))))))))))))))))))))))))))))))))))))))))))))",
         "parentheses are too deeply nested"},
        {"((a{1,1000}){1,1000}){1,1000}", "too large"},
        {"(a?){1000}", "takes 8"},
        {"(?:\\p{L}\\w){1,3000}", "allowed: 4096: repeat groups less often"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_problem(cases[i].text, cases[i].part);
}
END_TEST

START_TEST(the_length_is_bounded)
{
    char text[PATTERN_MAX_BYTES + 2];

    memset(text, 'a', sizeof text);
    text[PATTERN_MAX_BYTES] = '\0';
    ck_assert(matches(text, text));
    text[PATTERN_MAX_BYTES] = 'a';
    text[PATTERN_MAX_BYTES + 1] = '\0';
    expect_problem(text, "a regular expression of 513 bytes; allowed: 512 bytes");
}
END_TEST

static void scan_prefix(const char *text, size_t length)
{
    char *copy = strndup(text, length);
    struct problem problem;

    if (pattern_scan(copy, &problem) < 0)
        ck_assert_uint_eq(problem.status, 400);
    free(copy);
}

START_TEST(the_scan_stays_inside)
{
    each_prefix("a(?:b)(?i:c)(?P<name>[^]a[:alpha:]\\]])\\d\\x{41}", scan_prefix);
    each_prefix("[[:<:]]", scan_prefix);
    each_prefix("[^][:^digit:]", scan_prefix);
}
END_TEST

static int64_t now_us(void)
{
    return clock_thread_ns() / 1000;
}

/* Each would take from seconds to the end of the world. */
START_TEST(bombs_are_told_soon)
{
    static const char *const texts[] = {
        "(a+)+$",
        "(a|aa)+",
        "(a|a?)+",
        "(.*a){20}",
        "(?:a*)*b|(a|aa)+c(?i:.)*.*a$",
        "(?i:(A+)+)c?",
        "([a-z]+)*",
        "(x+x+)+y|(a*a*)*b",
    };
    char value[201];
    int64_t began_us = now_us();

    memset(value, 'a', 200);
    strcpy(value + 199, "!");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pattern_meter meter = pattern_meter_start();
        struct pattern *pattern = compile(texts[i]);
        struct problem problem;

        ck_assert(pattern_matches(pattern, "", &meter) || !meter.refused);
        ck_assert(!pattern_matches(pattern, value, &meter));
        if (meter.refused) { /* or PCRE2 saw at once that it cannot match */
            ck_assert_int_eq(pattern_meter_check(&meter, &problem), -EINVAL);
            ck_assert_uint_eq(problem.status, 400);
            ck_assert_ptr_nonnull(strstr(problem.detail, "more than 1000 steps"));
            ck_assert_ptr_nonnull(strstr(problem.detail, texts[i]));
            /* What is refused stays so. */
            ck_assert(!pattern_matches(pattern, "", &meter));
        }
        pattern_free(pattern);
    }
    ck_assert_int_lt(now_us() - began_us, 100000);
}
END_TEST

START_TEST(a_bomb_on_its_own_string_is_refused)
{
    struct pattern_meter meter = pattern_meter_start();
    struct pattern *pattern = compile("(a|aa)+");
    struct problem problem;

    ck_assert(
        !pattern_matches(pattern, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", &meter));
    ck_assert_int_eq(pattern_meter_check(&meter, &problem), -EINVAL);
    ck_assert(!meter.out_of_time);
    pattern_free(pattern);
}
END_TEST

/* Just below the limit of a value, for as many values as anybody has. */
START_TEST(a_request_has_its_time)
{
    struct pattern_meter meter = pattern_meter_start();
    struct pattern *pattern = compile(".*.*.*[xy]");
    int64_t began_us = now_us();
    struct problem problem;
    int count = 0;

    for (; !meter.refused && count < 1000000; count++)
        (void)pattern_matches(pattern, "abcdefghij", &meter);
    ck_assert_msg(meter.out_of_time, "%d values", count);
    ck_assert_int_ge(now_us() - began_us, PATTERN_MAX_MS * 1000 - 1000);
    ck_assert_int_lt(now_us() - began_us, 3 * PATTERN_MAX_MS * 1000);
    ck_assert_int_eq(pattern_meter_check(&meter, &problem), -EINVAL);
    ck_assert_ptr_nonnull(strstr(problem.detail, "too expensive for so many series"));
    pattern_free(pattern);
}
END_TEST

/* The limit is one of time, which a sanitizer takes ten times of. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define ORDINARY_VALUES 1000
#else
#define ORDINARY_VALUES 10000
#endif

START_TEST(ten_thousand_ordinary_values_are_no_problem)
{
    static const char *const texts[] = {".*total.*", "node_.*_(?:total|bytes)", "(?i:.*_OTHER)",
                                        "[a-z_0-9]+", ".*a.*b.*"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pattern_meter meter = pattern_meter_start();
        struct pattern *pattern = compile(texts[i]);

        for (int series = 0; series < ORDINARY_VALUES; series++) {
            char value[64];

            snprintf(value, sizeof value, "node_filesystem_%d_avail_bytes_total", series);
            (void)pattern_matches(pattern, value, &meter);
        }
        ck_assert_msg(!meter.refused, "%s", texts[i]);
        pattern_free(pattern);
    }
}
END_TEST

/* What the thread does while a meter is paused costs nothing. */
START_TEST(a_paused_meter_stands)
{
    struct pattern_meter meter = pattern_meter_start();
    int64_t began_us = now_us();

    pattern_meter_pause(&meter);
    while (now_us() - began_us < 2 * PATTERN_MAX_MS * 1000)
        ;
    pattern_meter_continue(&meter);
    ck_assert(pattern_meter_spend(&meter, PATTERN_LOOK_STEPS, "name"));
    while (now_us() - began_us < 4 * PATTERN_MAX_MS * 1000)
        ;
    ck_assert(pattern_meter_spend(&meter, PATTERN_LOOK_STEPS - 1, "name"));
    ck_assert(!pattern_meter_spend(&meter, 1, "name"));
    ck_assert(!pattern_meter_spend(&meter, 0, "name"));
    ck_assert(meter.out_of_time);
}
END_TEST

int main(void)
{
    return RUN_TESTS("pattern", the_whole_value_matches, and_not_a_part_of_it, what_is_not_allowed,
                     what_is_no_regular_expression, the_length_is_bounded, the_scan_stays_inside,
                     bombs_are_told_soon, a_bomb_on_its_own_string_is_refused,
                     a_request_has_its_time, a_paused_meter_stands,
                     ten_thousand_ordinary_values_are_no_problem);
}

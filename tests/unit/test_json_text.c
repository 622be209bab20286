#include "daemon/json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

/* --- comments --- */

static void expect_blanked(const char *text, const char *wanted)
{
    size_t length = strlen(text);
    char *copy = strdup(text);
    struct json_fault fault;

    ck_assert_int_eq(json_text_blank_comments(copy, length, &fault), 0);
    ck_assert_str_eq(copy, wanted);
    free(copy);
}

START_TEST(comments_become_blanks)
{
    expect_blanked("", "");
    expect_blanked("{}", "{}");
    expect_blanked("{} // end", "{}       ");
    expect_blanked("// a\n{}\n//", "    \n{}\n  ");
    expect_blanked("{/* a\n b */}", "{    \n     }");
    expect_blanked("/**/1/***/", "    1     ");
    expect_blanked("/* // */1", "        1");
    expect_blanked("// /*\n1", "     \n1");
    expect_blanked("/", "/");
    expect_blanked("1 / 2", "1 / 2");
    expect_blanked("\xef\xbb\xbf{}", "   {}");
}
END_TEST

START_TEST(what_stands_in_a_text_is_no_comment)
{
    expect_blanked("\"// a\"", "\"// a\"");
    expect_blanked("\"/* a */\" // b", "\"/* a */\"     ");
    expect_blanked("\"\\\"// a\"//", "\"\\\"// a\"  ");
    expect_blanked("\"\\\\\"// a", "\"\\\\\"    ");
    /* Without its end a text ends with its line. */
    expect_blanked("\"a\n// b", "\"a\n    ");
    expect_blanked("\"a\\\n// b", "\"a\\\n    ");
    expect_blanked("\"a\\", "\"a\\");
}
END_TEST

START_TEST(a_comment_has_to_end)
{
    static const char *const texts[] = {"{} /*", "{} /* *", "{} /*/", "{} /* \n // */ /*"};
    static const size_t places[] = {3, 3, 3, 14};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *copy = strdup(texts[i]);
        struct json_fault fault = {0};

        ck_assert_int_eq(json_text_blank_comments(copy, strlen(copy), &fault), -EBADMSG);
        ck_assert_uint_eq(fault.at, places[i]);
        ck_assert_str_eq(fault.wrong, "this comment does not end");
        free(copy);
    }
}
END_TEST

/* --- the walker --- */

static void expect_good(const char *text, size_t count)
{
    struct json_text layout;
    struct json_fault fault = {0};
    int result = json_text_walk(text, strlen(text), &layout, &fault);

    ck_assert_msg(result == 0, "%s: at %zu: %s", text, fault.at, fault.wrong);
    ck_assert_msg(layout.count == count, "%s: %zu", text, layout.count);
    json_text_finish(&layout);
}

START_TEST(values_are_counted)
{
    static const struct {
        const char *text;
        size_t count;
    } cases[] = {
        {"", 0},
        {" \t\r\n", 0},
        {"{}", 1},
        {" [ ] ", 1},
        {"[[],{},[1]]", 5},
        {"{\"a\":{\"b\":[1,2]},\"c\":null}", 6},
        {"true", 1},
        {"false", 1},
        {"0", 1},
        {"-0", 1},
        {"-12.5e+3", 1},
        {"1E-5", 1},
        {"1234567890123456789012345678901234567890", 1},
        {"\"\"", 1},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", 1},
        {"\"\\u0001\\uFFff\\ud834\\udd1e\"", 1},
        {"\"\xc3\xa4\xff\x7f\"", 1},
        {"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", 16},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_good(cases[i].text, cases[i].count);
}
END_TEST

START_TEST(places_are_told)
{
    static const char text[] = "{\"a\": [1,\n  \"x\"], \"b\" :\n{\"c\":true}}";
    static const struct {
        size_t key, at, length;
    } wanted[] = {{0, 0, 35}, {1, 6, 10}, {7, 7, 1}, {12, 12, 3}, {18, 24, 10}, {25, 29, 4}};
    struct json_text layout;
    struct json_fault fault;
    struct json_place place;

    ck_assert_int_eq(json_text_walk(text, strlen(text), &layout, &fault), 0);
    ck_assert_uint_eq(layout.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < layout.count; i++) {
        ck_assert_uint_eq(layout.values[i].key, wanted[i].key);
        ck_assert_uint_eq(layout.values[i].at, wanted[i].at);
        ck_assert_uint_eq(layout.values[i].end, wanted[i].at + wanted[i].length);
    }
    json_text_finish(&layout);
    json_text_finish(&layout);
    place = json_text_place(text, 0);
    ck_assert_uint_eq(place.line, 1);
    ck_assert_uint_eq(place.column, 1);
    place = json_text_place(text, 18);
    ck_assert_uint_eq(place.line, 2);
    ck_assert_uint_eq(place.column, 9);
    place = json_text_place(text, 25);
    ck_assert_uint_eq(place.line, 3);
    ck_assert_uint_eq(place.column, 2);
}
END_TEST

static void expect_fault(const char *text, size_t at, const char *wrong)
{
    struct json_text layout = {.count = 7};
    struct json_fault fault = {0};

    ck_assert_msg(json_text_walk(text, strlen(text), &layout, &fault) == -EBADMSG, "%s", text);
    ck_assert_msg(fault.at == at, "%s: at %zu", text, fault.at);
    ck_assert_msg(strcmp(fault.wrong, wrong) == 0, "%s: %s", text, fault.wrong);
    ck_assert_uint_eq(layout.count, 7);
}

START_TEST(what_is_missing_is_named)
{
    expect_fault("{", 1, "expected a key in double quotes");
    expect_fault("{a:1}", 1, "expected a key in double quotes");
    expect_fault("{'a':1}", 1, "expected a key in double quotes");
    expect_fault("{\"a\":1,}", 7, "expected a key in double quotes");
    expect_fault("{\"a\"}", 4, "expected a colon behind the key");
    expect_fault("{\"a\" = 1}", 5, "expected a colon behind the key");
    expect_fault("{\"a\":}", 5, "expected a value");
    expect_fault("{\"a\":", 5, "expected a value");
    expect_fault("{\"a\":1", 6, "expected a comma or }");
    expect_fault("{\"a\":1 \"b\":2}", 7, "expected a comma or }");
    expect_fault("{\"a\":1]", 6, "expected a comma or }");
    expect_fault("[", 1, "expected a value");
    expect_fault("[1,]", 3, "expected a value");
    expect_fault("[1 2]", 3, "expected a comma or ]");
    expect_fault("[1}", 2, "expected a comma or ]");
    expect_fault("{} {}", 3, "expected nothing more");
    expect_fault("nul", 0, "expected a value");
    expect_fault("None", 0, "expected a value");
    expect_fault("truex", 4, "expected nothing more");
    expect_fault("// a", 0, "expected a value");
}
END_TEST

START_TEST(texts_and_numbers_are_strict)
{
    static const char *const numbers[] = {"-",         "+1",
                                          "01",        "-01",
                                          ".5",        "1.",
                                          "1.e5",      "1e",
                                          "1e+",       "0x10",
                                          "NaN",       "Infinity",
                                          "-Infinity", "12345678901234567890123456789012345678901"};
    static const char *const escapes[] = {
        "\"\\x\"",     "\"\\u12\"",          "\"\\u123g\"",  "\"\\u0000\"", "\"\\ud834\"",
        "\"\\udd1e\"", "\"\\ud834\\u0041\"", "\"\\ud834x\"", "\"\\'\"",     "\"\\",
        "\"\\u",       "\"\\\n\"",
    };
    struct json_text layout;
    struct json_fault fault;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert_msg(json_text_walk(numbers[i], strlen(numbers[i]), &layout, &fault) == -EBADMSG,
                      "%s", numbers[i]);
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        expect_fault(escapes[i], 1, "this is no escape of JSON");
    expect_fault(" \"abc", 1, "this text has no closing quote");
    expect_fault(" \"abc\n\"", 1, "this text has no closing quote");
    expect_fault("\"a\tb\"", 2, "a control character has to be written as an escape");
    ck_assert_int_eq(json_text_walk("\"a\0b\"", 5, &layout, &fault), -EBADMSG);
    ck_assert_int_eq(json_text_walk("{}\0", 3, &layout, &fault), -EBADMSG);
}
END_TEST

START_TEST(depth_is_bounded)
{
    char text[2 * 100000];

    memset(text, '[', sizeof text / 2);
    memset(text + sizeof text / 2, ']', sizeof text / 2);
    expect_fault("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", 16, "nested too deeply");
    expect_fault("[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]", 16, "nested too deeply");
    for (int i = 0; i < 2; i++) {
        struct json_text layout;
        struct json_fault fault;

        ck_assert_int_eq(json_text_walk(text, sizeof text, &layout, &fault), -EBADMSG);
        ck_assert_uint_eq(fault.at, 16);
    }
}
END_TEST

static void take_prefix(const char *text, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);
    struct json_text layout;
    struct json_fault fault = {0};

    memcpy(copy, text, length);
    if (json_text_blank_comments(copy, length, &fault) == 0 &&
        json_text_walk(copy, length, &layout, &fault) == 0)
        json_text_finish(&layout);
    ck_assert_uint_le(fault.at, length);
    free(copy);
}

START_TEST(every_prefix_is_bounded)
{
    each_prefix("\xef\xbb\xbf// a\n{\"a\\u00e4\\ud834\\udd1e\": /* b */ [1, -2.5e+10, true, null],"
                " \"c\": {\"d\": \"\\\\\"}} // e",
                take_prefix);
}
END_TEST

int main(void)
{
    return RUN_TESTS("json_text", comments_become_blanks, what_stands_in_a_text_is_no_comment,
                     a_comment_has_to_end, values_are_counted, places_are_told,
                     what_is_missing_is_named, texts_and_numbers_are_strict, depth_is_bounded,
                     every_prefix_is_bounded);
}

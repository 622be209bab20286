#include "daemon/encode_json.h"

#include <stdlib.h>

#include "daemon/tick.h"
#include "tests/unit/model.h"

static void expect_text(struct buffer *buffer, const char *wanted)
{
    ck_assert(!buffer->failed);
    ck_assert_msg(buffer->size == strlen(wanted) && memcmp(buffer->data, wanted, buffer->size) == 0,
                  "%.*s, not %s", (int)buffer->size, buffer->data, wanted);
    buffer_finish(buffer);
}

START_TEST(commas_come_by_themselves)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    json_begin_object(&json);
    json_key(&json, "a");
    json_begin_array(&json);
    json_u64(&json, 1);
    json_begin_array(&json);
    json_end_array(&json);
    json_begin_object(&json);
    json_end_object(&json);
    json_i64(&json, -2);
    json_end_array(&json);
    json_key(&json, "b");
    json_begin_object(&json);
    json_key(&json, "c");
    json_bool(&json, true);
    json_key(&json, "d");
    json_bool(&json, false);
    json_end_object(&json);
    json_key(&json, "e");
    json_string(&json, "f");
    json_end_object(&json);
    expect_text(&buffer, "{\"a\":[1,[],{},-2],\"b\":{\"c\":true,\"d\":false},\"e\":\"f\"}");
}
END_TEST

START_TEST(integers_are_whole)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    json_begin_array(&json);
    json_u64(&json, 0);
    json_u64(&json, UINT64_MAX);
    json_i64(&json, INT64_MIN);
    json_i64(&json, INT64_MAX);
    json_end_array(&json);
    expect_text(&buffer, "[0,18446744073709551615,-9223372036854775808,9223372036854775807]");
}
END_TEST

START_TEST(numbers_have_all_or_six_digits)
{
    static const struct {
        double value;
        const char *all, *six;
    } cases[] = {
        {0, "0", "0"},
        {1.0 / 3, "0.3333333333333333", "0.333333"},
        {0.1, "0.1", "0.1"},
        {-1234567.25, "-1234567.25", "-1.23457e+06"},
        {9007199254740991, "9007199254740991", "9.0072e+15"},
        {123456.5, "123456.5", "123456"}, /* half to even, as printf */
        {1e300, "1e+300", "1e+300"},
        {5e-324, "4.94065645841247e-324", "4.94066e-324"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer buffer = {0};
        struct json json = {.out = &buffer};
        cJSON *parsed;

        json_word(&json, sample_word(cases[i].value), JSON_DIGITS_ALL);
        parsed = parse_json(buffer.data, buffer.size);
        ck_assert(cJSON_GetNumberValue(parsed) == cases[i].value);
        cJSON_Delete(parsed);
        expect_text(&buffer, cases[i].all);
        json = (struct json){.out = &buffer};
        json_word(&json, sample_word(cases[i].value), JSON_DIGITS_6);
        expect_text(&buffer, cases[i].six);
    }
}
END_TEST

START_TEST(what_is_no_number_is_null)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    json_begin_array(&json);
    for (enum json_digits digits = JSON_DIGITS_6; digits <= JSON_DIGITS_ALL; digits++) {
        json_word(&json, SAMPLE_ABSENT, digits);
        json_word(&json, SAMPLE_NAN, digits);
        json_word(&json, sample_word(INFINITY), digits);
        json_word(&json, sample_word(-INFINITY), digits);
    }
    json_end_array(&json);
    expect_text(&buffer, "[null,null,null,null,null,null,null,null]");
}
END_TEST

START_TEST(text_is_escaped)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    json_begin_array(&json);
    json_string(&json, "");
    json_string(&json, "a\"b\\c/d");
    json_string(&json, "\b\f\n\r\t\x01\x1f\x7f");
    json_string(&json, "</script>\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    json_end_array(&json);
    expect_text(&buffer, "[\"\",\"a\\\"b\\\\c/d\","
                         "\"\\u0008\\u000c\\u000a\\u000d\\u0009\\u0001\\u001f\\u007f\","
                         "\"</script>\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]");
}
END_TEST

#define WRONG "\xef\xbf\xbd" /* U+FFFD */

START_TEST(bytes_that_are_no_utf8_are_replaced)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"\x80", WRONG}, /* a continuation alone */
        {"a\xff"
         "b\xfe",
         "a" WRONG "b" WRONG},
        {"\xc0\xaf", WRONG WRONG}, /* overlong '/' */
        {"\xc1\xbf", WRONG WRONG},
        {"\xe0\x80\xaf", WRONG WRONG WRONG},
        {"\xe0\x9f\xbf", WRONG WRONG WRONG}, /* overlong U+07FF */
        {"\xf0\x80\x80\xaf", WRONG WRONG WRONG WRONG},
        {"\xf0\x8f\xbf\xbf", WRONG WRONG WRONG WRONG},
        {"\xed\xa0\x80", WRONG WRONG WRONG}, /* surrogates */
        {"\xed\xbf\xbf", WRONG WRONG WRONG},
        {"\xf4\x90\x80\x80", WRONG WRONG WRONG WRONG}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", WRONG WRONG WRONG WRONG},
        {"\xc3", WRONG}, /* cut */
        {"\xe2\x82", WRONG WRONG},
        {"\xf0\x9f\x98", WRONG WRONG WRONG},
        {"\xc3\"", WRONG "\\\""},                                 /* cut before what needs escape */
        {"\xe2\x82\xc3\xa9", WRONG WRONG "\xc3\xa9"},             /* cut before a good one */
        {"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"}, /* the surrogates' neighbours */
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},                 /* U+10FFFF */
        {"\xc2\x80\xdf\xbf\xe0\xa0\x80", "\xc2\x80\xdf\xbf\xe0\xa0\x80"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer buffer = {0}, wanted = {0};
        struct json json = {.out = &buffer};

        json_string(&json, cases[i].text);
        buffer_append_char(&wanted, '"');
        buffer_append_text(&wanted, cases[i].wanted);
        buffer_append(&wanted, "\"", 2);
        expect_text(&buffer, wanted.data);
        buffer_finish(&wanted);
    }
}
END_TEST

START_TEST(a_character_is_never_read_over_the_end)
{
    ck_assert_uint_eq(utf8_length("", 0), 0);
    ck_assert_uint_eq(utf8_length("\xc3\xa9", 1), 0);
    ck_assert_uint_eq(utf8_length("\xc3\xa9", 2), 2);
    ck_assert_uint_eq(utf8_length("\xf0\x9f\x98\x80", 3), 0);
    ck_assert_uint_eq(utf8_length("\xf0\x9f\x98\x80", 4), 4);
    ck_assert_uint_eq(utf8_length("a", 1), 1);
    ck_assert_uint_eq(utf8_length("\0", 1), 1);
}
END_TEST

/* Any text of bytes becomes JSON that a reader takes. */
START_TEST(every_pair_of_bytes_is_valid_json)
{
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};
    cJSON *parsed;

    json_begin_array(&json);
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++)
            json_string(&json, (char[]){(char)first, (char)second, '\0'});
    }
    json_end_array(&json);
    ck_assert(!buffer.failed);
    parsed = parse_json(buffer.data, buffer.size);
    ck_assert_int_eq(cJSON_GetArraySize(parsed), 255 * 255);
    cJSON_Delete(parsed);
    for (size_t at = 0; at < buffer.size;) {
        size_t length = utf8_length(buffer.data + at, buffer.size - at);

        ck_assert_uint_gt(length, 0);
        at += length;
    }
    buffer_finish(&buffer);
}
END_TEST

START_TEST(a_series_is_its_members)
{
    static const struct label labels[] = {{"device", "sd\"a"}, {"we\"ird", ""}};
    const struct series counter = {
        .id = 12, .name = "x_total", .kind = METRIC_COUNTER, .labels = labels, .label_count = 2};
    const struct series plain = {.id = 1, .name = "y", .kind = METRIC_UNTYPED};
    struct buffer buffer = {0};
    struct json json = {.out = &buffer};

    json_begin_array(&json);
    json_begin_object(&json);
    json_series(&json, &counter);
    json_end_object(&json);
    json_begin_object(&json);
    json_series(&json, &plain);
    json_key(&json, "more");
    json_u64(&json, 3);
    json_end_object(&json);
    json_end_array(&json);
    expect_text(&buffer,
                "[{\"id\":12,\"name\":\"x_total\",\"labels\":{\"device\":\"sd\\\"a\",\"we\\\"ird\":"
                "\"\"},\"kind\":\"counter\"},"
                "{\"id\":1,\"name\":\"y\",\"labels\":{},\"kind\":\"untyped\",\"more\":3}]");
}
END_TEST

START_TEST(flags_are_their_names)
{
    static const struct {
        uint32_t flags;
        const char *wanted;
    } cases[] = {
        {0, "{\"flags\":[]}"},
        {TICK_RESUMED, "{\"flags\":[\"resumed\"]}"},
        {TICK_LATE | TICK_GAP_BEFORE | TICK_BOOT, "{\"flags\":[\"late\",\"gap_before\",\"boot\"]}"},
        {1u << 31, "{\"flags\":[]}"}, /* of a later version */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer buffer = {0};
        struct json json = {.out = &buffer};

        json_begin_object(&json);
        json_flags(&json, cases[i].flags);
        json_end_object(&json);
        expect_text(&buffer, cases[i].wanted);
    }
}
END_TEST

START_TEST(marks_are_the_ticks_with_flags)
{
    static const struct tick ticks[] = {
        {.seq = 7, .time_ms = 1795538235000, .flags = 0},
        {.seq = 8, .time_ms = 1795538239000, .flags = TICK_GAP_BEFORE | TICK_RESUMED},
        {.seq = 9, .time_ms = 1795538240000, .flags = 0},
        {.seq = 10, .time_ms = -1, .flags = TICK_CLOCK_STEP},
    };
    struct buffer buffer = {0}, none = {0};
    struct json json = {.out = &buffer}, without = {.out = &none};

    json_begin_object(&json);
    json_marks(&json, ticks, sizeof ticks / sizeof *ticks);
    json_end_object(&json);
    expect_text(&buffer,
                "{\"marks\":["
                "{\"time_ms\":1795538239000,\"seq\":8,\"flags\":[\"gap_before\",\"resumed\"]},"
                "{\"time_ms\":-1,\"seq\":10,\"flags\":[\"clock_step\"]}]}");
    json_begin_object(&without);
    json_marks(&without, ticks, 1);
    json_end_object(&without);
    expect_text(&none, "{\"marks\":[]}");
}
END_TEST

START_TEST(derived_series_are_rounded)
{
    const struct series raw = {.flags = SERIES_IN_TOTAL};
    const struct series derived = {.flags = SERIES_IN_TOTAL | SERIES_DERIVED};

    ck_assert_int_eq(json_digits_of(&raw, JSON_DIGITS_6), JSON_DIGITS_ALL);
    ck_assert_int_eq(json_digits_of(&derived, JSON_DIGITS_6), JSON_DIGITS_6);
    ck_assert_int_eq(json_digits_of(&derived, JSON_DIGITS_ALL), JSON_DIGITS_ALL);
}
END_TEST

START_TEST(kinds_have_prometheus_names)
{
    ck_assert_str_eq(metric_kind_name(METRIC_GAUGE), "gauge");
    ck_assert_str_eq(metric_kind_name(METRIC_COUNTER), "counter");
    ck_assert_str_eq(metric_kind_name(METRIC_HISTOGRAM), "histogram");
    ck_assert_str_eq(metric_kind_name(METRIC_SUMMARY), "summary");
    ck_assert_str_eq(metric_kind_name(METRIC_UNTYPED), "untyped");
}
END_TEST

int main(void)
{
    return RUN_TESTS("encode_json", kinds_have_prometheus_names, commas_come_by_themselves,
                     integers_are_whole, numbers_have_all_or_six_digits, what_is_no_number_is_null,
                     text_is_escaped, bytes_that_are_no_utf8_are_replaced,
                     a_character_is_never_read_over_the_end, every_pair_of_bytes_is_valid_json,
                     a_series_is_its_members, flags_are_their_names, marks_are_the_ticks_with_flags,
                     derived_series_are_rounded);
}

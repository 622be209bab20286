#include "daemon/moment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/support.h"

#define NOW_MS INT64_C(1700000000123)

static void expect_moment(const char *text, int64_t wanted_ms)
{
    int64_t ms = -1;

    ck_assert_msg(moment_parse(text, strlen(text), NOW_MS, &ms) == 0, "\"%s\"", text);
    ck_assert_msg(ms == wanted_ms, "\"%s\" is %lld, not %lld", text, (long long)ms,
                  (long long)wanted_ms);
}

static void expect_no_moment(const char *text)
{
    int64_t ms = -1;

    ck_assert_msg(moment_parse(text, strlen(text), NOW_MS, &ms) == -EBADMSG, "\"%s\" is %lld", text,
                  (long long)ms);
    ck_assert_int_eq(ms, -1);
}

START_TEST(durations)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: none */
    } cases[] = {
        {"0s", 0},
        {"500ms", 500},
        {"10s", 10000},
        {"5m", 300000},
        {"1h", 3600000},
        {"2d", 172800000},
        {"007s", 7000},
        {"10000000000000ms", INT64_C(10000000000000)},
        {"10000000000001ms", -1},
        {"10000000000s", INT64_C(10000000000000)},
        {"10000000001s", -1},
        {"115740d", INT64_C(115740) * 86400000},
        {"115741d", -1},
        {"18446744073709551615d", -1},
        {"18446744073709551616ms", -1},
        {"", -1},
        {"5", -1},
        {"s", -1},
        {"ms", -1},
        {"-5s", -1},
        {"+5s", -1},
        {" 5s", -1},
        {"5 s", -1},
        {"5s ", -1},
        {"5S", -1},
        {"5w", -1},
        {"5mss", -1},
        {"5min", -1},
        {"1.5h", -1},
        {"1h30m", -1},
        {"0x5s", -1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = -1;
        int result = duration_parse(cases[i].text, strlen(cases[i].text), &ms);

        ck_assert_msg(result == (cases[i].ms < 0 ? -EBADMSG : 0), "\"%s\"", cases[i].text);
        ck_assert_msg(ms == cases[i].ms, "\"%s\" is %lld", cases[i].text, (long long)ms);
    }
}
END_TEST

START_TEST(now_and_before_now)
{
    expect_moment("now", NOW_MS);
    expect_moment("-15m", NOW_MS - 900000);
    expect_moment("-500ms", NOW_MS - 500);
    expect_moment("-1d", NOW_MS - 86400000);
    expect_moment("-0s", NOW_MS);
    expect_no_moment("nows");
    expect_no_moment("now ");
    expect_no_moment("NOW");
    expect_no_moment("no");
    expect_no_moment("-");
    expect_no_moment("--5m");
    expect_no_moment("-15");
    expect_no_moment("+15m");
    expect_no_moment("15m");
}
END_TEST

START_TEST(unix_times)
{
    expect_moment("0", 0);
    expect_moment("1700000000", INT64_C(1700000000000));
    expect_moment("1700000000.25", INT64_C(1700000000250));
    expect_moment("1700000000.123999", INT64_C(1700000000123)); /* cut, not rounded */
    expect_moment("1700000000.1", INT64_C(1700000000100));
    expect_moment("1700000000123", INT64_C(1700000000123));
    /* From 10^11 on it is milliseconds: that many seconds would be the year 5138. */
    expect_moment("99999999999", INT64_C(99999999999000));
    expect_moment("100000000000", INT64_C(100000000000));
    expect_moment("253402300799999", INT64_C(253402300799999));
    expect_no_moment("253402300800000");
    expect_no_moment("18446744073709551615");
    expect_no_moment("18446744073709551616");
    expect_no_moment("1700000000.");
    expect_no_moment(".5");
    expect_no_moment("1700000000123.5");
    expect_no_moment("1.7e9");
    expect_no_moment(" 1");
    expect_no_moment("1 ");
    expect_no_moment("");
    expect_no_moment("0x10");
}
END_TEST

START_TEST(rfc3339)
{
    expect_moment("1970-01-01T00:00:00Z", 0);
    expect_moment("2023-11-14T22:13:20Z", INT64_C(1700000000000));
    expect_moment("2023-11-14t22:13:20z", INT64_C(1700000000000));
    expect_moment("2023-11-14T22:13:20.5Z", INT64_C(1700000000500));
    expect_moment("2023-11-14T22:13:20.123456789Z", INT64_C(1700000000123));
    expect_moment("2023-11-15T00:13:20+02:00", INT64_C(1700000000000));
    /* An unescaped plus of a query. */
    expect_moment("2023-11-15T00:13:20 02:00", INT64_C(1700000000000));
    expect_moment("2023-11-14T16:43:20-05:30", INT64_C(1700000000000));
    expect_moment("2023-11-14T22:13:20-00:00", INT64_C(1700000000000));
    expect_moment("2024-02-29T00:00:00Z", INT64_C(1709164800000));
    expect_moment("9999-12-31T23:59:59.999Z", INT64_C(253402300799999));
    /* The leap second of 2016 is the second after it. */
    expect_moment("2016-12-31T23:59:60Z", INT64_C(1483228800000));
}
END_TEST

START_TEST(what_is_no_day_or_time)
{
    static const char *const texts[] = {
        "2023-02-29T00:00:00Z",      "2100-02-29T00:00:00Z",     "2023-04-31T00:00:00Z",
        "2023-04-31T23:59:60Z",      "2023-00-10T00:00:00Z",     "2023-13-01T00:00:00Z",
        "2023-01-00T00:00:00Z",      "2023-01-32T00:00:00Z",     "2023-01-01T24:00:00Z",
        "2023-01-01T00:60:00Z",      "2023-01-01T00:00:61Z",     "2023-01-01T00:00:00",
        "2023-01-01T00:00:00.Z",     "2023-01-01T00:00Z",        "2023-01-01",
        "2023-1-01T00:00:00Z",       "23-01-01T00:00:00Z",       "2023-01-01 00:00:00Z",
        "2023-01-01T00:00:00Zz",     "2023-01-01T00:00:00+2",    "2023-01-01T00:00:00+24:00",
        "2023-01-01T00:00:00+02:60", "2023-01-01T00:00:00+0200", "2023/01/01T00:00:00Z",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_no_moment(texts[i]);
}
END_TEST

START_TEST(years_are_1970_to_9999)
{
    expect_no_moment("1969-12-31T23:59:59Z");
    expect_no_moment("0001-01-01T00:00:00Z");
    expect_no_moment("1970-01-01T00:00:00+00:01");
    expect_no_moment("9999-12-31T23:59:59-00:01");
    expect_no_moment("10000-01-01T00:00:00Z");
}
END_TEST

/* Before 1970 there are no ticks: a span that begins there begins with the first. */
START_TEST(before_now_ends_at_1970)
{
    expect_moment("-19675d", NOW_MS - INT64_C(19675) * 86400000);
    expect_moment("-19676d", 0);
    expect_moment("-10000000000000ms", 0);
}
END_TEST

/* Of "2023-11-14T22:13:20.123Z" the year alone is good too: Unix seconds. */
static void parse_prefix(const char *text, size_t length)
{
    bool good = length == 24 || (length >= 1 && length <= 4);
    int64_t ms;

    ck_assert_int_eq(moment_parse(text, length, NOW_MS, &ms), good ? 0 : -EBADMSG);
    ck_assert_int_eq(duration_parse(text, length, &ms), -EBADMSG);
}

START_TEST(text_ends_where_its_length_says)
{
    int64_t ms;

    each_prefix("2023-11-14T22:13:20.123Z", parse_prefix);
    ck_assert_int_eq(moment_parse("nowhere", 3, NOW_MS, &ms), 0);
    ck_assert_int_eq(duration_parse("10ms", 3, &ms), 0);
    ck_assert_int_eq(ms, 600000);
}
END_TEST

START_TEST(moments_are_written_as_they_are_read)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {1763822999999, "2025-11-22T14:49:59.999Z"},
        {1709164800000, "2024-02-29T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[MOMENT_TEXT_BYTES];
        int64_t ms;

        moment_format(cases[i].ms, text);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert_int_eq(moment_parse(text, strlen(text), 0, &ms), 0);
        ck_assert_int_eq(ms, cases[i].ms);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("moment", moments_are_written_as_they_are_read, durations, now_and_before_now,
                     unix_times, rfc3339, what_is_no_day_or_time, years_are_1970_to_9999,
                     before_now_ends_at_1970, text_ends_where_its_length_says);
}

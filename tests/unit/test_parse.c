#include "collectors/parse.h"

#include "tests/unit/support.h"

static struct scanner over(const char *text)
{
    return scanner_over(text, strlen(text));
}

START_TEST(u64_takes_digits_up_to_its_range)
{
    struct scanner scanner = over("18446744073709551615,0");
    uint64_t value = 7;

    ck_assert(scan_u64(&scanner, &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    ck_assert(scan_char(&scanner, ','));
    ck_assert(scan_u64(&scanner, &value));
    ck_assert_uint_eq(value, 0);
    ck_assert(scan_is_done(&scanner));
    ck_assert(!scan_u64(&scanner, &value));
}
END_TEST

START_TEST(u64_failure_changes_nothing)
{
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "x", "18446744073709551616", "99999999999999999999999",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct scanner scanner = over(bad[index]);
        uint64_t value = 7;

        ck_assert_msg(!scan_u64(&scanner, &value), "%s", bad[index]);
        ck_assert_uint_eq(value, 7);
        ck_assert_ptr_eq(scanner.at, bad[index]);
    }
}
END_TEST

START_TEST(i64_takes_its_whole_range)
{
    struct scanner scanner = over("-9223372036854775808 9223372036854775807 -0");
    int64_t value;

    ck_assert(scan_i64(&scanner, &value));
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert(scan_blanks(&scanner));
    ck_assert(scan_i64(&scanner, &value));
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert(scan_blanks(&scanner));
    ck_assert(scan_i64(&scanner, &value));
    ck_assert_int_eq(value, 0);
}
END_TEST

START_TEST(i64_failure_changes_nothing)
{
    static const char *const bad[] = {"", "-", "--1", "-9223372036854775809",
                                      "9223372036854775808"};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct scanner scanner = over(bad[index]);
        int64_t value = 7;

        ck_assert_msg(!scan_i64(&scanner, &value), "%s", bad[index]);
        ck_assert_int_eq(value, 7);
        ck_assert_ptr_eq(scanner.at, bad[index]);
    }
}
END_TEST

START_TEST(hex_takes_digits_up_to_its_range)
{
    struct scanner scanner = over("0000001f ffffffffffffffff 00000000000000000aBcg");
    uint64_t value;

    ck_assert(scan_hex(&scanner, &value));
    ck_assert_uint_eq(value, 0x1f);
    ck_assert(scan_blanks(&scanner));
    ck_assert(scan_hex(&scanner, &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    ck_assert(scan_blanks(&scanner));
    ck_assert(scan_hex(&scanner, &value));
    ck_assert_uint_eq(value, 0xabc);
    ck_assert(scan_char(&scanner, 'g'));
}
END_TEST

START_TEST(hex_failure_changes_nothing)
{
    static const char *const bad[] = {"", "g", "-1", " 1", "10000000000000000"};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct scanner scanner = over(bad[index]);
        uint64_t value = 7;

        ck_assert_msg(!scan_hex(&scanner, &value), "%s", bad[index]);
        ck_assert_uint_eq(value, 7);
        ck_assert_ptr_eq(scanner.at, bad[index]);
    }
}
END_TEST

START_TEST(decimal_ends_before_what_is_no_digit)
{
    struct scanner scanner = over("0.39 103. 7x");
    double value;

    ck_assert(scan_decimal(&scanner, &value));
    ck_assert_double_eq(value, 0.39);
    ck_assert(scan_blanks(&scanner));
    ck_assert(scan_decimal(&scanner, &value));
    ck_assert_double_eq(value, 103);
    ck_assert(scan_blanks(&scanner));
    ck_assert(scan_decimal(&scanner, &value));
    ck_assert_double_eq(value, 7);
    ck_assert(scan_char(&scanner, 'x'));
}
END_TEST

START_TEST(decimal_failure_changes_nothing)
{
    static const char *const bad[] = {"", ".5", "-1", "1.2.3", "nan"};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct scanner scanner = over(bad[index]);
        double value = 7;

        ck_assert_msg(!scan_decimal(&scanner, &value), "%s", bad[index]);
        ck_assert_double_eq(value, 7);
        ck_assert_ptr_eq(scanner.at, bad[index]);
    }
}
END_TEST

START_TEST(nothing_looks_behind_the_end)
{
    /* The scanner ends inside the text: what follows is not its own. */
    struct scanner scanner = scanner_over("12345", 2);
    uint64_t value;

    ck_assert(!scan_literal(&scanner, "123"));
    ck_assert(scan_u64(&scanner, &value));
    ck_assert_uint_eq(value, 12);
    ck_assert(!scan_char(&scanner, '3'));
    ck_assert(!scan_blanks(&scanner));
}
END_TEST

START_TEST(words_literals_and_blanks)
{
    struct scanner scanner = over("cpu0 \t user:\nnext");
    struct span word;

    ck_assert(!scan_literal(&scanner, "cpu1"));
    ck_assert(scan_literal(&scanner, "cpu"));
    ck_assert(scan_word(&scanner, &word));
    ck_assert(span_equals(word, "0"));
    ck_assert(!scan_word(&scanner, &word));
    ck_assert(scan_blanks(&scanner));
    ck_assert(!scan_blanks(&scanner));
    ck_assert(scan_until(&scanner, ':', &word));
    ck_assert(span_equals(word, "user"));
    ck_assert(!span_equals(word, "use"));
    ck_assert(!scan_until(&scanner, ':', &word));
    ck_assert(!scan_word(&scanner, &word));
    ck_assert(scan_char(&scanner, '\n'));
}
END_TEST

START_TEST(parts_end_at_a_stop_or_the_end)
{
    struct scanner scanner = over("a.service//b");
    struct span part;

    ck_assert(scan_part(&scanner, '/', &part));
    ck_assert(span_ends_with(part, ".service"));
    ck_assert(span_ends_with(part, ""));
    ck_assert(!span_ends_with(part, "aa.service"));
    ck_assert(scan_part(&scanner, '/', &part));
    ck_assert_uint_eq(part.length, 0);
    ck_assert(scan_part(&scanner, '/', &part));
    ck_assert(span_equals(part, "b"));
    ck_assert(!scan_part(&scanner, '/', &part));
}
END_TEST

START_TEST(lines_with_and_without_the_last_newline)
{
    struct scanner scanner = over("one\n\nlast");
    struct scanner line;
    struct span word;

    ck_assert(scan_line(&scanner, &line));
    ck_assert(scan_word(&line, &word));
    ck_assert(span_equals(word, "one"));
    ck_assert(scan_is_done(&line));
    ck_assert(scan_line(&scanner, &line));
    ck_assert(scan_is_done(&line));
    ck_assert(scan_line(&scanner, &line));
    ck_assert(scan_word(&line, &word));
    ck_assert(span_equals(word, "last"));
    ck_assert(!scan_line(&scanner, &line));

    scanner = over("one\n");
    ck_assert(scan_line(&scanner, &line));
    ck_assert(!scan_line(&scanner, &line));
}
END_TEST

int main(void)
{
    return RUN_TESTS("parse", u64_takes_digits_up_to_its_range, u64_failure_changes_nothing,
                     i64_takes_its_whole_range, i64_failure_changes_nothing,
                     hex_takes_digits_up_to_its_range, hex_failure_changes_nothing,
                     decimal_ends_before_what_is_no_digit, decimal_failure_changes_nothing,
                     nothing_looks_behind_the_end, words_literals_and_blanks,
                     parts_end_at_a_stop_or_the_end, lines_with_and_without_the_last_newline);
}

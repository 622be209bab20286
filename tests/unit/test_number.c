#include "collectors/number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/parse.h"
#include "tests/unit/support.h"

#define RANDOM_NUMBERS 1000000

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* Any finite double: bit patterns, decimals, and sizes as metrics have them. */
static double random_double(uint64_t *state)
{
    uint64_t bits = next_random(state);
    uint64_t choice = next_random(state);
    double value;

    switch (choice % 4) {
    case 0:
        memcpy(&value, &bits, sizeof value);
        break;
    case 1:
        value = (double)(int64_t)(bits >> (choice / 4 % 64));
        break;
    case 2:
        value = (double)(bits >> (11 + choice / 4 % 50)) / pow(10, (double)(choice / 256 % 12));
        break;
    default:
        value = ldexp((double)(bits >> 11), -(int)(choice / 4 % 70));
        break;
    }
    return isfinite(value) ? value : 0;
}

/* Whether the text is a number by JSON's grammar. */
static bool is_json_number(const char *text, size_t length)
{
    struct scanner scanner = scanner_over(text, length);
    bool zero;
    uint64_t digits;

    scan_char(&scanner, '-');
    zero = scan_char(&scanner, '0');
    if (!zero && !scan_u64(&scanner, &digits))
        return false;
    if (scan_char(&scanner, '.') && !scan_u64(&scanner, &digits))
        return false;
    if (scan_char(&scanner, 'e')) {
        if (!scan_char(&scanner, '+'))
            scan_char(&scanner, '-');
        if (!scan_u64(&scanner, &digits))
            return false;
    }
    return scan_is_done(&scanner);
}

static bool same_bits(double left, double right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

static void expect_exact(double value, const char *wanted)
{
    char out[NUMBER_MAX];
    size_t length = number_format_exact(value, out);

    ck_assert_msg(length == strlen(wanted) && memcmp(out, wanted, length) == 0, "%.*s is not %s",
                  (int)length, out, wanted);
}

/* A plain test: each ck_assert costs system calls, and these are made a million times. */
static void expect_round_trip(double value)
{
    char out[NUMBER_MAX + 1];
    size_t length = number_format_exact(value, out);
    double parsed = 0;

    out[length] = '\0';
    if (!same_bits(strtod(out, NULL), value))
        ck_abort_msg("%.17g became %s", value, out);
    if (!is_json_number(out, length))
        ck_abort_msg("%s is not JSON", out);
    if (number_parse(out, length, &parsed) < 0 || !same_bits(parsed, value))
        ck_abort_msg("%s was read as %.17g", out, parsed);
}

static void expect_digits6(double value)
{
    char out[NUMBER_MAX + 1];
    char wanted[NUMBER_MAX];
    size_t length = number_format_digits6(value, out);

    out[length] = '\0';
    snprintf(wanted, sizeof wanted, "%.6g", value);
    if (strcmp(out, wanted) != 0)
        ck_abort_msg("%.17g became %s, not %s", value, out, wanted);
}

START_TEST(integers)
{
    char out[NUMBER_MAX];

    ck_assert_uint_eq(number_format_u64(0, out), 1);
    ck_assert_mem_eq(out, "0", 1);
    ck_assert_uint_eq(number_format_u64(UINT64_MAX, out), 20);
    ck_assert_mem_eq(out, "18446744073709551615", 20);
    ck_assert_uint_eq(number_format_u64(100, out), 3);
    ck_assert_mem_eq(out, "100", 3);
    ck_assert_uint_eq(number_format_i64(INT64_MIN, out), 20);
    ck_assert_mem_eq(out, "-9223372036854775808", 20);
    ck_assert_uint_eq(number_format_i64(INT64_MAX, out), 19);
    ck_assert_mem_eq(out, "9223372036854775807", 19);
    ck_assert_uint_eq(number_format_i64(-7, out), 2);
    ck_assert_mem_eq(out, "-7", 2);
}
END_TEST

START_TEST(exact_is_short)
{
    expect_exact(0, "0");
    expect_exact(-0.0, "-0");
    expect_exact(0.39, "0.39");
    expect_exact(-10870.69, "-10870.69");
    expect_exact(0.1 + 0.2, "0.30000000000000004");
    expect_exact(9007199254740991, "9007199254740991");
    expect_exact(9007199254740992, "9007199254740992");
    expect_exact(1e22, "1e+22");
    expect_exact(0.000000001, "0.000000001");
    expect_exact(1.5e-10, "1.5e-10");
    expect_exact(5e-324, "4.94065645841247e-324");
    expect_exact(1.7976931348623157e308, "1.7976931348623157e+308");
}
END_TEST

START_TEST(exact_always_reads_back)
{
    uint64_t state = 1;

    for (int count = 0; count < RANDOM_NUMBERS; count++)
        expect_round_trip(random_double(&state));
}
END_TEST

START_TEST(digits6_is_printf)
{
    uint64_t state = 2;

    for (int count = 0; count < RANDOM_NUMBERS; count++)
        expect_digits6(random_double(&state));
}
END_TEST

START_TEST(digits6_at_ties_and_powers)
{
    for (int exponent = -12; exponent <= 22; exponent++) {
        double power = pow(10, exponent);

        for (int digits = 1000005; digits < 10000000; digits += 9990) {
            double tie = digits * power / 1e6;

            expect_digits6(tie);
            expect_digits6(nextafter(tie, 0));
            expect_digits6(nextafter(tie, INFINITY));
        }
        expect_digits6(power);
        expect_digits6(-nextafter(power, 0));
        expect_digits6(nextafter(power, INFINITY));
        expect_digits6(power * 0.9999995);
    }
    expect_digits6(0);
    expect_digits6(-0.0);
    expect_digits6(1234565); /* a true tie, to even */
    expect_digits6(1234575);
    expect_digits6(0.001953125);
}
END_TEST

static void expect_parsed(const char *text, double wanted)
{
    double value = 7;

    ck_assert_msg(number_parse(text, strlen(text), &value) == 0, "%s", text);
    ck_assert_msg(same_bits(value, wanted), "%s became %.17g", text, value);
}

START_TEST(parse_reads_what_programs_write)
{
    double value = 0;

    expect_parsed("0.39", 0.39);
    expect_parsed("-1", -1);
    expect_parsed("+1", 1);
    expect_parsed("1e9", 1e9);
    expect_parsed("1.5E-3", 0.0015);
    expect_parsed("-0", -0.0);
    expect_parsed(".5", 0.5);
    expect_parsed("103.", 103);
    expect_parsed("0e999999999999999999", 0);
    expect_parsed("1e-400", 0);
    expect_parsed("9653.880000000001", 9653.880000000001);
    expect_parsed("9007199254740993", 9007199254740992); /* a tie, to even */
    expect_parsed("18446744073709551616000", 18446744073709551616e3);
    expect_parsed("0.000000000000000000000000000001", 1e-30);
    expect_parsed("1.7976931348623157e308", 1.7976931348623157e308);
    expect_parsed("+Inf", INFINITY);
    expect_parsed("-inf", -INFINITY);
    expect_parsed("Infinity", INFINITY);
    ck_assert_int_eq(number_parse("NaN", 3, &value), 0);
    ck_assert(isnan(value));
}
END_TEST

/* Numbers of more than 53 bits, of all exponents that are near, as the C library reads them. */
START_TEST(parse_rounds_long_numbers)
{
    uint64_t state = 1;

    for (int round = 0; round < 20000; round++) {
        unsigned long long digits = next_random(&state) >> (3 + round % 9);
        char text[64];

        snprintf(text, sizeof text, "%s%llue%d", round % 2 ? "-" : "", digits, round % 45 - 22);
        expect_parsed(text, strtod(text, NULL));
    }
    /* A tie, to even; one below it and one above; and behind a point. */
    expect_parsed("9007199254740993e3", 9007199254740993e3);
    expect_parsed("9007199254740995", 9007199254740996);
    expect_parsed("1152921504606847104", 1152921504606846976);
    expect_parsed("1152921504606847105", 1152921504606847232);
    expect_parsed("11529215046068471.04e2", 1152921504606846976);
    expect_parsed("11529215046068471040e-1", 1152921504606846976);
    expect_parsed("11529215046068471041e-1", 1152921504606847232);
    expect_parsed("11529215046068471039e-1", 1152921504606846976);
}
END_TEST

START_TEST(parse_refuses_the_rest)
{
    static const char *const bad[] = {
        "",
        "-",
        "+",
        ".",
        "e5",
        "1e",
        "1e+",
        "1 ",
        " 1",
        "--1",
        "1.2.3",
        "0x10",
        "1,5",
        "nanx",
        "in",
        "-NaN",
        "1e400",
        "-1e400",
        "1e99999999999999999999999",
        "12a",
        "inf1",
        "1inf",
        "1.5e3nan",
        "1_000",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        double value = 7;

        ck_assert_msg(number_parse(bad[index], strlen(bad[index]), &value) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_double_eq(value, 7);
    }
}
END_TEST

START_TEST(parse_is_bounded)
{
    char digits[NUMBER_TEXT_MAX + 1];
    double value = 7;

    /* Only the given length counts, whatever follows. */
    ck_assert_int_eq(number_parse("123", 2, &value), 0);
    ck_assert_double_eq(value, 12);
    memset(digits, '1', sizeof digits);
    ck_assert_int_eq(number_parse(digits, sizeof digits, &value), -EBADMSG);
    ck_assert_int_eq(number_parse(digits, NUMBER_TEXT_MAX, &value), -EBADMSG);
    memset(digits, '0', sizeof digits);
    ck_assert_int_eq(number_parse(digits, NUMBER_TEXT_MAX, &value), 0);
    ck_assert_double_eq(value, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("number", integers, exact_is_short, exact_always_reads_back, digits6_is_printf,
                     digits6_at_ties_and_powers, parse_reads_what_programs_write,
                     parse_rounds_long_numbers, parse_refuses_the_rest, parse_is_bounded);
}

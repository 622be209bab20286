#include "collectors/number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collectors/parse.h"

/* Up to here every integer is a double. */
#define EXACT_INTEGERS 9007199254740992.0 /* 2^53 */
#define EXACT_POWERS   22                 /* 10^22 is the last power of ten that is a double */
#define DECIMAL_PLACES 9                  /* tried before the C library is asked */

static const double powers[EXACT_POWERS + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

#define INTEGER_POWERS 19 /* 10^19 is the last power of ten in 64 bits */

static const uint64_t integer_powers[INTEGER_POWERS + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000U,
};

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

size_t number_format_u64(uint64_t value, char *out)
{
    char digits[20];
    size_t at = sizeof digits;
    size_t length;

    while (value >= 100) {
        at -= 2;
        memcpy(&digits[at], &digit_pairs[2 * (value % 100)], 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(&digits[at], &digit_pairs[2 * value], 2);
    } else {
        digits[--at] = (char)('0' + value);
    }
    length = sizeof digits - at;
    memcpy(out, &digits[at], length);
    return length;
}

size_t number_format_i64(int64_t value, char *out)
{
    if (value >= 0)
        return number_format_u64((uint64_t)value, out);
    out[0] = '-';
    return 1 + number_format_u64(-(uint64_t)value, out + 1);
}

/* Writes digits / 10^places; places <= DECIMAL_PLACES. */
static size_t format_scaled(uint64_t digits, unsigned places, char *out)
{
    uint64_t scale = integer_powers[places];
    uint64_t fraction = digits % scale;
    size_t length = number_format_u64(digits / scale, out);

    if (places == 0)
        return length;
    out[length] = '.';
    for (unsigned place = places; place > 0; place--) {
        out[length + place] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    return length + 1 + places;
}

static size_t format_by_library(double value, int digits, char *out)
{
    int length = snprintf(out, NUMBER_MAX, "%.*g", digits, value);

    return (size_t)length;
}

static size_t format_round_trip(double value, char *out)
{
    for (int digits = 15; digits < 17; digits++) {
        size_t length = format_by_library(value, digits, out);

        if (strtod(out, NULL) == value)
            return length;
    }
    return format_by_library(value, 17, out);
}

size_t number_format_exact(double value, char *out)
{
    double magnitude = fabs(value);
    size_t sign = signbit(value) ? 1 : 0;

    out[0] = '-';
    if (magnitude < EXACT_INTEGERS && magnitude == (double)(uint64_t)magnitude)
        return sign + number_format_u64((uint64_t)magnitude, out + sign);
    for (unsigned places = 1; places <= DECIMAL_PLACES; places++) {
        double scaled = magnitude * powers[places];
        uint64_t digits;

        if (scaled >= EXACT_INTEGERS)
            break;
        digits = (uint64_t)(scaled + 0.5);
        /* Both are exact, so the quotient is what a correct reader makes of the text. */
        if ((double)digits / powers[places] == magnitude)
            return sign + format_scaled(digits, places, out + sign);
    }
    return format_round_trip(value, out);
}

/* digits * 10^(exponent - 5), of six digits; so the exponent is that of the first one. */
struct digits6 {
    uint64_t digits;
    int exponent;
};

/* The magnitude's digits before the point, if it had been scaled to have six of them. */
static double scale_to_digits6(double magnitude, int exponent)
{
    return exponent <= 5 ? magnitude * powers[5 - exponent] : magnitude / powers[exponent - 5];
}

/* Half to even, as the C library does: only an exact tie gets here with remainder == half. */
static uint64_t divide_to_even(uint64_t value, uint64_t divisor)
{
    uint64_t quotient = value / divisor;
    uint64_t remainder = value % divisor;
    uint64_t half = divisor / 2;

    return quotient + (remainder > half || (remainder == half && quotient % 2 == 1));
}

/*
 * False where one multiplication cannot tell: outside [1e-4, 1e15), and near a tie. The scaled
 * magnitude is below 10^6 and carries one rounding, so its error is under 10^-10.
 */
static bool round_to_digits6(double magnitude, struct digits6 *out)
{
    struct digits6 rounded;
    uint64_t bits;
    double scaled;

    if (!(magnitude >= 1e-4 && magnitude < 1e15))
        return false;
    memcpy(&bits, &magnitude, sizeof bits);
    /* 1233 / 4096 is log10(2), near enough in this range; the estimate may be one too high. */
    rounded.exponent = (((int)(bits >> 52) - 1022) * 1233) >> 12;
    scaled = scale_to_digits6(magnitude, rounded.exponent);
    if (scaled < 1e5)
        scaled = scale_to_digits6(magnitude, --rounded.exponent);
    rounded.digits = (uint64_t)(scaled + 0.5);
    if (fabs(scaled - (double)(uint64_t)scaled - 0.5) < 1e-9) {
        if (rounded.exponent <= 5 || magnitude != (double)(uint64_t)magnitude)
            return false;
        rounded.digits =
            divide_to_even((uint64_t)magnitude, (uint64_t)powers[rounded.exponent - 5]);
    }
    if (rounded.digits == 1000000) {
        rounded.digits = 100000;
        rounded.exponent++;
    }
    *out = rounded;
    return true;
}

size_t number_format_digits6(double value, char *out)
{
    double magnitude = fabs(value);
    size_t length = signbit(value) ? 1 : 0;
    struct digits6 rounded;
    unsigned places;
    bool fixed;

    out[0] = '-';
    if (magnitude < 1e6 && magnitude == (double)(uint64_t)magnitude)
        return length + number_format_u64((uint64_t)magnitude, out + length);
    if (!round_to_digits6(magnitude, &rounded))
        return format_by_library(value, 6, out);
    fixed = rounded.exponent <= 5;
    places = fixed ? (unsigned)(5 - rounded.exponent) : 5;
    while (places > 0 && rounded.digits % 10 == 0) {
        rounded.digits /= 10;
        places--;
    }
    length += format_scaled(rounded.digits, places, out + length);
    if (!fixed) {
        out[length++] = 'e';
        out[length++] = '+';
        memcpy(out + length, &digit_pairs[2 * rounded.exponent], 2);
        length += 2;
    }
    return length;
}

/* mantissa * 10^exponent; cut when there were more digits than the mantissa holds. */
struct decimal {
    uint64_t mantissa;
    int exponent;
    bool cut;
};

/* Takes digits into the mantissa; `step` is what each changes the exponent by. */
static bool scan_digits(struct scanner *scanner, int step, struct decimal *decimal)
{
    const char *start = scanner->at;

    for (; scanner->at < scanner->end && char_is_digit(*scanner->at); scanner->at++) {
        if (decimal->mantissa > (UINT64_MAX - 9) / 10) {
            decimal->cut = true;
            continue;
        }
        decimal->mantissa = decimal->mantissa * 10 + (uint64_t)(*scanner->at - '0');
        decimal->exponent += step;
    }
    return scanner->at != start;
}

static bool scan_exponent(struct scanner *scanner, int *out)
{
    bool negative = false;
    uint64_t exponent;

    if (!scan_char(scanner, '+'))
        negative = scan_char(scanner, '-');
    if (!scan_u64(scanner, &exponent))
        return false;
    /* Beyond any double; the clamp keeps the sum with the places inside an int. */
    if (exponent > 100000)
        exponent = 100000;
    *out = negative ? -(int)exponent : (int)exponent;
    return true;
}

/* digits [. digits] [e exponent], to the end of the text; digits on one side of the point do. */
static bool scan_whole_decimal(struct scanner *scanner, struct decimal *out)
{
    struct decimal decimal = {0};
    bool digits = scan_digits(scanner, 0, &decimal);
    int exponent = 0;

    if (scan_char(scanner, '.'))
        digits |= scan_digits(scanner, -1, &decimal);
    if (!digits)
        return false;
    if ((scan_char(scanner, 'e') || scan_char(scanner, 'E')) && !scan_exponent(scanner, &exponent))
        return false;
    if (!scan_is_done(scanner))
        return false;
    decimal.exponent += exponent;
    *out = decimal;
    return true;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

/*
 * mantissa * 10^exponent in integers: at least the first 62 bits of the result, whose last one also
 * stands for all behind it, so that the one rounding to a double is the correct one. The mantissa
 * is not 0, and the exponent's magnitude at most INTEGER_POWERS.
 */
static double scale_mantissa(uint64_t mantissa, int exponent)
{
    uint64_t power = integer_powers[abs(exponent)];
    int zeros = __builtin_clzll(mantissa);
    int power_zeros = __builtin_clzll(power);
    wide whole;
    uint64_t first;

    mantissa <<= zeros;
    power <<= power_zeros;
    if (exponent >= 0) {
        whole = (wide)mantissa * power;
        first = (uint64_t)(whole >> 64) | ((uint64_t)whole != 0);
        return ldexp((double)first, 64 - zeros - power_zeros);
    }
    whole = (wide)mantissa << 63;
    first = (uint64_t)(whole / power);
    first |= whole != (wide)first * power;
    return ldexp((double)first, power_zeros - zeros - 63);
}
#endif

static int parse_by_library(const char *text, size_t length, double *out)
{
    char copy[NUMBER_TEXT_MAX + 1];
    double value;

    memcpy(copy, text, length);
    copy[length] = '\0';
    value = strtod(copy, NULL);
    if (isinf(value))
        return -EBADMSG;
    *out = value;
    return 0;
}

static bool text_equals_any_case(struct scanner text, const char *word)
{
    size_t length = (size_t)(text.end - text.at);

    return length == strlen(word) && strncasecmp(text.at, word, length) == 0;
}

/* Programs print doubles with 17 digits, which are more than 53 bits. 0 or -EBADMSG. */
static int parse_long(const char *text, size_t length, bool negative, const struct decimal *decimal,
                      double *out)
{
#ifdef __SIZEOF_INT128__
    if (!decimal->cut && decimal->mantissa != 0 && abs(decimal->exponent) <= INTEGER_POWERS) {
        double value = scale_mantissa(decimal->mantissa, decimal->exponent);

        *out = negative ? -value : value;
        return 0;
    }
#endif
    return parse_by_library(text, length, out);
}

/* NaN has no sign here: Go's reader, whose expositions these are, refuses one too. */
static bool parse_special(struct scanner text, bool has_sign, double *out)
{
    if (!has_sign && text_equals_any_case(text, "nan"))
        *out = NAN;
    else if (text_equals_any_case(text, "inf") || text_equals_any_case(text, "infinity"))
        *out = INFINITY;
    else
        return false;
    return true;
}

int number_parse(const char *text, size_t length, double *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct decimal decimal;
    bool negative = scan_char(&scanner, '-');
    bool has_sign = negative || scan_char(&scanner, '+');
    struct scanner unsigned_text = scanner;
    double value;

    if (length > NUMBER_TEXT_MAX)
        return -EBADMSG;
    if (!scan_whole_decimal(&scanner, &decimal)) {
        if (!parse_special(unsigned_text, has_sign, &value))
            return -EBADMSG;
        *out = negative ? -value : value;
        return 0;
    }
    if (decimal.cut || decimal.mantissa > (uint64_t)EXACT_INTEGERS ||
        decimal.exponent < -EXACT_POWERS || decimal.exponent > EXACT_POWERS)
        return parse_long(text, length, negative, &decimal, out);
    /* Both operands are exact, so the one rounding of the result is the correct one. */
    value = (double)decimal.mantissa;
    value =
        decimal.exponent < 0 ? value / powers[-decimal.exponent] : value * powers[decimal.exponent];
    *out = negative ? -value : value;
    return 0;
}

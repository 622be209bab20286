#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collectors/number.h"
#include "tests/fuzz/harness.h"

static int same_bits(double left, double right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

static void check_formats(double value)
{
    char out[NUMBER_MAX + 1];
    char wanted[NUMBER_MAX];
    double parsed = 0;
    size_t length = number_format_exact(value, out);

    must(length > 0 && length <= NUMBER_MAX);
    must(number_parse(out, length, &parsed) == 0 && same_bits(parsed, value));
    length = number_format_digits6(value, out);
    must(length > 0 && length <= NUMBER_MAX);
    out[length] = '\0';
    snprintf(wanted, sizeof wanted, "%.6g", value);
    must(strcmp(out, wanted) == 0);
}

/* What the C library makes of the text, which we must have read the same. */
static void check_parse(const char *text, size_t size, double value)
{
    char copy[NUMBER_TEXT_MAX + 1];

    must(size > 0 && size <= NUMBER_TEXT_MAX);
    memcpy(copy, text, size);
    copy[size] = '\0';
    must(isnan(value) || same_bits(strtod(copy, NULL), value));
}

/* The input as a number's text, and its first bytes as a number. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double value;

    if (number_parse((const char *)data, size, &value) == 0) {
        check_parse((const char *)data, size, value);
        if (isfinite(value))
            check_formats(value);
    }
    if (size >= sizeof value) {
        memcpy(&value, data, sizeof value);
        if (isfinite(value))
            check_formats(value);
    }
    return 0;
}

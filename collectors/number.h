/*
 * Numbers to and from decimal text, the same in every locale. What is written is valid JSON.
 *
 * Reading and writing fall back on the C library for rare values. It follows the locale, so this
 * relies on setlocale() never being called in the program: the locale then is always "C".
 */
#ifndef TACHO_COLLECTORS_NUMBER_H
#define TACHO_COLLECTORS_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Room that the caller of a number_format_*() provides. */
#define NUMBER_MAX 32

/* Each returns the number of characters written, 1 to NUMBER_MAX; no NUL is written. */
size_t number_format_u64(uint64_t value, char *out);
size_t number_format_i64(int64_t value, char *out);

/*
 * A text that reads back as exactly this value, and the shortest one for integers below 2^53 and
 * for decimals of up to nine places. The value is finite: the caller sees to that.
 */
size_t number_format_exact(double value, char *out);

/* The value rounded to six significant digits, as printf's "%.6g" has it. The value is finite. */
size_t number_format_digits6(double value, char *out);

/*
 * Reads the whole text as a decimal number, correctly rounded: "0.39", "-1", "1e9", and, in any
 * case of letters, "NaN", "Inf" and "Infinity", the latter two with a sign or without. 0, or
 * -EBADMSG with *out untouched: other text, a magnitude beyond every double, or a number so long
 * (NUMBER_TEXT_MAX) that no program writes it.
 */
__attribute__((warn_unused_result)) int number_parse(const char *text, size_t length, double *out);

/* printf("%f") of the largest double has 317 characters. */
#define NUMBER_TEXT_MAX 350

#endif

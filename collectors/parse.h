/*
 * The one scanner of everything that is read: a bounded piece of text and functions that take
 * something from its front. They never look at or behind the end, need no NUL, know no locale,
 * and on failure leave both the output and the position as they were.
 */
#ifndef TACHO_COLLECTORS_PARSE_H
#define TACHO_COLLECTORS_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A piece of someone else's text, without NUL. Lives as long as that text. */
struct span {
    const char *at;
    size_t length;
};

static inline bool span_ends_with(struct span span, const char *ending)
{
    size_t length = strlen(ending);

    return span.length >= length && memcmp(span.at + span.length - length, ending, length) == 0;
}

/* What is left to scan: at <= end. */
struct scanner {
    const char *at;
    const char *end;
};

static inline bool span_equals(struct span span, const char *literal)
{
    size_t length = strlen(literal);

    return span.length == length && memcmp(span.at, literal, length) == 0;
}

static inline struct scanner scanner_over(const char *text, size_t length)
{
    return (struct scanner){text, text + length};
}

static inline bool scan_is_done(const struct scanner *scanner)
{
    return scanner->at == scanner->end;
}

static inline bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool char_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool scan_char(struct scanner *scanner, char wanted)
{
    if (scanner->at == scanner->end || *scanner->at != wanted)
        return false;
    scanner->at++;
    return true;
}

static inline bool scan_literal(struct scanner *scanner, const char *wanted)
{
    size_t length = strlen(wanted);

    if ((size_t)(scanner->end - scanner->at) < length || memcmp(scanner->at, wanted, length) != 0)
        return false;
    scanner->at += length;
    return true;
}

/* One or more spaces and tabs. */
static inline bool scan_blanks(struct scanner *scanner)
{
    const char *start = scanner->at;

    while (scanner->at < scanner->end && char_is_blank(*scanner->at))
        scanner->at++;
    return scanner->at != start;
}

/* Decimal digits without a sign; a number above UINT64_MAX is a failure. */
static inline bool scan_u64(struct scanner *scanner, uint64_t *out)
{
    const char *at = scanner->at;
    uint64_t value = 0;

    while (at < scanner->end && char_is_digit(*at)) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return false;
        at++;
    }
    if (at == scanner->at)
        return false;
    scanner->at = at;
    *out = value;
    return true;
}

/* As scan_u64, with an optional minus before the digits; beyond int64_t is a failure. */
bool scan_i64(struct scanner *scanner, int64_t *out);

/* One or more hexadecimal digits of either case, without a prefix; above UINT64_MAX is a failure.
 */
bool scan_hex(struct scanner *scanner, uint64_t *out);

/* Digits, with or without a point between or after them: "7", "0.39". No sign, no exponent. */
bool scan_decimal(struct scanner *scanner, double *out);

/* One or more characters up to a blank, a newline or the end. */
bool scan_word(struct scanner *scanner, struct span *out);

/*
 * What stands before the next `stop`, which is taken too. Fails where no `stop` follows; what
 * stands before it may be empty.
 */
bool scan_until(struct scanner *scanner, char stop, struct span *out);

/*
 * The next part of a list: what stands before the next `stop`, which is taken too, or all that is
 * left. False at the end of the text.
 */
bool scan_part(struct scanner *scanner, char stop, struct span *out);

/*
 * The next line, without its newline, as a scanner of its own; the last one may lack the newline.
 * False at the end of the text.
 */
bool scan_line(struct scanner *scanner, struct scanner *line);

#endif

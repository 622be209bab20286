#include "collectors/parse.h"

#include "collectors/number.h"

bool scan_i64(struct scanner *scanner, int64_t *out)
{
    struct scanner ahead = *scanner;
    bool negative = scan_char(&ahead, '-');
    uint64_t magnitude;

    if (!scan_u64(&ahead, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *scanner = ahead;
    /* The unsigned negation is defined for INT64_MIN's magnitude as well. */
    *out = (int64_t)(negative ? -magnitude : magnitude);
    return true;
}

static int hex_digit(char c)
{
    if (char_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool scan_hex(struct scanner *scanner, uint64_t *out)
{
    const char *at = scanner->at;
    uint64_t value = 0;

    for (int digit; at < scanner->end && (digit = hex_digit(*at)) >= 0; at++) {
        if (value > UINT64_MAX >> 4)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    if (at == scanner->at)
        return false;
    scanner->at = at;
    *out = value;
    return true;
}

bool scan_decimal(struct scanner *scanner, double *out)
{
    const char *at = scanner->at;

    if (at == scanner->end || !char_is_digit(*at))
        return false;
    while (at < scanner->end && (char_is_digit(*at) || *at == '.'))
        at++;
    if (number_parse(scanner->at, (size_t)(at - scanner->at), out) < 0)
        return false;
    scanner->at = at;
    return true;
}

bool scan_word(struct scanner *scanner, struct span *out)
{
    const char *at = scanner->at;

    while (at < scanner->end && !char_is_blank(*at) && *at != '\n')
        at++;
    if (at == scanner->at)
        return false;
    *out = (struct span){scanner->at, (size_t)(at - scanner->at)};
    scanner->at = at;
    return true;
}

bool scan_until(struct scanner *scanner, char stop, struct span *out)
{
    size_t left = (size_t)(scanner->end - scanner->at);
    const char *found = left > 0 ? memchr(scanner->at, stop, left) : NULL;

    if (found == NULL)
        return false;
    *out = (struct span){scanner->at, (size_t)(found - scanner->at)};
    scanner->at = found + 1;
    return true;
}

bool scan_part(struct scanner *scanner, char stop, struct span *out)
{
    if (scan_is_done(scanner))
        return false;
    if (!scan_until(scanner, stop, out)) {
        *out = (struct span){scanner->at, (size_t)(scanner->end - scanner->at)};
        scanner->at = scanner->end;
    }
    return true;
}

bool scan_line(struct scanner *scanner, struct scanner *line)
{
    struct span text;

    if (!scan_part(scanner, '\n', &text))
        return false;
    *line = scanner_over(text.at, text.length);
    return true;
}

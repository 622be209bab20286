#include "daemon/moment.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "collectors/parse.h"

#define DURATION_MAX_MS   INT64_C(10000000000000)
#define MOMENT_END_MS     INT64_C(253402300800000) /* the year 10000 */
#define MILLISECONDS_FROM UINT64_C(100000000000)

static bool scan_duration(struct scanner *scanner, int64_t *out_ms)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    uint64_t count;

    if (!scan_u64(scanner, &count))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct scanner rest = *scanner;

        if (!scan_literal(&rest, units[i].name) || !scan_is_done(&rest))
            continue;
        *scanner = rest;
        if (count > (uint64_t)DURATION_MAX_MS / units[i].ms)
            return false;
        *out_ms = (int64_t)(count * units[i].ms);
        return true;
    }
    return false;
}

int duration_parse(const char *text, size_t length, int64_t *out_ms)
{
    struct scanner scanner = scanner_over(text, length);

    return scan_duration(&scanner, out_ms) ? 0 : -EBADMSG;
}

/* Exactly so many digits. */
static bool scan_digits(struct scanner *scanner, int count, int *out)
{
    int value = 0;

    if (scanner->end - scanner->at < count)
        return false;
    for (int i = 0; i < count; i++) {
        if (!char_is_digit(scanner->at[i]))
            return false;
        value = value * 10 + (scanner->at[i] - '0');
    }
    scanner->at += count;
    *out = value;
    return true;
}

/* Digits after the point; those behind the millisecond are dropped. */
static bool scan_fraction(struct scanner *scanner, int *out_ms)
{
    int ms = 0, digits = 0;

    if (!scan_char(scanner, '.'))
        return true;
    for (; !scan_is_done(scanner) && char_is_digit(*scanner->at); scanner->at++, digits++) {
        if (digits < 3)
            ms = ms * 10 + (*scanner->at - '0');
    }
    for (int i = digits; i < 3; i++)
        ms *= 10;
    *out_ms = ms;
    return digits > 0;
}

static bool scan_offset(struct scanner *scanner, int *out_seconds)
{
    int sign, hours, minutes;

    if (scan_char(scanner, 'Z') || scan_char(scanner, 'z'))
        return true;
    /* In a query an unescaped '+' arrives as a blank. */
    if (scan_char(scanner, '+') || scan_char(scanner, ' '))
        sign = 1;
    else if (scan_char(scanner, '-'))
        sign = -1;
    else
        return false;
    if (!scan_digits(scanner, 2, &hours) || !scan_char(scanner, ':') ||
        !scan_digits(scanner, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *out_seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool scan_date(struct scanner *scanner, struct tm *tm)
{
    struct tm normal;

    if (!scan_digits(scanner, 4, &tm->tm_year) || !scan_char(scanner, '-') ||
        !scan_digits(scanner, 2, &tm->tm_mon) || !scan_char(scanner, '-') ||
        !scan_digits(scanner, 2, &tm->tm_mday))
        return false;
    tm->tm_year -= 1900;
    tm->tm_mon -= 1;
    /* timegm() turns 31 April into 1 May and month 13 into January: no such day. */
    normal = *tm;
    timegm(&normal);
    return normal.tm_mday == tm->tm_mday && normal.tm_mon == tm->tm_mon;
}

static bool scan_clock(struct scanner *scanner, struct tm *tm)
{
    return scan_digits(scanner, 2, &tm->tm_hour) && scan_char(scanner, ':') &&
           scan_digits(scanner, 2, &tm->tm_min) && scan_char(scanner, ':') &&
           scan_digits(scanner, 2, &tm->tm_sec) && tm->tm_hour < 24 && tm->tm_min < 60 &&
           tm->tm_sec <= 60;
}

static bool scan_rfc3339(struct scanner *scanner, int64_t *out_ms)
{
    struct tm tm = {0};
    int ms = 0, offset = 0;

    if (!scan_date(scanner, &tm) || !(scan_char(scanner, 'T') || scan_char(scanner, 't')) ||
        !scan_clock(scanner, &tm) || !scan_fraction(scanner, &ms) || !scan_offset(scanner, &offset))
        return false;
    *out_ms = ((int64_t)timegm(&tm) - offset) * 1000 + ms;
    return *out_ms >= 0;
}

static bool scan_unix(struct scanner *scanner, int64_t *out_ms)
{
    uint64_t count;
    int ms = 0;

    if (!scan_u64(scanner, &count) || count >= (uint64_t)MOMENT_END_MS)
        return false;
    if (count >= MILLISECONDS_FROM) {
        *out_ms = (int64_t)count;
        return true;
    }
    if (!scan_fraction(scanner, &ms))
        return false;
    *out_ms = (int64_t)count * 1000 + ms;
    return true;
}

int moment_parse(const char *text, size_t length, int64_t now_ms, int64_t *out_ms)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner start = scanner;
    int64_t ms;
    bool good;

    if (scan_literal(&scanner, "now")) {
        ms = now_ms;
        good = true;
    } else if (scan_char(&scanner, '-')) {
        good = scan_duration(&scanner, &ms);
        ms = good && ms < now_ms ? now_ms - ms : 0;
    } else {
        good = scan_rfc3339(&scanner, &ms);
        if (!good) {
            scanner = start;
            good = scan_unix(&scanner, &ms);
        }
    }
    if (!good || !scan_is_done(&scanner) || ms >= MOMENT_END_MS)
        return -EBADMSG;
    *out_ms = ms;
    return 0;
}

void moment_format(int64_t time_ms, char out[MOMENT_TEXT_BYTES])
{
    const time_t seconds = (time_t)(time_ms / 1000);
    size_t length;
    struct tm tm;

    gmtime_r(&seconds, &tm);
    length = strftime(out, MOMENT_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + length, MOMENT_TEXT_BYTES - length, ".%03dZ", (int)(time_ms % 1000));
}

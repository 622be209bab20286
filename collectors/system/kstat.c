#include "collectors/system/kstat.h"

#include <errno.h>

/* KSTAT_DATA_*: signed and unsigned integers of 32 and 64 bits, and of the machine's long. */
enum { TYPE_INT32 = 1, TYPE_UINT32, TYPE_INT64, TYPE_UINT64, TYPE_LONG, TYPE_ULONG };

static bool is_signed(uint64_t type)
{
    return type == TYPE_INT32 || type == TYPE_INT64 || type == TYPE_LONG;
}

static bool scan_number(struct scanner *scanner, uint64_t type, double *out)
{
    int64_t with_sign;
    uint64_t without;
    bool good;

    if (is_signed(type)) {
        good = scan_i64(scanner, &with_sign);
        if (good)
            *out = (double)with_sign;
    } else {
        good = scan_u64(scanner, &without);
        if (good)
            *out = (double)without;
    }
    return good;
}

static struct span trim(struct scanner rest)
{
    while (rest.end > rest.at && char_is_blank(rest.end[-1]))
        rest.end--;
    return (struct span){rest.at, (size_t)(rest.end - rest.at)};
}

/* "zil_commit_count     4    10" */
static bool parse_value(struct scanner line, struct kstat_value *out)
{
    struct kstat_value value = {.is_number = false};
    uint64_t type;

    if (!scan_word(&line, &value.name) || !scan_blanks(&line) || !scan_u64(&line, &type))
        return false;
    scan_blanks(&line);
    value.text = trim(line);
    if (type >= TYPE_INT32 && type <= TYPE_ULONG) {
        line = scanner_over(value.text.at, value.text.length);
        value.is_number = true;
        if (!scan_number(&line, type, &value.number) || !scan_is_done(&line))
            return false;
    }
    *out = value;
    return true;
}

static bool is_heading(struct scanner line)
{
    static const char *const words[] = {"name", "type", "data"};

    for (size_t index = 0; index < sizeof words / sizeof words[0]; index++) {
        struct span word;

        scan_blanks(&line);
        if (!scan_word(&line, &word) || !span_equals(word, words[index]))
            return false;
    }
    scan_blanks(&line);
    return scan_is_done(&line);
}

int kstat_parse(const char *text, size_t length, kstat_take *take, void *context)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    size_t count = 0;
    int result = 0;

    if (!scan_line(&scanner, &line) || !scan_line(&scanner, &line) || !is_heading(line))
        return -EBADMSG;
    while (scan_line(&scanner, &line)) {
        struct kstat_value value;

        if (!parse_value(line, &value)) {
            result = -EBADMSG;
            continue;
        }
        if (count++ >= KSTAT_VALUES_MAX)
            return -E2BIG;
        take(context, &value);
    }
    return result;
}

/* Takes the next name and its number, or nothing. */
static bool scan_pair(struct scanner *names, struct scanner *numbers, struct kstat_value *out)
{
    struct scanner name = *names;
    struct scanner digits = *numbers;
    uint64_t number;

    scan_blanks(&name);
    scan_blanks(&digits);
    if (!scan_word(&name, &out->name))
        return false;
    out->text.at = digits.at;
    if (!scan_u64(&digits, &number))
        return false;
    out->text.length = (size_t)(digits.at - out->text.at);
    out->is_number = true;
    out->number = (double)number;
    *names = name;
    *numbers = digits;
    return true;
}

static bool are_paired(struct scanner names, struct scanner numbers)
{
    struct kstat_value value;
    size_t count = 0;

    while (scan_pair(&names, &numbers, &value))
        count++;
    scan_blanks(&names);
    scan_blanks(&numbers);
    return count > 0 && scan_is_done(&names) && scan_is_done(&numbers);
}

int kstat_parse_io(const char *text, size_t length, kstat_take *take, void *context)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner names, numbers;
    struct kstat_value value;

    if (!scan_line(&scanner, &names) || !scan_line(&scanner, &names) ||
        !scan_line(&scanner, &numbers) || !are_paired(names, numbers))
        return -EBADMSG;
    for (size_t count = 0; scan_pair(&names, &numbers, &value); count++) {
        if (count >= KSTAT_VALUES_MAX)
            return -E2BIG;
        take(context, &value);
    }
    return 0;
}

#include "daemon/format.h"

#include <errno.h>

int format_parse(const struct query *query, enum format *out, struct problem *problem)
{
    static const char *const names[] = {"json", "ndjson", "csv", "value"};
    size_t choice = FORMAT_JSON;
    int result =
        query_choice(query, "format", names, sizeof names / sizeof *names, &choice, problem);

    *out = (enum format)choice;
    return result;
}

const char *format_type(enum format format)
{
    static const char *const types[] = {"application/json", "application/x-ndjson",
                                        "text/csv; charset=utf-8", "text/plain; charset=utf-8"};

    return types[format];
}

int format_digits(const struct query *query, enum json_digits *out, struct problem *problem)
{
    static const char *const choices[] = {"6", "17"};
    size_t choice = *out == JSON_DIGITS_ALL;

    if (query_choice(query, "digits", choices, 2, &choice, problem) < 0)
        return -EINVAL;
    *out = choice == 1 ? JSON_DIGITS_ALL : JSON_DIGITS_6;
    return 0;
}

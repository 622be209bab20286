#include "daemon/api.h"

#include <errno.h>

int api_digits(const struct query *query, enum json_digits *out, struct problem *problem)
{
    static const char *const choices[] = {"6", "17"};
    size_t choice = *out == JSON_DIGITS_ALL;

    if (query_choice(query, "digits", choices, 2, &choice, problem) < 0)
        return -EINVAL;
    *out = choice == 1 ? JSON_DIGITS_ALL : JSON_DIGITS_6;
    return 0;
}

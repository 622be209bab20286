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

int api_format(const struct query *query, enum format *out, struct problem *problem)
{
    static const char *const names[] = {"json", "ndjson", "csv", "value"};
    size_t choice = FORMAT_JSON;
    int result =
        query_choice(query, "format", names, sizeof names / sizeof *names, &choice, problem);

    *out = (enum format)choice;
    return result;
}

enum MHD_Result api_respond(struct request *request, enum format format, struct buffer *body)
{
    static const char *const types[] = {"application/json", "application/x-ndjson",
                                        "text/csv; charset=utf-8", "text/plain; charset=utf-8"};

    buffer_reserve(body, 1);
    return respond_buffer(request, MHD_HTTP_OK, types[format], body);
}

enum MHD_Result api_respond_none(struct request *request)
{
    struct problem problem;

    problem_set(&problem, MHD_HTTP_NOT_FOUND, NULL,
                "no series is selected; /v1/catalog lists them");
    return respond_problem(request, &problem);
}

#include "daemon/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/encode_json.h"

int problem_set(struct problem *problem, unsigned status, const char *parameter, const char *format,
                ...)
{
    va_list arguments;

    problem->status = status;
    problem->parameter = parameter;
    va_start(arguments, format);
    vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static const char *status_title(unsigned status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 410:
        return "Gone";
    case 414:
        return "URI Too Long";
    case 421:
        return "Misdirected Request";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Error";
    }
}

void problem_encode(const struct problem *problem, struct buffer *out)
{
    struct json json = {.out = out};

    json_begin_object(&json);
    json_key(&json, "title");
    json_string(&json, status_title(problem->status));
    json_key(&json, "status");
    json_u64(&json, problem->status);
    if (problem->parameter) {
        json_key(&json, "parameter");
        json_string(&json, problem->parameter);
    }
    json_key(&json, "detail");
    json_string(&json, problem->detail);
    json_end_object(&json);
    buffer_append_char(out, '\n');
}

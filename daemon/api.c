#include "daemon/api.h"

enum MHD_Result api_respond(struct request *request, enum format format, struct buffer *body)
{
    buffer_reserve(body, 1);
    return respond_buffer(request, MHD_HTTP_OK, format_type(format), body);
}

enum MHD_Result api_respond_none(struct request *request)
{
    struct problem problem;

    problem_set(&problem, MHD_HTTP_NOT_FOUND, NULL,
                "no series is selected; /v1/catalog lists them");
    return respond_problem(request, &problem);
}

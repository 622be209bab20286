#include "daemon/api.h"

enum MHD_Result api_respond(struct request *request, enum format format, struct buffer *body)
{
    buffer_reserve(body, 1);
    return respond_buffer(request, MHD_HTTP_OK, format_type(format), body);
}

enum MHD_Result api_respond_made(struct request *request,
                                 enum format (*format_of)(const struct order *order))
{
    struct order *order = orders_take(&request->loop->orders, request);
    struct problem problem;
    enum MHD_Result result;

    if (!order) {
        problem_set(&problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "the daemon is stopping");
        return respond_problem(request, &problem);
    }
    if (order->refused) {
        result = respond_problem(request, &order->problem);
    } else {
        result = api_respond(request, format_of ? format_of(order) : FORMAT_JSON, &order->body);
        order->body = (struct buffer){0}; /* it was taken */
    }
    order_put(order);
    return result;
}

enum MHD_Result api_respond_none(struct request *request)
{
    struct problem problem;

    problem_set(&problem, MHD_HTTP_NOT_FOUND, NULL,
                "no series is selected; /v1/catalog lists them");
    return respond_problem(request, &problem);
}

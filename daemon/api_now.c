#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/select.h"
#include "daemon/snapshot.h"

enum format { FORMAT_JSON, FORMAT_VALUE };

static enum MHD_Result answer(struct request *request, const struct selection *selection,
                              enum format format, enum json_digits digits)
{
    const struct follower *follower = &request->loop->follower;
    struct buffer body = {0};
    struct problem problem;

    if (format == FORMAT_JSON) {
        snapshot_encode(&body, history_epoch(follower->history), &follower->present,
                        selection->series, selection->count, digits);
        return respond_json(request, &body);
    }
    if (selection->count == 0) {
        problem_set(&problem, MHD_HTTP_NOT_FOUND, NULL,
                    "no series is selected; /v1/catalog lists them");
        return respond_problem(request, &problem);
    }
    snapshot_encode_values(&body, &follower->present, selection->series, selection->count, digits);
    return respond_buffer(request, MHD_HTTP_OK, "text/plain; charset=utf-8", &body);
}

enum MHD_Result api_now(struct request *request, bool head)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, "format", "digits", NULL};
    static const char *const formats[] = {"json", "value"};
    const struct follower *follower = &request->loop->follower;
    const struct query *query = request->query;
    enum json_digits digits = JSON_DIGITS_6;
    size_t format = FORMAT_JSON;
    struct selection selection;
    struct problem problem;
    enum MHD_Result result;

    (void)head;
    if (query_check(query, allowed, &problem) < 0 ||
        query_choice(query, "format", formats, 2, &format, &problem) < 0 ||
        api_digits(query, &digits, &problem) < 0 ||
        select_from_query(query, history_epoch(follower->history), follower->catalog, &selection,
                          &problem) < 0)
        return respond_problem(request, &problem);
    result = answer(request, &selection, (enum format)format, digits);
    free(selection.series);
    return result;
}

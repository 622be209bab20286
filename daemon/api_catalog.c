#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/select.h"

static void encode(struct buffer *out, const char *epoch, const struct series *const *series,
                   size_t count)
{
    struct json json = {.out = out};

    json_begin_object(&json);
    json_key(&json, "epoch");
    json_string(&json, epoch);
    json_key(&json, "series");
    json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&json);
        json_series(&json, series[i]);
        json_key(&json, "cumulative");
        json_bool(&json, series[i]->cumulative);
        json_key(&json, "unit");
        json_string(&json, series[i]->unit);
        json_key(&json, "help");
        json_string(&json, series[i]->help);
        json_key(&json, "scope");
        json_string(&json, series_scope(series[i]));
        json_key(&json, "interval_ms");
        json_u64(&json, series[i]->interval_ms);
        json_sparse(&json, series[i]);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    buffer_append_char(out, '\n');
}

enum MHD_Result api_catalog(struct request *request, bool head)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, NULL};
    const struct follower *follower = &request->loop->follower;
    const char *epoch = history_epoch(follower->history);
    struct selection selection;
    struct problem problem;
    struct buffer body = {0};

    (void)head;
    if (query_check(request->query, allowed, &problem) < 0 ||
        select_from_query(request->query, epoch, follower->catalog, &selection, &problem) < 0)
        return respond_problem(request, &problem);
    encode(&body, epoch, selection.series, selection.count);
    free(selection.series);
    return respond_json(request, &body);
}

#include <errno.h>
#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/exposition_accept.h"
#include "daemon/exposition_cache.h"
#include "daemon/select.h"

/* Compressing holds up what else the loop serves: answers beyond are sent as they are. */
#define GZIP_MAX_BYTES (256 * 1024)

static int parse_scopes(const struct query *query, unsigned *scopes, struct problem *problem)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, "scope", NULL};
    static const char *const choices[] = {"host", "applications"};
    static const unsigned chosen[] = {EXPOSE_HOST, EXPOSE_APPLICATIONS};
    size_t choice = 0;

    if (query_check(query, allowed, problem) < 0 ||
        query_choice(query, "scope", choices, 2, &choice, problem) < 0)
        return -EINVAL;
    *scopes = query_find(query, "scope") ? chosen[choice] : EXPOSE_HOST | EXPOSE_APPLICATIONS;
    return 0;
}

/* True with *out in place of the body, if it was made smaller. */
static bool compress(struct http_loop *loop, const struct buffer *body, struct buffer *out)
{
    struct gzip *gzip = exposition_cache_gzip(&loop->expositions, clock_mono_ns());

    if (!gzip || gzip_whole(gzip, body->data, (uint32_t)body->size, out) < 0) {
        buffer_finish(out);
        return false;
    }
    return true;
}

static enum MHD_Result answer(struct request *request, const struct exposition_layout *layout,
                              unsigned scopes)
{
    struct http_loop *loop = request->loop;
    const char *type = exposition_type_name(layout->format);
    struct buffer body = {0}, smaller = {0};

    exposition_layout_write(layout, &loop->follower.present, loop->options->buckets, scopes, &body);
    if (!body.failed && body.size <= GZIP_MAX_BYTES && respond_takes_gzip(request) &&
        compress(loop, &body, &smaller)) {
        buffer_finish(&body);
        return respond_encoded(request, type, "gzip", &smaller);
    }
    return respond_encoded(request, type, NULL, &body);
}

/* Of some series alone: nothing of it is kept. */
static enum MHD_Result answer_selected(struct request *request, const struct select *select,
                                       enum exposition_format format, unsigned scopes)
{
    const struct catalog *catalog = request->loop->follower.catalog;
    struct exposition_layout layout = {0};
    struct selection selection = {0};
    struct problem problem;
    enum MHD_Result result;

    if (select_series(select, catalog, &selection, &problem) < 0)
        return respond_problem(request, &problem);
    if (exposition_layout_make(selection.series, selection.count, catalog->version, format,
                               &layout) < 0)
        result = respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    else
        result = answer(request, &layout, scopes | EXPOSE_SELECTED);
    exposition_layout_finish(&layout);
    free(selection.series);
    return result;
}

static enum MHD_Result answer_all(struct request *request, enum exposition_format format,
                                  unsigned scopes)
{
    struct http_loop *loop = request->loop;
    const struct exposition_layout *layout =
        exposition_cache_get(&loop->expositions, loop->follower.catalog, format, clock_mono_ns());

    if (!layout)
        return respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    return answer(request, layout, scopes);
}

enum MHD_Result api_metrics(struct request *request, bool head)
{
    const struct follower *follower = &request->loop->follower;
    const enum exposition_format format = exposition_accepted(
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
    struct select *select = NULL;
    struct problem problem;
    enum MHD_Result result;
    unsigned scopes;

    (void)head;
    if (parse_scopes(request->query, &scopes, &problem) < 0 ||
        select_parse(request->query, history_epoch(follower->history), &select, &problem) < 0)
        return respond_problem(request, &problem);
    if (follower->present.tick.seq == 0) {
        problem_set(&problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "there was no tick yet");
        result = respond_problem(request, &problem);
    } else if (select_is_all(select)) {
        result = answer_all(request, format, scopes);
    } else {
        result = answer_selected(request, select, format, scopes);
    }
    select_free(select);
    return result;
}

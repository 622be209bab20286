#include <errno.h>
#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/exposition_accept.h"
#include "daemon/exposition_cache.h"
#include "daemon/select.h"

/* Compressing holds up what else the loop serves: answers beyond are sent as they are. */
#define GZIP_MAX_BYTES (256 * 1024)
/*
 * Series that are laid out on the loop: 3 us each at the worst, where each is a family of its own;
 * a worker takes longer to be asked.
 */
#define LAID_OUT_HERE_MAX 1000

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

/* A layout that a worker makes, of a catalog or of some of its series. */
struct laying_out {
    struct order order; /* first */
    struct catalog *catalog;
    struct selection selection; /* its series are its own */
    bool is_selected;
    enum exposition_format format;
    struct exposition_layout layout;
};

static int lay_out(struct laying_out *work)
{
    const struct catalog *catalog = work->catalog;

    return exposition_layout_make(work->is_selected ? work->selection.series
                                                    : (const struct series *const *)catalog->series,
                                  work->is_selected ? work->selection.count : catalog->count,
                                  catalog->version, work->format, &work->layout);
}

static void on_make(struct order *order)
{
    order->refused = lay_out((struct laying_out *)order) < 0;
}

static void on_free(struct order *order)
{
    struct laying_out *work = (struct laying_out *)order;

    exposition_layout_finish(&work->layout);
    free(work->selection.series);
    catalog_put(work->catalog);
    free(work);
}

/* Lets go of it; NULL: the loop ends. What is of some series alone is not kept. */
static enum MHD_Result answer_made(struct request *request, struct laying_out *work,
                                   unsigned scopes)
{
    enum MHD_Result result;

    if (!work || work->order.refused) {
        result = respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    } else if (work->is_selected) {
        result = answer(request, &work->layout, scopes | EXPOSE_SELECTED);
    } else {
        result = answer(request, &work->layout, scopes);
        exposition_cache_put(&request->loop->expositions, &work->layout, clock_mono_ns());
    }
    if (work)
        order_put(&work->order);
    return result;
}

/*
 * Takes the selection, NULL for all. A worker lays out what is long, unless what others ordered may
 * be what a disk does not answer: this has to be answered all the same.
 */
static enum MHD_Result answer_laid_out(struct request *request, const struct selection *selection,
                                       enum exposition_format format, unsigned scopes)
{
    struct http_loop *loop = request->loop;
    struct laying_out *work = calloc(1, sizeof *work);
    struct problem problem;

    if (!work) {
        free(selection ? selection->series : NULL);
        return respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    }
    order_init(&work->order, on_make, on_free);
    work->order.task.busy_max = TASK_WORKERS_MAX; /* it does not hang */
    work->catalog = catalog_hold(loop->follower.catalog);
    work->is_selected = selection != NULL;
    work->selection = selection ? *selection : (struct selection){0};
    work->format = format;
    if ((selection ? selection->count : work->catalog->count) > LAID_OUT_HERE_MAX &&
        orders_have_place(&loop->orders) &&
        orders_place(&loop->orders, request, &work->order, &problem) == 0)
        return MHD_YES;
    on_make(&work->order);
    return answer_made(request, work, scopes);
}

static enum MHD_Result answer_selected(struct request *request, const struct select *select,
                                       enum exposition_format format, unsigned scopes)
{
    struct selection selection = {0};
    struct problem problem;

    if (select_series(select, request->loop->follower.catalog, &selection, &problem) < 0)
        return respond_problem(request, &problem);
    return answer_laid_out(request, &selection, format, scopes);
}

static enum MHD_Result answer_all(struct request *request, enum exposition_format format,
                                  unsigned scopes)
{
    struct http_loop *loop = request->loop;
    const struct exposition_layout *layout = exposition_cache_get(
        &loop->expositions, loop->follower.catalog->version, format, clock_mono_ns());

    return layout ? answer(request, layout, scopes)
                  : answer_laid_out(request, NULL, format, scopes);
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
    if (parse_scopes(request->query, &scopes, &problem) < 0)
        return respond_problem(request, &problem);
    if (request->order)
        return answer_made(
            request, (struct laying_out *)orders_take(&request->loop->orders, request), scopes);
    if (select_parse(request->query, history_epoch(follower->history), &select, &problem) < 0)
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

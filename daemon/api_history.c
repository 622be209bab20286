#include <errno.h>
#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/hang.h"
#include "daemon/history_answer.h"

/* A question and what it takes to answer it, on a worker. */
struct job {
    struct order order; /* first */
    struct catalog *catalog;
    struct history_question question;
};

static void on_make(struct order *order)
{
    struct job *job = (struct job *)order;
    int result;

    hang_if_asked("history", job->question.last_seq);
    result = history_answer(&job->question, &order->body, &order->problem);

    order->refused = result == -EINVAL;
    if (result < 0)
        order->body.failed = true;
}

static void on_free(struct order *order)
{
    struct job *job = (struct job *)order;

    free(job->question.selection.series);
    catalog_put(job->catalog);
    free(job);
}

/* Takes the selection. NULL without memory. */
static struct job *new_job(const struct http_loop *loop, const struct history_query *query,
                           const struct selection *selection)
{
    struct job *job = calloc(1, sizeof *job);

    if (!job) {
        free(selection->series);
        return NULL;
    }
    order_init(&job->order, on_make, on_free);
    job->catalog = catalog_hold(loop->follower.catalog);
    job->question = (struct history_question){.archive = loop->options->archive,
                                              .history = loop->follower.history,
                                              .cancelled = &job->order.left,
                                              .selection = *selection,
                                              .interval_ms = loop->options->interval_ms,
                                              .last_seq = loop->follower.present.tick.seq,
                                              .query = *query};
    return job;
}

static enum format format_of(const struct order *order)
{
    return ((const struct job *)order)->question.query.format;
}

static enum MHD_Result order_answer(struct request *request, const struct history_query *query,
                                    const struct selection *selection)
{
    struct job *job = new_job(request->loop, query, selection);
    struct problem problem;

    if (!job)
        return respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    if (orders_place(&request->loop->orders, request, &job->order, &problem) < 0) {
        order_put(&job->order);
        return respond_problem(request, &problem);
    }
    return MHD_YES;
}

/*
 * How long to wait for what is newer than the position; 0: not at all. One who waited before goes
 * on until its time is over: another loop may have told it of a tick that this one knows only now.
 */
static int64_t time_to_wait(const struct request *request, const struct history_query *query,
                            bool head)
{
    const struct http_loop *loop = request->loop;

    if (!query->follows || head || loop->waiters.ended ||
        loop->follower.present.tick.seq > query->since)
        return 0;
    if (request->wait.state == WAIT_NONE)
        return query->wait_ms;
    return (request->wait.until_ns - clock_mono_ns()) / NS_PER_MS;
}

static int parse(const struct request *request, struct history_query *query,
                 struct selection *selection, struct problem *problem)
{
    const struct http_loop *loop = request->loop;
    const char *epoch = history_epoch(loop->follower.history);
    const struct history_context context = {.interval_ms = loop->options->interval_ms,
                                            .epoch = epoch,
                                            .last_seq = history_last(loop->follower.history),
                                            .now_ms = clock_now().real_ns / NS_PER_MS};
    struct select *select;
    int result;

    if (history_query_parse(request->query, &context, query, problem) < 0 ||
        select_parse(request->query, epoch, &select, problem) < 0)
        return -EINVAL;
    if (select_is_all(select))
        result = problem_set(problem, 400, "name",
                             "history of everything is too much: select with name=GLOB, match=, "
                             "label= or id=");
    else
        result = select_known_series(select, loop->follower.catalog, selection, problem);
    select_free(select);
    return result;
}

enum MHD_Result api_history(struct request *request, bool head)
{
    struct history_query query = {0};
    struct selection selection = {0};
    struct problem problem;
    int64_t wait_ms;

    if (request->order)
        return api_respond_made(request, format_of);
    if (parse(request, &query, &selection, &problem) < 0)
        return respond_problem(request, &problem);
    wait_ms = time_to_wait(request, &query, head);
    if (query.format == FORMAT_VALUE && selection.count == 0) {
        free(selection.series);
        return api_respond_none(request);
    }
    if (wait_ms <= 0)
        return order_answer(request, &query, &selection);
    free(selection.series);
    if (waiters_join(&request->loop->waiters, request, wait_ms, &problem) < 0)
        return respond_problem(request, &problem);
    return MHD_YES;
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/moment.h"
#include "daemon/process_answer.h"

#define COLLECTOR "processes"
/* A list that is longer, or more of it than that, is encoded by a worker. */
#define LOOP_MAX_LISTED 2048
#define LOOP_MAX_SHOWN  200

/* A question and what it takes to answer it, on a worker. */
struct job {
    struct order order;        /* first */
    struct process_list *list; /* NULL: it is in the past */
    struct process_past *past;
    struct process_query query;
    bool arguments;
};

/* When there is something, so that the next question finds it. */
static int refuse_moment(struct process_past *past, struct problem *problem)
{
    const struct process_past_counts counts = process_past_count(past);
    char first[MOMENT_TEXT_BYTES], last[MOMENT_TEXT_BYTES];

    if (counts.records == 0)
        return problem_set(problem, MHD_HTTP_NOT_FOUND, "at", "no list of processes is kept yet");
    moment_format(counts.first_ms, first);
    moment_format(counts.last_ms, last);
    return problem_set(problem, MHD_HTTP_NOT_FOUND, "at",
                       "no list of processes is kept of that moment; the first is of %s, the last "
                       "of %s",
                       first, last);
}

static int find_list(struct job *job)
{
    int result = job->list ? 0 : process_past_read(job->past, job->query.at_ms, &job->list);

    if (result == -ENODATA)
        return refuse_moment(job->past, &job->order.problem);
    if (result < 0)
        return problem_set(&job->order.problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
                           "the list of that moment cannot be read: %s", strerror(-result));
    return 0;
}

static void on_make(struct order *order)
{
    struct job *job = (struct job *)order;

    order->refused = find_list(job) < 0;
    if (!order->refused)
        process_answer_encode(&order->body, job->list, &job->query, job->arguments);
}

static void on_free(struct order *order)
{
    struct job *job = (struct job *)order;

    process_list_put(job->list);
    free(job);
}

/* Takes the list, which is NULL where the past is asked. */
static enum MHD_Result order_answer(struct request *request, struct process_list *list,
                                    const struct process_query *query)
{
    const struct processes *processes = request->loop->options->processes;
    struct job *job = calloc(1, sizeof *job);
    struct problem problem;

    if (!job) {
        process_list_put(list);
        return respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
    }
    order_init(&job->order, on_make, on_free);
    job->list = list;
    job->past = processes_past(processes);
    job->query = *query;
    job->arguments = processes_shows_arguments(processes);
    if (orders_place(&request->loop->orders, request, &job->order, &problem) < 0) {
        order_put(&job->order);
        return respond_problem(request, &problem);
    }
    return MHD_YES;
}

/* --- now --- */

/* Running, if nothing is known of it yet. */
static struct collector_status collector_status(const struct http_options *options)
{
    struct collector_status status = {.condition = COLLECTOR_RUNNING};

    for (size_t i = 0; i < options->collector_count; i++) {
        if (strcmp(options->collectors[i].name, COLLECTOR) == 0)
            collector_state_read(&options->collectors[i], &status);
    }
    return status;
}

/* Why there is no list. */
static int refuse_present(const struct collector_status *status, struct problem *problem)
{
    if (status->condition == COLLECTOR_OFF)
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
                           "the processes are not looked at: the collector " COLLECTOR
                           " is switched off in the configuration");
    if (status->condition == COLLECTOR_RUNNING)
        return problem_set(
            problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
            "the processes were not looked at yet, or not of late; try again in a few "
            "seconds");
    return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
                       "the processes cannot be looked at: the collector " COLLECTOR " is %s%s%s",
                       collector_condition_name(status->condition), status->error != 0 ? ": " : "",
                       status->error != 0 ? strerror(status->error) : "");
}

/* The newest list, held; what a collector that no longer runs left behind is not the present. */
static struct process_list *find_present(const struct http_options *options,
                                         struct problem *problem)
{
    const struct collector_status status = collector_status(options);
    bool may_have = status.condition == COLLECTOR_RUNNING || status.condition == COLLECTOR_FAILING;
    struct process_list *list =
        may_have ? processes_latest(options->processes, clock_mono_ns()) : NULL;

    if (!list)
        refuse_present(&status, problem);
    return list;
}

static bool is_short(const struct process_list *list, const struct process_query *query)
{
    return list->count <= LOOP_MAX_LISTED && query->limit <= LOOP_MAX_SHOWN;
}

static enum MHD_Result answer_now(struct request *request, const struct process_query *query)
{
    const struct processes *processes = request->loop->options->processes;
    struct buffer body = {0};
    struct problem problem;
    struct process_list *list = find_present(request->loop->options, &problem);

    if (!list)
        return respond_problem(request, &problem);
    if (!is_short(list, query))
        return order_answer(request, list, query);
    process_answer_encode(&body, list, query, processes_shows_arguments(processes));
    process_list_put(list);
    return respond_json(request, &body);
}

enum MHD_Result api_processes(struct request *request, bool head)
{
    const struct clock_reading now = clock_now();
    struct process_query query;
    struct problem problem;

    (void)head;
    if (request->order)
        return api_respond_made(request, NULL);
    if (process_query_parse(request->query, now.real_ns / NS_PER_MS, &query, &problem) < 0)
        return respond_problem(request, &problem);
    processes_watch(request->loop->options->processes, now.mono_ns);
    if (!query.is_past)
        return answer_now(request, &query);
    if (processes_past(request->loop->options->processes))
        return order_answer(request, NULL, &query);
    problem_set(&problem, MHD_HTTP_NOT_FOUND, "at", "no list of processes is kept");
    return respond_problem(request, &problem);
}

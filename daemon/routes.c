#include "daemon/routes.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api.h"
#include "daemon/respond.h"

/* Longer request lines are ours to refuse up to 8 KiB, libmicrohttpd's beyond. */
#define TARGET_MAX 4096

struct route {
    const char *path;
    api_fn *answer;
};

/* Sorted by path. */
static const struct route routes[] = {
    {"/healthz", api_healthz},
    {"/metrics", api_metrics},
    {"/readyz", api_readyz},
    {"/v1/catalog", api_catalog},
    {"/v1/history", api_history},
    {"/v1/info", api_info},
    {"/v1/now", api_now},
    {"/v1/openapi.json", api_openapi},
    {"/v1/processes", api_processes},
    {"/v1/stream", api_stream},
};

static int compare_route(const void *path, const void *route)
{
    return strcmp(path, ((const struct route *)route)->path);
}

static enum MHD_Result answer(struct request *request, const char *path, const char *method)
{
    const struct asset *asset = asset_find(path);
    const struct route *route =
        bsearch(path, routes, sizeof routes / sizeof *routes, sizeof *routes, compare_route);
    bool head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;

    struct problem problem;

    if (request->target_length > TARGET_MAX)
        problem_set(&problem, MHD_HTTP_URI_TOO_LONG, NULL,
                    "the request target has %zu bytes; allowed: %d", request->target_length,
                    TARGET_MAX);
    else if (request->zero_in_target || (!route && !asset))
        problem_set(
            &problem, MHD_HTTP_NOT_FOUND, NULL,
            "there is no %.100s here; the page is at /, the numbers are below /v1/ (info, "
            "catalog, now, history, processes, stream) and at /metrics, and /v1/openapi.json "
            "describes them",
            path);
    else if (!head && strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        problem_set(&problem, MHD_HTTP_METHOD_NOT_ALLOWED, NULL,
                    "the method %.40s is not allowed here; allowed: GET, HEAD", method);
    else if (route)
        return route->answer(request, head);
    else
        return respond_asset(request, asset, request->loop->options->static_dir);
    return respond_problem(request, &problem);
}

enum MHD_Result routes_answer(struct request *request, const char *path, const char *method)
{
    struct query query = {.count = 0};
    struct problem problem;
    enum MHD_Result result;

    if (request_check_host(request, &problem) < 0 ||
        request_read_query(request, &query, &problem) < 0)
        return respond_problem(request, &problem);
    request->query = &query;
    result = answer(request, path, method);
    request->query = NULL;
    return result;
}

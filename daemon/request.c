#include "daemon/request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "daemon/http_loop.h"

/* What is looked for among the headers: a Host at all, and one that is not allowed. */
struct host_search {
    struct host_gate *gate; /* NULL: all are allowed */
    bool found;
    struct problem *problem;
    int result;
};

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                 size_t name_size, const char *value, size_t value_size)
{
    struct host_search *search = arg;

    (void)kind;
    (void)name_size;
    if (strcasecmp(name, MHD_HTTP_HEADER_HOST) != 0)
        return MHD_YES;
    search->found = true;
    if (!value)
        value = "";
    if (!search->gate || host_gate_allows(search->gate, value, value_size))
        return MHD_YES;
    search->result =
        problem_set(search->problem, MHD_HTTP_MISDIRECTED_REQUEST, NULL,
                    "the host \"%.100s\" is not known here; allowed: numeric addresses, localhost, "
                    "this machine's names, and those of the configuration's http.hosts",
                    value);
    return MHD_NO;
}

static bool is_unix(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info && info->client_addr && info->client_addr->sa_family == AF_UNIX;
}

int request_check_host(const struct request *request, struct problem *problem)
{
    struct host_search search = {.problem = problem};

    if (!is_unix(request->connection))
        search.gate = request->loop->options->hosts;
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, on_header, &search);
    if (!search.found && strcmp(request->version, MHD_HTTP_VERSION_1_0) != 0)
        return problem_set(problem, MHD_HTTP_BAD_REQUEST, NULL,
                           "a request by HTTP/1.1 needs a Host header, and this one has none");
    return search.result;
}

/* What is gathered while libmicrohttpd walks over the parameters. */
struct gathering {
    struct query *query;
    struct problem problem;
    bool failed;
};

static enum MHD_Result on_parameter(void *arg, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t value_size)
{
    struct gathering *gathering = arg;
    int result = 0;

    (void)kind;
    if (strlen(name) != name_size)
        result = problem_set(&gathering->problem, MHD_HTTP_BAD_REQUEST, NULL,
                             "the name of a parameter holds a zero byte");
    else if (query_add(gathering->query, name, value, value_size) < 0)
        result = problem_set(&gathering->problem, MHD_HTTP_BAD_REQUEST, NULL,
                             "more than %d parameters", QUERY_MAX_PARAMETERS);
    gathering->failed = result < 0;
    return gathering->failed ? MHD_NO : MHD_YES;
}

int request_read_query(const struct request *request, struct query *query, struct problem *problem)
{
    struct gathering gathering = {.query = query};

    MHD_get_connection_values_n(request->connection, MHD_GET_ARGUMENT_KIND, on_parameter,
                                &gathering);
    if (!gathering.failed)
        return 0;
    *problem = gathering.problem;
    return -EINVAL;
}

bool request_has_no_body(const struct request *request, const char *method)
{
    static const char *const names[] = {"Content-Length", "Transfer-Encoding", "Upgrade"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, names[i]))
            return false;
    }
    return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

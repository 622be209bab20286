#include "daemon/request.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "daemon/http_loop.h"

/* What is looked for among the headers: a Host that is not allowed. */
struct host_search {
    const struct host_rules *rules;
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
    if (!value)
        value = "";
    if (host_is_allowed(search->rules, value, value_size))
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
    struct host_search search = {.rules = request->loop->options->hosts, .problem = problem};

    if (!is_unix(request->connection))
        MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, on_header, &search);
    return search.result;
}

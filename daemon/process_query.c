#include "daemon/process_query.h"

#include <errno.h>

#include "collectors/parse.h"

#define LIMIT_DEFAULT 20
#define PID_MAX       4194304 /* proc(5): /proc/sys/kernel/pid_max */

static int refuse_pids(const struct parameter *parameter, struct problem *problem)
{
    return problem_set(
        problem, 400, "pid",
        "\"%.60s\" is not a list of 1 to %d process ids from 1 to %d, such as 1,1234",
        parameter->value, PROCESS_QUERY_PIDS_MAX, PID_MAX);
}

static int parse_pids(const struct query *query, struct process_query *out, struct problem *problem)
{
    const struct parameter *parameter = query_find(query, "pid");
    struct scanner scanner;
    uint64_t pid;

    if (!parameter)
        return 0;
    scanner = scanner_over(parameter->value, parameter->length);
    do {
        if (out->pid_count == PROCESS_QUERY_PIDS_MAX || !scan_u64(&scanner, &pid) || pid == 0 ||
            pid > PID_MAX)
            return refuse_pids(parameter, problem);
        out->pids[out->pid_count++] = (uint32_t)pid;
    } while (scan_char(&scanner, ','));
    if (!scan_is_done(&scanner))
        return refuse_pids(parameter, problem);
    if (query_find(query, "by"))
        return problem_set(problem, 400, "pid",
                           "pid= is about processes, by=command about all of a program: allowed is "
                           "one of them");
    return 0;
}

int process_query_parse(const struct query *query, int64_t now_ms, struct process_query *out,
                        struct problem *problem)
{
    static const char *const allowed[] = {"sort", "limit", "at", "by", "pid", NULL};
    static const char *const orders[PROCESS_ORDERS] = {
        [PROCESS_BY_CPU] = "cpu", [PROCESS_BY_MEMORY] = "memory", [PROCESS_BY_IO] = "io"};
    static const char *const groups[] = {"command"};
    size_t sort = PROCESS_BY_CPU, group = 0;
    uint64_t limit = LIMIT_DEFAULT;

    *out = (struct process_query){.by_command = query_find(query, "by") != NULL,
                                  .is_past = query_find(query, "at") != NULL};
    if (query_check(query, allowed, problem) < 0 ||
        query_choice(query, "sort", orders, PROCESS_ORDERS, &sort, problem) < 0 ||
        query_number(query, "limit", 1, PROCESS_QUERY_LIMIT_MAX, &limit, problem) < 0 ||
        query_choice(query, "by", groups, 1, &group, problem) < 0 ||
        query_time(query, "at", now_ms, &out->at_ms, problem) < 0 ||
        parse_pids(query, out, problem) < 0)
        return -EINVAL;
    out->sort = (enum process_order)sort;
    out->limit = (size_t)limit;
    return 0;
}

bool process_query_has(const struct process_query *query, uint32_t pid)
{
    for (size_t i = 0; i < query->pid_count; i++) {
        if (query->pids[i] == pid)
            return true;
    }
    return query->pid_count == 0;
}

/* What is asked of /v1/processes. Pure. */
#ifndef TACHO_DAEMON_PROCESS_QUERY_H
#define TACHO_DAEMON_PROCESS_QUERY_H

#include "daemon/process_top.h"
#include "daemon/query.h"

#define PROCESS_QUERY_LIMIT_MAX 1000
#define PROCESS_QUERY_PIDS_MAX  64

struct process_query {
    enum process_order sort;
    size_t limit;    /* of processes, or of commands */
    bool by_command; /* all processes of a program together */
    uint32_t pids[PROCESS_QUERY_PIDS_MAX];
    size_t pid_count; /* 0: all */
    bool is_past;     /* at_ms, in place of now */
    int64_t at_ms;    /* Unix milliseconds */
};

/* 0, or -EINVAL with the problem. */
int process_query_parse(const struct query *query, int64_t now_ms, struct process_query *out,
                        struct problem *problem) MUST_CHECK;

/* Whether these processes alone are asked for, and this is one of them; else all are. */
bool process_query_has(const struct process_query *query, uint32_t pid);

#endif

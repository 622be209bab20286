#include "daemon/process_query.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/model.h"

#define NOW_MS INT64_C(1700000000000)

#define QUERY(...) make_query((const char *const[]){__VA_ARGS__, NULL})

static struct process_query parsed(struct query query)
{
    struct process_query result;
    struct problem problem;

    ck_assert_int_eq(process_query_parse(&query, NOW_MS, &result, &problem), 0);
    return result;
}

/* Refused for this parameter, with these words among the detail. */
static void expect_refused(struct query query, const char *parameter, const char *words)
{
    struct process_query result;
    struct problem problem;

    ck_assert_int_eq(process_query_parse(&query, NOW_MS, &result, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, 400);
    ck_assert_str_eq(problem.parameter, parameter);
    ck_assert_msg(strstr(problem.detail, words) != NULL, "%s", problem.detail);
}

START_TEST(without_parameters_it_is_the_busiest_twenty)
{
    const struct process_query query = parsed((struct query){.count = 0});

    ck_assert_int_eq(query.sort, PROCESS_BY_CPU);
    ck_assert_uint_eq(query.limit, 20);
    ck_assert(!query.by_command);
    ck_assert(!query.is_past);
    ck_assert(process_query_has(&query, 1));
}
END_TEST

START_TEST(each_parameter_is_read)
{
    struct process_query query = parsed(QUERY("sort", "io", "limit", "1000", "by", "command"));

    ck_assert_int_eq(query.sort, PROCESS_BY_IO);
    ck_assert_uint_eq(query.limit, 1000);
    ck_assert(query.by_command);
    query = parsed(QUERY("sort", "memory", "at", "-1m", "pid", "4194304,12"));
    ck_assert_int_eq(query.sort, PROCESS_BY_MEMORY);
    ck_assert(query.is_past);
    ck_assert_int_eq(query.at_ms, NOW_MS - 60000);
    ck_assert_uint_eq(query.pid_count, 2);
    ck_assert(process_query_has(&query, 12));
    ck_assert(process_query_has(&query, 4194304));
    ck_assert(!process_query_has(&query, 1));
}
END_TEST

START_TEST(what_is_not_known_is_refused)
{
    struct query query = QUERY("x", "1");
    struct process_query result;
    struct problem problem;

    ck_assert_int_eq(process_query_parse(&query, NOW_MS, &result, &problem), -EINVAL);
    ck_assert_ptr_nonnull(strstr(problem.detail, "sort, limit, at, by, pid"));
}
END_TEST

START_TEST(what_is_wrong_is_named_with_what_is_allowed)
{
    char many[4 * (PROCESS_QUERY_PIDS_MAX + 1)] = "1";

    expect_refused(QUERY("sort", "rss"), "sort", "cpu, memory, io");
    expect_refused(QUERY("limit", "0"), "limit", "from 1 to 1000");
    expect_refused(QUERY("limit", "1001"), "limit", "from 1 to 1000");
    expect_refused(QUERY("at", "yesterday"), "at", "RFC 3339");
    expect_refused(QUERY("by", "user"), "by", "command");
    expect_refused(QUERY("by", ""), "by", "command");
    for (const char *const *pids =
             (const char *const[]){"", "0", "4194305", "1,", ",1", "1 2", "-1", "1;2", "a", NULL};
         *pids; pids++)
        expect_refused(QUERY("pid", *pids), "pid", "1 to 64 process ids");
    for (size_t i = 1; i < PROCESS_QUERY_PIDS_MAX; i++)
        strcat(many, ",2");
    ck_assert_uint_eq(parsed(QUERY("pid", many)).pid_count, PROCESS_QUERY_PIDS_MAX);
    strcat(many, ",3");
    expect_refused(QUERY("pid", many), "pid", "1 to 64 process ids");
    expect_refused(QUERY("pid", "1", "by", "command"), "pid", "one of them");
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_query", without_parameters_it_is_the_busiest_twenty,
                     each_parameter_is_read, what_is_not_known_is_refused,
                     what_is_wrong_is_named_with_what_is_allowed);
}

#include "daemon/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/model.h"

#define QUERY(...) make_query((const char *const[]){__VA_ARGS__, NULL})

static void expect_problem(const struct problem *problem, const char *parameter, const char *part)
{
    ck_assert_uint_eq(problem->status, 400);
    if (parameter)
        ck_assert_str_eq(problem->parameter, parameter);
    else
        ck_assert_ptr_null(problem->parameter);
    ck_assert_msg(strstr(problem->detail, part) != NULL, "%s", problem->detail);
}

START_TEST(parameters_are_found_by_name)
{
    struct query query = QUERY("a", "1", "b", "", "a", "2");

    ck_assert_str_eq(query_find(&query, "a")->value, "1");
    ck_assert_uint_eq(query_find(&query, "b")->length, 0);
    ck_assert_ptr_null(query_find(&query, "c"));
    ck_assert_ptr_null(query_find(&query, ""));
}
END_TEST

START_TEST(a_parameter_without_a_value_is_empty)
{
    struct query query = {.count = 0};

    add_parameter(&query, "a", NULL, 7);
    ck_assert_str_eq(query_find(&query, "a")->value, "");
    ck_assert_uint_eq(query_find(&query, "a")->length, 0);
}
END_TEST

START_TEST(there_is_room_for_so_many)
{
    struct query query = {.count = 0};

    for (int i = 0; i < QUERY_MAX_PARAMETERS; i++)
        add_parameter(&query, "a", "b", 1);
    ck_assert_int_eq(query_add(&query, "a", "b", 1), -E2BIG);
    ck_assert_uint_eq(query.count, QUERY_MAX_PARAMETERS);
}
END_TEST

START_TEST(unknown_and_repeated_parameters_are_refused)
{
    static const char *const allowed[] = {"from", "+match", "to", NULL};
    static const char *const none[] = {NULL};
    struct query good = QUERY("match", "a", "from", "1", "match", "b", "to", "2");
    struct query unknown = QUERY("from", "1", "form", "2");
    struct query plus = QUERY("+match", "1");
    struct query twice = QUERY("from", "1", "to", "1", "from", "1");
    struct query empty = {.count = 0};
    struct problem problem;

    ck_assert_int_eq(query_check(&good, allowed, &problem), 0);
    ck_assert_int_eq(query_check(&empty, allowed, &problem), 0);
    ck_assert_int_eq(query_check(&empty, none, &problem), 0);
    ck_assert_int_eq(query_check(&unknown, allowed, &problem), -EINVAL);
    expect_problem(&problem, NULL, "unknown parameter \"form\"; allowed here: from, match, to");
    ck_assert_int_eq(query_check(&unknown, none, &problem), -EINVAL);
    expect_problem(&problem, NULL, "allowed here: none");
    ck_assert_int_eq(query_check(&plus, allowed, &problem), -EINVAL);
    ck_assert_int_eq(query_check(&twice, allowed, &problem), -EINVAL);
    expect_problem(&problem, "from", "from is given more than once");
}
END_TEST

START_TEST(a_problem_is_of_bounded_length)
{
    static const char *const allowed[] = {"from", NULL};
    char name[2000];
    struct query query;
    struct problem problem;

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    query = QUERY(name, "1");
    ck_assert_int_eq(query_check(&query, allowed, &problem), -EINVAL);
    expect_problem(&problem, NULL, "x\"; allowed here: from");
    ck_assert_uint_lt(strlen(problem.detail), 120);
    query = QUERY("from", name);
    ck_assert_int_eq(query_time(&query, "from", 0, &(int64_t){0}, &problem), -EINVAL);
    ck_assert_uint_lt(strlen(problem.detail), PROBLEM_DETAIL_BYTES - 1);
    expect_problem(&problem, "from", "Unix milliseconds");
}
END_TEST

START_TEST(an_absent_parameter_leaves_what_was_there)
{
    static const char *const choices[] = {"a", "b"};
    struct query query = {.count = 0};
    int64_t time = 7, duration = 8;
    uint64_t number = 9;
    size_t choice = 10;
    struct problem problem;

    ck_assert_int_eq(query_time(&query, "x", 1000, &time, &problem), 0);
    ck_assert_int_eq(query_duration(&query, "x", 1, 2, &duration, &problem), 0);
    ck_assert_int_eq(query_number(&query, "x", 1, 2, &number, &problem), 0);
    ck_assert_int_eq(query_choice(&query, "x", choices, 2, &choice, &problem), 0);
    ck_assert_int_eq(time, 7);
    ck_assert_int_eq(duration, 8);
    ck_assert_uint_eq(number, 9);
    ck_assert_uint_eq(choice, 10);
}
END_TEST

START_TEST(times)
{
    struct query query = QUERY("from", "-1m", "to", "yesterday");
    struct problem problem;
    int64_t ms = 5;

    ck_assert_int_eq(query_time(&query, "from", 100000, &ms, &problem), 0);
    ck_assert_int_eq(ms, 40000);
    ck_assert_int_eq(query_time(&query, "to", 100000, &ms, &problem), -EINVAL);
    ck_assert_int_eq(ms, 40000);
    expect_problem(&problem, "to", "\"yesterday\" is not a time; allowed: RFC 3339");
}
END_TEST

START_TEST(durations_in_a_range)
{
    static const struct {
        const char *value;
        int64_t ms; /* 0: refused */
    } cases[] = {{"100ms", 100}, {"99ms", 0}, {"60s", 60000}, {"1m", 60000},
                 {"60001ms", 0}, {"5", 0},    {"", 0},        {"1s1", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query query = QUERY("every", cases[i].value);
        struct problem problem;
        int64_t ms = 0;
        int result = query_duration(&query, "every", 100, 60000, &ms, &problem);

        ck_assert_int_eq(result, cases[i].ms == 0 ? -EINVAL : 0);
        ck_assert_int_eq(ms, cases[i].ms);
        if (result < 0)
            expect_problem(&problem, "every", "from 100 ms to 60 s");
    }
}
END_TEST

START_TEST(numbers_in_a_range)
{
    static const struct {
        const char *value;
        uint64_t number; /* 0: refused */
    } cases[] = {{"1", 1},   {"10000", 10000},
                 {"0", 0},   {"10001", 0},
                 {"-1", 0},  {"", 0},
                 {"1.0", 0}, {"1e3", 0},
                 {" 1", 0},  {"1 ", 0},
                 {"+1", 0},  {"0x1", 0},
                 {"007", 7}, {"18446744073709551617", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query query = QUERY("points", cases[i].value);
        struct problem problem;
        uint64_t number = 0;
        int result = query_number(&query, "points", 1, 10000, &number, &problem);

        ck_assert_msg(result == (cases[i].number == 0 ? -EINVAL : 0), "%s", cases[i].value);
        ck_assert_uint_eq(number, cases[i].number);
        if (result < 0)
            expect_problem(&problem, "points", "is not a whole number from 1 to 10000");
    }
}
END_TEST

START_TEST(choices_by_name)
{
    static const char *const choices[] = {"json", "value"};
    struct query query = QUERY("format", "value", "other", "valu", "long", "values", "none", "");
    struct problem problem;
    size_t choice = 7;

    ck_assert_int_eq(query_choice(&query, "format", choices, 2, &choice, &problem), 0);
    ck_assert_uint_eq(choice, 1);
    ck_assert_int_eq(query_choice(&query, "other", choices, 2, &choice, &problem), -EINVAL);
    expect_problem(&problem, "other", "\"valu\" is not known; allowed: json, value");
    ck_assert_int_eq(query_choice(&query, "long", choices, 2, &choice, &problem), -EINVAL);
    ck_assert_int_eq(query_choice(&query, "none", choices, 2, &choice, &problem), -EINVAL);
    ck_assert_uint_eq(choice, 1);
}
END_TEST

START_TEST(a_zero_byte_is_part_of_the_value)
{
    static const char *const choices[] = {"json"};
    struct query query = {.count = 0};
    struct problem problem;
    uint64_t number = 5;
    int64_t ms = 5;
    size_t choice = 5;

    add_parameter(&query, "n", "12\0", 3);
    add_parameter(&query, "t", "now\0", 4);
    add_parameter(&query, "c", "json\0", 5);
    ck_assert_int_eq(query_number(&query, "n", 0, 100, &number, &problem), -EINVAL);
    ck_assert_int_eq(query_time(&query, "t", 1, &ms, &problem), -EINVAL);
    ck_assert_int_eq(query_choice(&query, "c", choices, 1, &choice, &problem), -EINVAL);
    ck_assert_uint_eq(number, 5);
    ck_assert_int_eq(ms, 5);
    ck_assert_uint_eq(choice, 5);
}
END_TEST

int main(void)
{
    return RUN_TESTS("query", parameters_are_found_by_name, a_parameter_without_a_value_is_empty,
                     there_is_room_for_so_many, unknown_and_repeated_parameters_are_refused,
                     a_problem_is_of_bounded_length, an_absent_parameter_leaves_what_was_there,
                     times, durations_in_a_range, numbers_in_a_range, choices_by_name,
                     a_zero_byte_is_part_of_the_value);
}

#include "daemon/history_query.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/model.h"

#define EPOCH  "0123456789abcdef"
#define NOW_MS INT64_C(1700000000000)

static const struct history_context context = {
    .interval_ms = 1000, .epoch = EPOCH, .last_seq = 100, .now_ms = NOW_MS};

#define QUERY(...) make_query((const char *const[]){__VA_ARGS__, NULL})

static struct history_query parsed(struct query query)
{
    struct history_query result;
    struct problem problem;

    ck_assert_int_eq(history_query_parse(&query, &context, &result, &problem), 0);
    return result;
}

/* Refused with this status for this parameter, and these words among the detail. */
static void expect_refused(struct query query, unsigned status, const char *parameter,
                           const char *words)
{
    struct history_query result;
    struct problem problem;

    ck_assert_int_eq(history_query_parse(&query, &context, &result, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, status);
    ck_assert_str_eq(problem.parameter, parameter);
    ck_assert_msg(strstr(problem.detail, words) != NULL, "%s", problem.detail);
}

START_TEST(without_parameters_it_is_five_minutes)
{
    struct query none = {.count = 0};
    struct history_query query = parsed(none);

    ck_assert(!query.follows && !query.raw);
    ck_assert_int_eq(query.from_ms, NOW_MS - 300000);
    ck_assert_int_eq(query.to_ms, NOW_MS + 1);
    ck_assert_int_eq(query.step_ms, 1000);
    ck_assert(query.wanted[AGGREGATE_AVG]);
    ck_assert(!query.wanted[AGGREGATE_MIN] && !query.wanted[AGGREGATE_LAST]);
    ck_assert_uint_eq(query.quantile_count, 0);
    ck_assert_int_eq(query.format, FORMAT_JSON);
    ck_assert_int_eq(query.digits, JSON_DIGITS_6);
}
END_TEST

START_TEST(columns_are_lists)
{
    struct history_query query = parsed(QUERY("agg", "max,last", "quantile", "0.5,.99,0.999"));

    ck_assert(query.wanted[AGGREGATE_MAX] && query.wanted[AGGREGATE_LAST]);
    ck_assert(!query.wanted[AGGREGATE_AVG]);
    ck_assert_uint_eq(query.quantile_count, 3);
    ck_assert_double_eq(query.quantiles[1].q, 0.99);
    ck_assert_str_eq(query.quantiles[1].name, "quantile_.99");
    ck_assert_str_eq(query.quantiles[2].name, "quantile_0.999");
    /* Quantiles alone are what is wanted. */
    query = parsed(QUERY("quantile", "0.5"));
    for (size_t i = 0; i < AGGREGATE_COUNT; i++)
        ck_assert(!query.wanted[i]);
}
END_TEST

START_TEST(what_is_no_quantile_is_refused)
{
    static const char *const wrong[] = {
        "",     "0",   "1", "1.5",  "-0.5", "0.5,",          ",0.5", "x",      "0.5,0.5",
        "5e-1", "nan", ".", "0.5 ", "0..5", "0.12345678901", "0x.8", "0.5;0.9"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refused(QUERY("quantile", wrong[i]), 400, "quantile", "list of at most 8");
    expect_refused(QUERY("quantile", ".1,.2,.3,.4,.5,.6,.7,.8,.9"), 400, "quantile", "at most 8");
    ck_assert_uint_eq(parsed(QUERY("quantile", ".1,.2,.3,.4,.5,.6,.7,.8")).quantile_count, 8);
}
END_TEST

START_TEST(since_asks_for_ticks)
{
    struct history_query query = parsed(QUERY("since", "7", "points", "20", "wait", "30s"));

    ck_assert(query.follows);
    ck_assert_uint_eq(query.since, 7);
    ck_assert_int_eq(query.wait_ms, 30000);
    ck_assert_uint_eq(query.points, 20);
    ck_assert(query.wanted[AGGREGATE_LAST] && !query.wanted[AGGREGATE_AVG]);
    query = parsed(QUERY("since", EPOCH "-100", "agg", "last"));
    ck_assert_uint_eq(query.since, 100);
    ck_assert_int_eq(query.wait_ms, 0);
    ck_assert(!parsed(QUERY("since", "0", "quantile", "0.5")).wanted[AGGREGATE_LAST]);
}
END_TEST

START_TEST(a_position_is_of_this_ring)
{
    static const char *const wrong[] = {"",        "x",        "-1",    "1-",       EPOCH,
                                        EPOCH "-", EPOCH "-x", "123-4", EPOCH "-1 "};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refused(QUERY("since", wrong[i]), 400, "since", "EPOCH-SEQ");
    expect_refused(QUERY("since", "0123456789abcdee-5"), 410, "since", "another ring");
    expect_refused(QUERY("since", EPOCH "-101"), 410, "since", "last tick 100");
    expect_refused(QUERY("since", "101"), 410, "since", "another ring");
}
END_TEST

START_TEST(since_and_spans_exclude_each_other)
{
    expect_refused(QUERY("since", "5", "from", "-5m"), 400, "from", "excludes");
    expect_refused(QUERY("since", "5", "to", "now"), 400, "to", "excludes");
    expect_refused(QUERY("since", "5", "step", "5s"), 400, "step", "excludes");
    expect_refused(QUERY("since", "5", "agg", "last,avg"), 400, "agg", "only be last");
    expect_refused(QUERY("wait", "5s"), 400, "wait", "needs since");
    expect_refused(QUERY("since", "5", "wait", "61s"), 400, "wait", "60 s");
    expect_refused(QUERY("since", "5", "wait", "999ms"), 400, "wait", "1000 ms");
}
END_TEST

START_TEST(points_raise_the_step)
{
    static const struct {
        const char *from, *points, *step;
        int64_t step_ms;
    } cases[] = {
        {"-10s", "10000", "1s", 1000},    {"-1h", "1000", "1s", 5000},
        {"-10000s", "10000", "1s", 1000}, {"-1d", "1000", "1s", 120000},
        {"-7d", "1000", "1s", 900000},    {"-30d", "1000", "1s", 3600000},
        {"-1m", "1000", "7s", 10000},     {"-1m", "1000", "13h", 86400000},
        {"-40d", "1", "1s", 86400000},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(parsed(QUERY("from", cases[i].from, "to", "now", "points", cases[i].points,
                                      "step", cases[i].step))
                             .step_ms,
                         cases[i].step_ms);
    expect_refused(QUERY("points", "10001"), 400, "points", "from 1 to 10000");
    expect_refused(QUERY("points", "0"), 400, "points", "from 1 to 10000");
    expect_refused(QUERY("from", "now", "to", "-1s"), 400, "from", "not before");
}
END_TEST

/* Whatever the interval, the steps are multiples of it. */
START_TEST(steps_are_multiples_of_the_interval)
{
    static const uint32_t intervals[] = {100, 300, 1000, 2000, 2500, 60000};
    struct query query = QUERY("from", "-15m", "to", "now", "step", "2s");

    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        struct history_context odd = context;
        struct history_query result;
        struct problem problem;

        odd.interval_ms = intervals[i];
        ck_assert_int_eq(history_query_parse(&query, &odd, &result, &problem), 0);
        ck_assert_int_eq(result.step_ms % intervals[i], 0);
        ck_assert_int_ge(result.step_ms, 2000);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("history_query", without_parameters_it_is_five_minutes, columns_are_lists,
                     what_is_no_quantile_is_refused, since_asks_for_ticks,
                     a_position_is_of_this_ring, since_and_spans_exclude_each_other,
                     points_raise_the_step, steps_are_multiples_of_the_interval);
}

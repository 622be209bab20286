/* What is told of the collectors as node_exporter tells of its own. */
#include <errno.h>

#include "daemon/sampler.h"
#include "tests/unit/sampler_bench.h"

static int answers[4]; /* of each collector's sample() */

#define COLLECTOR(index, ...)                                                                      \
    static int sample_##index(void *state, struct sink *sink)                                      \
    {                                                                                              \
        (void)state;                                                                               \
        (void)sink;                                                                                \
        return answers[index];                                                                     \
    }                                                                                              \
    static const struct collector collector_##index = {.name = "c" #index,                         \
                                                       .open = open_made,                          \
                                                       .sample = sample_##index,                   \
                                                       .close = close_made,                        \
                                                       __VA_ARGS__}

static int open_made(const struct collector_roots *roots, void **state)
{
    (void)roots;
    *state = answers;
    return 0;
}

static void close_made(void *state)
{
    (void)state;
}

COLLECTOR(0, .exporter_name = "shared");
COLLECTOR(1, .interval_ms = 0);
COLLECTOR(2, .exporter_name = "shared");
COLLECTOR(3, .interval_ms = 0);

#define SUCCESS  "node_scrape_collector_success"
#define DURATION "node_scrape_collector_duration_seconds"

static void make(struct sampler_bench *bench)
{
    static const struct collector *const collectors[] = {&collector_0, &collector_1, &collector_2,
                                                         &collector_3};

    memset(answers, 0, sizeof answers);
    sampler_bench_make_with(bench, 1000, collectors, 4);
}

static void tick(struct sampler_bench *bench, int count)
{
    for (int i = 0; i < count; i++)
        sampler_bench_tick(bench, 1000);
}

/* The bench's clock starts at a multiple of ten seconds. */
START_TEST(it_is_said_every_ten_seconds)
{
    struct sampler_bench bench;

    make(&bench);
    answers[3] = -ENOENT;
    tick(&bench, 1);
    expect_number(sampler_bench_raw(&bench, SUCCESS, "collector=shared"), 1);
    expect_number(sampler_bench_raw(&bench, SUCCESS, "collector=c1"), 1);
    expect_number(sampler_bench_raw(&bench, SUCCESS, "collector=c3"), 0);
    ck_assert_ptr_null(find_series(bench.follower.catalog, SUCCESS, "collector=c0"));
    ck_assert_uint_eq(
        find_series(bench.follower.catalog, DURATION, "collector=shared")->interval_ms, 10000);
    ck_assert_double_ge(sample_value(sampler_bench_raw(&bench, DURATION, "collector=shared")), 0);
    answers[2] = -EACCES;
    tick(&bench, 8);
    expect_absent(sampler_bench_raw(&bench, SUCCESS, "collector=shared"));
    tick(&bench, 2);
    ck_assert(bench.follower.present.tick.seq == 11);
    expect_number(present_of(&bench.follower.present,
                             find_series(bench.follower.catalog, SUCCESS, "collector=shared"))
                      ->word,
                  0);
    sampler_bench_remove(&bench);
}
END_TEST

/* A virtual machine has CPUs, and nothing that says what throttles them. */
START_TEST(a_name_succeeds_without_what_is_not_there)
{
    struct sampler_bench bench;

    make(&bench);
    answers[2] = -ENOENT;
    tick(&bench, 1);
    expect_number(sampler_bench_raw(&bench, SUCCESS, "collector=shared"), 1);
    answers[0] = -ENOENT;
    tick(&bench, 10);
    expect_number(present_of(&bench.follower.present,
                             find_series(bench.follower.catalog, SUCCESS, "collector=shared"))
                      ->word,
                  0);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(what_is_off_is_not_told_of)
{
    struct sampler_bench bench;
    struct collector_status status;

    make(&bench);
    sampler_switch(bench.sampler, 0, false);
    answers[0] = -EIO;
    tick(&bench, 1);
    expect_number(sampler_bench_raw(&bench, SUCCESS, "collector=shared"), 1);
    sampler_switch(bench.sampler, 1, false);
    tick(&bench, 10);
    ck_assert_uint_eq(present_of(&bench.follower.present,
                                 find_series(bench.follower.catalog, SUCCESS, "collector=c1"))
                          ->word,
                      SAMPLE_ABSENT);
    ck_assert(collector_state_read(&sampler_states(bench.sampler)[1], &status));
    ck_assert_int_eq(status.condition, COLLECTOR_OFF);
    ck_assert_uint_eq(sampler_states(bench.sampler)[1].interval_ms, 1000);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(costs_are_averaged)
{
    struct collector_state state = {.name = "x"};

    collector_state_add_cost(&state, 8000);
    ck_assert_int_eq(state.cost_ns, 8000);
    collector_state_add_cost(&state, 16000);
    ck_assert_int_eq(state.cost_ns, 9000);
    collector_state_add_cost(&state, 1000);
    ck_assert_int_eq(state.cost_ns, 8000);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sampler_report", it_is_said_every_ten_seconds,
                     a_name_succeeds_without_what_is_not_there, what_is_off_is_not_told_of,
                     costs_are_averaged);
}

#include "daemon/shown.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/track_bench.h"

/* A gauge that is the tick's number, a counter that is its square, one of ten ticks' interval. */
static void make_ticks(struct track_bench *bench, uint64_t count)
{
    uint32_t slow = model_declare(&bench->model, "slow", "", 0, 10 * MODEL_INTERVAL_MS);

    for (uint64_t seq = 1; seq <= count; seq++) {
        model_begin(&bench->model, MODEL_INTERVAL_MS, seq == 5 ? TICK_LATE : 0);
        model_put(&bench->model, "gauge", "", (double)seq);
        model_put(&bench->model, "square_total", "", (double)(seq * seq));
        if (seq % 10 == 1)
            model_set(&bench->model, slow, (double)seq);
        model_end(&bench->model);
        ck_assert(follower_advance(&bench->follower));
    }
}

static void expect_shown(struct track_bench *bench, const struct shown_rule *rule, uint64_t seq,
                         uint32_t flags, const double wanted[3])
{
    static const char *const names[] = {"gauge", "square_total", "slow"};
    const struct series *series[3];
    const struct selection selection = {.series = series, .count = 3};
    struct tick tick;
    uint64_t words[3];

    for (size_t i = 0; i < 3; i++)
        series[i] = model_find(&bench->model, names[i], "");
    ck_assert_int_eq(shown_read(rule, &bench->follower, &selection, &tick, words), 0);
    ck_assert_uint_eq(tick.seq, seq);
    ck_assert_uint_eq(tick.flags, flags);
    for (size_t i = 0; i < 3; i++) {
        if (isnan(wanted[i]))
            expect_absent(words[i]);
        else
            expect_near(words[i], wanted[i]);
    }
}

START_TEST(every_tick_shows_the_present)
{
    struct track_bench bench;

    track_bench_make(&bench);
    make_ticks(&bench, 8);
    expect_shown(&bench, &(struct shown_rule){.every = 1}, 8, 0, (const double[]){8, 15, 1});
    expect_shown(&bench, &(struct shown_rule){.every = 1, .raw = true}, 8, 0,
                 (const double[]){8, 64, 1});
    track_bench_remove(&bench);
}
END_TEST

/* Of ticks 5 to 8: the mean, the rate from 4 to 8, and what has no value keeps its last one. */
START_TEST(a_span_shows_what_happened_in_it)
{
    struct track_bench bench;

    track_bench_make(&bench);
    make_ticks(&bench, 11);
    expect_shown(&bench, &(struct shown_rule){.every = 4}, 8, TICK_LATE,
                 (const double[]){6.5, 12, 11});
    expect_shown(&bench, &(struct shown_rule){.every = 4, .raw = true}, 8, TICK_LATE,
                 (const double[]){6.5, 64, 11});
    expect_shown(&bench, &(struct shown_rule){.every = 12}, 0, 0, (const double[]){NAN, NAN, NAN});
    track_bench_remove(&bench);
}
END_TEST

START_TEST(spans_are_bounded)
{
    const struct shown_rule all = {.every = 1}, long_span = {.every = 250};
    struct problem problem;

    ck_assert_int_eq(shown_check(&all, 1000000, &problem), 0);
    ck_assert_int_eq(shown_check(&long_span, 400, &problem), 0);
    ck_assert_int_lt(shown_check(&long_span, 401, &problem), 0);
    ck_assert_int_eq(problem.status, 400);
    ck_assert_ptr_nonnull(strstr(problem.detail, "401 series over 250 ticks"));
}
END_TEST

START_TEST(ticks_are_multiples)
{
    const struct shown_rule all = {.every = 1}, tens = {.every = 10};

    ck_assert_uint_eq(shown_next(&all, 7), 8);
    ck_assert_uint_eq(shown_next(&tens, 7), 10);
    ck_assert_uint_eq(shown_next(&tens, 10), 20);
}
END_TEST

int main(void)
{
    return RUN_TESTS("shown", every_tick_shows_the_present, a_span_shows_what_happened_in_it,
                     spans_are_bounded, ticks_are_multiples);
}

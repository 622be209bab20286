#include "daemon/rate.h"

#include "tests/unit/model.h"

/* One tick of a series: what is seen of it and what its rate is then. */
struct step {
    int64_t mono_ms;
    double value;  /* NAN: see word */
    uint64_t word; /* where not 0: this instead of the value */
    uint32_t flags;
    double rate; /* NAN: none */
};

static const struct rate_rule each_tick = {.every_tick = true};
static const struct rate_rule now_and_then = {.every_tick = false};
/* A count of milliseconds in 32 bits, of which at most 1 s passes in a second. */
static const struct rate_rule wrapping = {
    .every_tick = true, .wraps_at = 4294967.296, .rate_max = 1};

static void follow(const struct step *steps, size_t count, const struct rate_rule *rule)
{
    struct rate_baseline baseline = RATE_NO_BASELINE;

    for (size_t i = 0; i < count; i++) {
        const struct tick tick = {
            .seq = i + 1, .mono_ns = steps[i].mono_ms * NS_PER_MS, .flags = steps[i].flags};
        uint64_t word = steps[i].word != 0 ? steps[i].word : sample_word(steps[i].value);
        uint64_t rate = rate_step(&baseline, &tick, word, rule);

        if (isnan(steps[i].rate))
            ck_assert_msg(sample_is_absent(rate), "step %zu: %g", i, sample_value(rate));
        else
            ck_assert_msg(rate == sample_word(steps[i].rate), "step %zu: %g, not %g", i,
                          sample_value(rate), steps[i].rate);
    }
}

#define FOLLOW(steps, rule) follow((steps), sizeof(steps) / sizeof *(steps), (rule))

START_TEST(first_has_none_and_then_delta_over_time)
{
    static const struct step steps[] = {
        {1000, 500, 0, 0, NAN},  {2000, 510, 0, 0, 10}, /* 10 / 1 s */
        {3000, 510, 0, 0, 0},                           /* nothing happened, which is a value */
        {5500, 515, 0, 0, 2},                           /* a late tick: 5 / 2.5 s */
        {5750, 516, 0, 0, 4},                           /* and the early one after it: 1 / 0.25 s */
        {6750, 516.5, 0, 0, .5},
    };

    FOLLOW(steps, &each_tick);
    FOLLOW(steps, &now_and_then);
}
END_TEST

START_TEST(time_is_measured_to_the_nanosecond)
{
    struct rate_baseline baseline = RATE_NO_BASELINE;
    struct tick tick = {.seq = 1, .mono_ns = 1};

    expect_absent(rate_step(&baseline, &tick, sample_word(0), &each_tick));
    tick.mono_ns = 4;
    expect_number(rate_step(&baseline, &tick, sample_word(6), &each_tick), 6 / (3 / 1e9));
}
END_TEST

START_TEST(a_decrease_is_a_reset)
{
    static const struct step steps[] = {
        {1000, 500, 0, 0, NAN},    {2000, 600, 0, 0, 100},
        {3000, 10, 0, 0, NAN},     {4000, 30, 0, 0, 20}, /* from the value after the reset */
        {5000, 29.999, 0, 0, NAN}, {6000, 30.999, 0, 0, 1},
    };

    FOLLOW(steps, &each_tick);
    FOLLOW(steps, &now_and_then);
}
END_TEST

START_TEST(a_step_back_of_a_counter_that_cannot_wrap_is_a_reset)
{
    static const struct step steps[] = {
        {1000, 4294967290., 0, 0, NAN}, {2000, 4294967295., 0, 0, 5}, {3000, 4, 0, 0, NAN}};

    FOLLOW(steps, &each_tick);
}
END_TEST

START_TEST(a_wrap_within_the_highest_rate_is_bridged)
{
    static const struct step steps[] = {
        {1000, 4294966.5, 0, 0, NAN},
        {2000, 4294967, 0, 0, .5},
        {3000, .204, 0, 0, .5}, /* 0.296 up to the wrap, 0.204 from 0 */
        {4000, .704, 0, 0, .5},
    };
    static const struct step late[] = {
        {1000, 4294966.296, 0, 0, NAN}, {5000, 1, 0, 0, .5}, /* 2 s in 4 s */
    };

    FOLLOW(steps, &wrapping);
    FOLLOW(late, &wrapping);
}
END_TEST

START_TEST(what_only_looks_like_a_wrap_is_a_reset)
{
    static const struct step too_fast[] = {{1000, 4294967, 0, 0, NAN}, {2000, .8, 0, 0, NAN}};
    /* After so long it could have come round, but as well have begun anew. */
    static const struct step lower_half[] = {{1000, 2147483, 0, 0, NAN},
                                             {2147486000, 0, 0, 0, NAN}};
    static const struct step beyond[] = {{1000, 4294968, 0, 0, NAN}, {2000, 1, 0, 0, NAN}};

    FOLLOW(too_fast, &wrapping);
    FOLLOW(lower_half, &wrapping);
    FOLLOW(beyond, &wrapping);
}
END_TEST

START_TEST(not_a_number_gives_no_rate)
{
    static const struct step steps[] = {
        {1000, 1, 0, 0, NAN},
        {2000, 0, SAMPLE_NAN, 0, NAN},
        {3000, 3, 0, 0, NAN},
        {4000, 5, 0, 0, 2},
    };
    static const struct step infinite[] = {
        {1000, INFINITY, 0, 0, NAN}, {2000, INFINITY, 0, 0, NAN}, {3000, 1, 0, 0, NAN}};

    FOLLOW(steps, &each_tick);
    FOLLOW(infinite, &each_tick);
}
END_TEST

START_TEST(suspend_and_boot_begin_anew)
{
    static const struct step steps[] = {
        {1000, 10, 0, 0, NAN},
        {2000, 20, 0, 0, 10},
        {3000, 40, 0, TICK_RESUMED, NAN},
        {4000, 41, 0, 0, 1},
        {5000, 99, 0, TICK_BOOT, NAN},
        {6000, 99, 0, 0, 0},
        /* What is merely odd about a tick's time costs nothing: MONOTONIC tells how long it was. */
        {8000, 105, 0, TICK_GAP_BEFORE, 3},
        {9000, 106, 0, TICK_CLOCK_STEP, 1},
        {9500, 107, 0, TICK_LATE, 2},
        {10000, 108, 0, TICK_RESTART, 2},
    };

    FOLLOW(steps, &each_tick);
    FOLLOW(steps, &now_and_then);
}
END_TEST

START_TEST(absence_ends_a_series_of_every_tick)
{
    static const struct step steps[] = {
        {1000, 10, 0, 0, NAN}, {2000, 20, 0, 0, 10}, {3000, 0, SAMPLE_ABSENT, 0, NAN},
        {4000, 40, 0, 0, NAN}, {5000, 45, 0, 0, 5},
    };

    FOLLOW(steps, &each_tick);
}
END_TEST

START_TEST(absence_between_ticks_of_a_longer_interval_is_bridged)
{
    static const struct step steps[] = {
        {1000, 10, 0, 0, NAN},
        {2000, 0, SAMPLE_ABSENT, 0, NAN},
        {3000, 0, SAMPLE_ABSENT, 0, NAN},
        {4000, 40, 0, 0, 10},                        /* 30 / 3 s */
        {5000, 0, SAMPLE_ABSENT, TICK_RESUMED, NAN}, /* asleep between two values */
        {6000, 50, 0, 0, NAN},
    };

    FOLLOW(steps, &now_and_then);
}
END_TEST

/* The device went away, and another of its name came: nothing joins the two. */
START_TEST(what_has_gone_is_joined_to_nothing)
{
    static const struct step steps[] = {
        {1000, 10, 0, 0, NAN},          {2000, 0, SAMPLE_ABSENT, 0, NAN}, {3000, 50, 0, 0, 20},
        {4000, 0, SAMPLE_GONE, 0, NAN}, {5000, 500, 0, 0, NAN},           {6000, 510, 0, 0, 10},
    };

    FOLLOW(steps, &now_and_then);
}
END_TEST

START_TEST(time_that_stands_still_gives_no_rate)
{
    static const struct step steps[] = {
        {2000, 10, 0, 0, NAN}, {2000, 20, 0, 0, NAN}, {1000, 30, 0, 0, NAN}, {2000, 31, 0, 0, 1}};

    FOLLOW(steps, &each_tick);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "rate", first_has_none_and_then_delta_over_time, time_is_measured_to_the_nanosecond,
        a_decrease_is_a_reset, a_step_back_of_a_counter_that_cannot_wrap_is_a_reset,
        a_wrap_within_the_highest_rate_is_bridged, what_only_looks_like_a_wrap_is_a_reset,
        not_a_number_gives_no_rate, suspend_and_boot_begin_anew,
        absence_ends_a_series_of_every_tick, absence_between_ticks_of_a_longer_interval_is_bridged,
        what_has_gone_is_joined_to_nothing, time_that_stands_still_gives_no_rate);
}

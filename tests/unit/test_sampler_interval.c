/* When collectors are sampled: at each tick, at intervals of their own, again, or no longer. */
#include "daemon/sampler.h"

#include <errno.h>

#include "tests/unit/sampler_bench.h"

/* What the collector below was told and is to answer; the only one of its kind in this program. */
static struct {
    int opened, closed, sampled;
    int open_result, sample_result;
    bool silent; /* writes nothing */
    bool drops;  /* says that what it shows has gone */
    uint32_t interval_ms;
    int64_t real_ns, mono_ns;
    struct sink_series series;
} script;

static const struct metric sampled = {
    .name = "sampled_total", .unit = "", .help = "", .kind = METRIC_COUNTER, .cumulative = true};

static int open_scripted(const struct collector_roots *roots, void **state)
{
    (void)roots;
    script.opened++;
    if (script.open_result == 0)
        *state = &script;
    return script.open_result;
}

static int sample_scripted(void *state, struct sink *sink)
{
    ck_assert_ptr_eq(state, &script);
    script.sampled++;
    script.interval_ms = sink->interval_ms;
    script.real_ns = sink->real_ns;
    script.mono_ns = sink->mono_ns;
    if (script.drops)
        sink_drop(sink, &script.series);
    else if (!script.silent && script.sample_result >= 0)
        sink_put(sink, &script.series, &sampled, NULL, 0, 0, script.sampled);
    return script.sample_result;
}

static void close_scripted(void *state)
{
    script.closed += state != NULL;
}

static const struct collector each_tick = {
    .name = "each_tick", .open = open_scripted, .sample = sample_scripted, .close = close_scripted};
static const struct collector each_ten_seconds = {.name = "each_ten_seconds",
                                                  .interval_ms = 10000,
                                                  .open = open_scripted,
                                                  .sample = sample_scripted,
                                                  .close = close_scripted};

/* The bench's clock starts at a multiple of ten seconds. */
static void make(struct sampler_bench *bench, const struct collector *collector, uint32_t tick_ms)
{
    memset(&script, 0, sizeof script);
    sampler_bench_make_with(bench, tick_ms, (const struct collector *const[]){collector}, 1);
}

/* Ticks of this distance; how often the collector was sampled in each, as 1, 0, 1… */
static void expect_sampled(struct sampler_bench *bench, int64_t after_ms, const char *wanted)
{
    for (size_t i = 0; wanted[i]; i++) {
        int before = script.sampled;

        sampler_bench_tick(bench, after_ms);
        ck_assert_msg(script.sampled - before == wanted[i] - '0', "tick %zu of %s", i, wanted);
    }
}

START_TEST(without_an_interval_it_is_each_tick)
{
    struct sampler_bench bench;

    make(&bench, &each_tick, 500);
    expect_sampled(&bench, 500, "1111");
    ck_assert_int_eq(script.opened, 1);
    ck_assert_uint_eq(script.interval_ms, 500);
    ck_assert_int_eq(script.real_ns, bench.clock.real_ns);
    ck_assert_int_eq(script.mono_ns, bench.clock.mono_ns);
    sampler_bench_remove(&bench);
    ck_assert_int_eq(script.closed, 1);
}
END_TEST

START_TEST(an_interval_is_aligned_to_the_wall_clock)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    bench.clock.real_ns += 6 * NS_PER_SECOND;
    expect_sampled(&bench, 1000, "10010000000001000"); /* at once, at :10, at :20 */
    ck_assert_uint_eq(script.interval_ms, 10000);
    /* Several of its slots were missed: it is due once. */
    expect_sampled(&bench, 35000, "1");
    expect_sampled(&bench, 1000, "010");
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(a_tick_longer_than_the_interval_is_the_interval)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 60000);
    expect_sampled(&bench, 60000, "1111");
    ck_assert_uint_eq(script.interval_ms, 60000);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(a_clock_that_is_set_back_is_a_new_slot)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    expect_sampled(&bench, 1000, "1000");
    bench.clock.real_ns -= 3600 * NS_PER_SECOND;
    expect_sampled(&bench, 1000, "1000");
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(more_to_come_is_asked_for_at_the_next_tick)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    script.sample_result = COLLECTOR_AGAIN;
    expect_sampled(&bench, 1000, "111");
    script.sample_result = 0;
    expect_sampled(&bench, 1000, "1000001000");
    sampler_bench_remove(&bench);
}
END_TEST

/* Shown until it has had none for two of its intervals; its rate is over its own time. */
START_TEST(a_value_of_a_longer_interval_is_kept_between)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    sampler_bench_tick(&bench, 0);
    expect_absent(sampler_bench_rate(&bench, "sampled_total", ""));
    for (int i = 0; i < 9; i++) {
        sampler_bench_tick(&bench, 1000);
        expect_absent(sampler_bench_raw(&bench, "sampled_total", ""));
    }
    for (int i = 0; i < 10; i++) {
        sampler_bench_tick(&bench, 1000);
        expect_number(sampler_bench_rate(&bench, "sampled_total", ""), .1);
    }
    script.silent = true;
    for (int i = 0; i < 10; i++) {
        sampler_bench_tick(&bench, 1000);
        expect_number(sampler_bench_rate(&bench, "sampled_total", ""), .1);
    }
    sampler_bench_tick(&bench, 1000);
    expect_absent(sampler_bench_rate(&bench, "sampled_total", ""));
    sampler_bench_remove(&bench);
}
END_TEST

/* A mount that healed, an interface that is named otherwise: its last value is none any more. */
START_TEST(what_has_gone_is_not_kept)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    sampler_bench_tick(&bench, 0);
    sampler_bench_tick(&bench, 10000);
    expect_number(sampler_bench_rate(&bench, "sampled_total", ""), .1);
    script.drops = true;
    sampler_bench_tick(&bench, 10000);
    expect_absent(sampler_bench_rate(&bench, "sampled_total", ""));
    ck_assert_uint_eq(sampler_bench_raw(&bench, "sampled_total", ""), SAMPLE_GONE);
    /* What comes back is another: no rate joins the two. */
    script.drops = false;
    sampler_bench_tick(&bench, 10000);
    expect_number(sampler_bench_raw(&bench, "sampled_total", ""), 4);
    expect_absent(sampler_bench_rate(&bench, "sampled_total", ""));
    sampler_bench_tick(&bench, 10000);
    expect_number(sampler_bench_rate(&bench, "sampled_total", ""), .1);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(what_the_kernel_has_switched_off_is_opened_anew_after_a_minute)
{
    struct sampler_bench bench;

    make(&bench, &each_tick, 1000);
    script.sample_result = -EOPNOTSUPP;
    expect_sampled(&bench, 1000, "100");
    ck_assert_int_eq(script.closed, 1);
    expect_sampled(&bench, 57000, "0");
    script.sample_result = 0;
    expect_sampled(&bench, 1000, "11");
    ck_assert_int_eq(script.opened, 2);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(what_is_not_there_is_looked_for_after_a_minute)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    script.open_result = -ENOENT;
    expect_sampled(&bench, 1000, "00000000000000000000");
    ck_assert_int_eq(script.opened, 1);
    script.open_result = 0;
    expect_sampled(&bench, 41000, "1");
    ck_assert_int_eq(script.opened, 2);
    sampler_bench_remove(&bench);
}
END_TEST

static enum collector_condition condition_of(const struct sampler_bench *bench)
{
    struct collector_status status;

    ck_assert(collector_state_read(&sampler_states(bench->sampler)[0], &status));
    return status.condition;
}

/* Rounds that end in trouble begin well all the same. */
START_TEST(trouble_lasts_until_a_round_ends_well)
{
    struct sampler_bench bench;

    make(&bench, &each_ten_seconds, 1000);
    bench.clock.real_ns += 9 * NS_PER_SECOND;
    for (int round = 0; round < 3; round++) {
        script.sample_result = COLLECTOR_AGAIN;
        expect_sampled(&bench, 1000, "1");
        ck_assert_int_eq(condition_of(&bench), round == 0 ? COLLECTOR_RUNNING : COLLECTOR_DENIED);
        script.sample_result = -EACCES;
        expect_sampled(&bench, 1000, "100000000");
        ck_assert_int_eq(condition_of(&bench), COLLECTOR_DENIED);
    }
    script.sample_result = COLLECTOR_AGAIN;
    expect_sampled(&bench, 1000, "1");
    script.sample_result = 0;
    expect_sampled(&bench, 1000, "1");
    ck_assert_int_eq(condition_of(&bench), COLLECTOR_RUNNING);
    /* Of rounds that do not end it is not known. */
    script.sample_result = -EACCES;
    expect_sampled(&bench, 9000, "1");
    script.sample_result = COLLECTOR_AGAIN;
    expect_sampled(&bench, 10000, "11");
    ck_assert_int_eq(condition_of(&bench), COLLECTOR_RUNNING);
    sampler_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "sampler_interval", without_an_interval_it_is_each_tick,
        an_interval_is_aligned_to_the_wall_clock, a_tick_longer_than_the_interval_is_the_interval,
        a_clock_that_is_set_back_is_a_new_slot, more_to_come_is_asked_for_at_the_next_tick,
        a_value_of_a_longer_interval_is_kept_between, what_has_gone_is_not_kept,
        what_the_kernel_has_switched_off_is_opened_anew_after_a_minute,
        what_is_not_there_is_looked_for_after_a_minute, trouble_lasts_until_a_round_ends_well);
}

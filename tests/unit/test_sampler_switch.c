/* Collectors that are switched off and on, and what is told of each. */
#include <errno.h>
#include <stdio.h>

#include "daemon/sampler.h"
#include "tests/unit/sampler_bench.h"

/* What the collectors below were told and are to answer. */
static struct script {
    int opened, closed;
    int open_result, sample_result;
    double value;
    bool is_open;
} scripts[2];

static const struct metric first_metric = {
    .name = "first_total", .unit = "", .help = "", .kind = METRIC_COUNTER, .cumulative = true};
static const struct metric second_metric = {
    .name = "second", .unit = "", .help = "", .kind = METRIC_GAUGE};

struct state {
    struct sink_series one, other;
};

static struct state states[2];

static int open_scripted(struct script *script, struct state *own, void **state)
{
    script->opened++;
    ck_assert(!script->is_open);
    if (script->open_result < 0)
        return script->open_result;
    script->is_open = true;
    *own = (struct state){0};
    *state = own;
    return 0;
}

static void close_scripted(struct script *script, void *state)
{
    if (!state)
        return;
    ck_assert(script->is_open);
    script->is_open = false;
    script->closed++;
}

static int open_first(const struct collector_roots *roots, void **state)
{
    (void)roots;
    return open_scripted(&scripts[0], &states[0], state);
}

static int open_second(const struct collector_roots *roots, void **state)
{
    (void)roots;
    return open_scripted(&scripts[1], &states[1], state);
}

static int sample_first(void *arg, struct sink *sink)
{
    static const struct label label = {"device", "sda"};
    struct state *state = arg;

    sink_put(sink, &state->one, &first_metric, NULL, 0, 0, scripts[0].value);
    sink_put(sink, &state->other, &first_metric, &label, 1, 0, 2 * scripts[0].value);
    return scripts[0].sample_result;
}

static int sample_second(void *arg, struct sink *sink)
{
    struct state *state = arg;

    if (scripts[1].sample_result >= 0)
        sink_put(sink, &state->one, &second_metric, NULL, 0, 0, scripts[1].value);
    return scripts[1].sample_result;
}

static void close_first(void *state)
{
    close_scripted(&scripts[0], state);
}

static void close_second(void *state)
{
    close_scripted(&scripts[1], state);
}

enum { FIRST, SECOND };
static const struct collector first = {
    .name = "first", .open = open_first, .sample = sample_first, .close = close_first};
static const struct collector second = {.name = "second",
                                        .interval_ms = 10000,
                                        .open = open_second,
                                        .sample = sample_second,
                                        .close = close_second};

static void make(struct sampler_bench *bench)
{
    memset(scripts, 0, sizeof scripts);
    sampler_bench_make_with(bench, 1000, (const struct collector *const[]){&first, &second}, 2);
}

static void tick(struct sampler_bench *bench)
{
    scripts[0].value += 5;
    scripts[1].value++;
    sampler_bench_tick(bench, 1000);
}

static uint64_t shown(const struct sampler_bench *bench, const char *name, const char *labels)
{
    const struct series *series = find_series(bench->follower.catalog, name, labels);

    ck_assert_ptr_nonnull(series);
    return present_shown(&bench->follower.present, series);
}

static void expect_state(const struct sampler_bench *bench, size_t index,
                         enum collector_condition condition, int error, int64_t since_ms)
{
    const struct collector_state *state = &sampler_states(bench->sampler)[index];
    struct collector_status status;

    ck_assert(collector_state_read(state, &status));
    ck_assert_str_eq(state->name, index == FIRST ? "first" : "second");
    ck_assert_int_eq(status.condition, condition);
    ck_assert_int_eq(status.error, error);
    ck_assert_int_eq(status.since_ms, since_ms);
}

static int64_t now_ms(const struct sampler_bench *bench)
{
    return bench->clock.real_ns / NS_PER_MS;
}

START_TEST(off_it_is_closed_and_its_series_go)
{
    struct sampler_bench bench;
    int64_t opened_ms;

    make(&bench);
    tick(&bench);
    opened_ms = now_ms(&bench);
    tick(&bench);
    expect_number(shown(&bench, "first_total", ""), 5);
    expect_number(shown(&bench, "second", ""), 1);
    sampler_switch(bench.sampler, FIRST, false);
    ck_assert_int_eq(scripts[0].closed, 1);
    tick(&bench);
    ck_assert_uint_eq(sampler_bench_raw(&bench, "first_total", ""), SAMPLE_GONE);
    ck_assert_uint_eq(sampler_bench_raw(&bench, "first_total", "device=sda"), SAMPLE_GONE);
    expect_absent(shown(&bench, "first_total", ""));
    /* The other goes on, and is kept between its own ticks. */
    expect_number(shown(&bench, "second", ""), 1);
    expect_state(&bench, SECOND, COLLECTOR_RUNNING, 0, opened_ms);
    for (int i = 0; i < 10; i++)
        tick(&bench);
    expect_absent(sampler_bench_raw(&bench, "first_total", ""));
    ck_assert_uint_ne(shown(&bench, "second", ""), sample_word(1));
    ck_assert_int_eq(scripts[0].opened, 1);
    sampler_bench_remove(&bench);
    ck_assert_int_eq(scripts[0].closed, 1);
    ck_assert_int_eq(scripts[1].closed, 1);
}
END_TEST

START_TEST(its_series_end_when_the_head_has_passed)
{
    struct sampler_bench bench;
    size_t count;

    make(&bench);
    tick(&bench);
    count = bench.follower.catalog->count;
    sampler_switch(bench.sampler, FIRST, false);
    for (int i = 0; i < HISTORY_HEAD_TICKS + 2; i++)
        tick(&bench);
    ck_assert_ptr_null(find_series(bench.follower.catalog, "first_total", ""));
    ck_assert_uint_eq(bench.follower.catalog->count, count - 2);
    sampler_switch(bench.sampler, FIRST, true);
    tick(&bench);
    ck_assert_uint_eq(bench.follower.catalog->count, count);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(on_it_is_opened_at_the_next_tick)
{
    struct sampler_bench bench;
    uint32_t id;

    make(&bench);
    sampler_switch(bench.sampler, SECOND, false);
    expect_state(&bench, SECOND, COLLECTOR_OFF, 0, now_ms(&bench));
    tick(&bench);
    tick(&bench);
    ck_assert_int_eq(scripts[1].opened, 0);
    ck_assert_ptr_null(find_series(bench.follower.catalog, "second", ""));
    sampler_switch(bench.sampler, SECOND, true);
    ck_assert_int_eq(scripts[1].opened, 0);
    expect_state(&bench, SECOND, COLLECTOR_OFF, 0, now_ms(&bench) - 2000);
    /* At once, not at the next slot of its ten seconds. */
    tick(&bench);
    ck_assert_int_eq(scripts[1].opened, 1);
    expect_number(shown(&bench, "second", ""), 3);
    expect_state(&bench, SECOND, COLLECTOR_RUNNING, 0, now_ms(&bench));
    id = find_series(bench.follower.catalog, "second", "")->id;
    /* And back while rows still have it: the same series. */
    sampler_switch(bench.sampler, SECOND, false);
    tick(&bench);
    expect_absent(shown(&bench, "second", ""));
    sampler_switch(bench.sampler, SECOND, true);
    tick(&bench);
    expect_number(shown(&bench, "second", ""), 5);
    ck_assert_uint_eq(find_series(bench.follower.catalog, "second", "")->id, id);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(off_and_on_between_two_ticks_it_never_went)
{
    struct sampler_bench bench;

    make(&bench);
    tick(&bench);
    tick(&bench);
    sampler_switch(bench.sampler, FIRST, false);
    sampler_switch(bench.sampler, FIRST, true);
    ck_assert_int_eq(scripts[0].closed, 1);
    tick(&bench);
    ck_assert_int_eq(scripts[0].opened, 2);
    expect_number(sampler_bench_raw(&bench, "first_total", "device=sda"), 30);
    expect_number(sampler_bench_rate(&bench, "first_total", "device=sda"), 10);
    for (int i = 0; i < HISTORY_HEAD_TICKS + 2; i++)
        tick(&bench);
    ck_assert_ptr_nonnull(find_series(bench.follower.catalog, "first_total", ""));
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(switching_to_what_it_is_changes_nothing)
{
    struct sampler_bench bench;

    make(&bench);
    sampler_switch(bench.sampler, FIRST, true);
    tick(&bench);
    sampler_switch(bench.sampler, FIRST, true);
    tick(&bench);
    ck_assert_int_eq(scripts[0].opened, 1);
    ck_assert_int_eq(scripts[0].closed, 0);
    sampler_switch(bench.sampler, FIRST, false);
    tick(&bench);
    sampler_switch(bench.sampler, FIRST, false);
    tick(&bench);
    ck_assert_int_eq(scripts[0].closed, 1);
    expect_state(&bench, FIRST, COLLECTOR_OFF, 0, now_ms(&bench) - 2000);
    sampler_bench_remove(&bench);
}
END_TEST

/* The minute that one which is not there waits begins anew. */
START_TEST(switched_on_again_it_is_looked_for_at_once)
{
    struct sampler_bench bench;

    make(&bench);
    scripts[0].open_result = -ENODEV;
    tick(&bench);
    tick(&bench);
    ck_assert_int_eq(scripts[0].opened, 1);
    sampler_switch(bench.sampler, FIRST, false);
    sampler_switch(bench.sampler, FIRST, true);
    scripts[0].open_result = 0;
    tick(&bench);
    ck_assert_int_eq(scripts[0].opened, 2);
    expect_number(sampler_bench_raw(&bench, "first_total", ""), 15);
    ck_assert_int_eq(scripts[0].closed, 0);
    sampler_bench_remove(&bench);
}
END_TEST

START_TEST(each_state_is_told)
{
    static const struct {
        int open_result, sample_result;
        enum collector_condition condition;
        int error;
    } cases[] = {
        {0, 0, COLLECTOR_RUNNING, 0},
        {0, COLLECTOR_AGAIN, COLLECTOR_RUNNING, 0},
        {-ENOENT, 0, COLLECTOR_ABSENT, 0},
        {-EOPNOTSUPP, 0, COLLECTOR_ABSENT, 0},
        {-ENODEV, 0, COLLECTOR_ABSENT, 0},
        {0, -EOPNOTSUPP, COLLECTOR_ABSENT, 0},
        {-EACCES, 0, COLLECTOR_DENIED, EACCES},
        {0, -EPERM, COLLECTOR_DENIED, EPERM},
        {-EMFILE, 0, COLLECTOR_FAILING, EMFILE},
        {0, -EBADMSG, COLLECTOR_FAILING, EBADMSG},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sampler_bench bench;
        struct collector_status status;
        struct capture capture;

        make(&bench);
        ck_assert(!collector_state_read(&sampler_states(bench.sampler)[SECOND], &status));
        scripts[1].open_result = cases[i].open_result;
        scripts[1].sample_result = cases[i].sample_result;
        capture_begin(&capture, 2);
        tick(&bench);
        tick(&bench);
        free(capture_end(&capture));
        expect_state(&bench, SECOND, cases[i].condition, cases[i].error, now_ms(&bench) - 1000);
        expect_state(&bench, FIRST, COLLECTOR_RUNNING, 0, now_ms(&bench) - 1000);
        sampler_bench_remove(&bench);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("sampler_switch", off_it_is_closed_and_its_series_go,
                     its_series_end_when_the_head_has_passed, on_it_is_opened_at_the_next_tick,
                     off_and_on_between_two_ticks_it_never_went,
                     switching_to_what_it_is_changes_nothing,
                     switched_on_again_it_is_looked_for_at_once, each_state_is_told);
}

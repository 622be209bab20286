#include "daemon/watchdog.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "tests/unit/manager.h"
#include "tests/unit/model.h"

/* The manager waits 40 ms, so the watchdog is due every 10 ms; the clock stands still between. */
#define WAITS_US 40000

struct bench {
    struct manager manager;
    struct model model;
    struct ev_loop *ev;
    struct watchdog watchdog;
    struct clock_reading clock;
    bool turns; /* the HTTP loops do */
    int asked;
};

static struct clock_reading read_clock(void *arg)
{
    return *(const struct clock_reading *)arg;
}

static bool loops_turned(void *arg)
{
    struct bench *bench = arg;

    bench->asked++;
    return bench->turns;
}

static void bench_make(struct bench *bench, int64_t waits_us)
{
    memset(bench, 0, sizeof *bench);
    bench->clock.mono_ns = NS_PER_SECOND;
    bench->turns = true;
    manager_make(&bench->manager, waits_us);
    model_make(&bench->model, 4);
    clock_replace(read_clock, &bench->clock);
    bench->ev = ev_loop_new(EVFLAG_AUTO);
    watchdog_start(&bench->watchdog,
                   &(struct watchdog_options){.ev = bench->ev,
                                              .history = bench->model.history,
                                              .interval_ns = MODEL_INTERVAL_MS * NS_PER_MS,
                                              .loops_turned = loops_turned,
                                              .loops_arg = bench});
}

static void bench_remove(struct bench *bench)
{
    watchdog_stop(&bench->watchdog);
    ck_assert(!ev_run(bench->ev, 0)); /* nothing is left on it */
    ev_loop_destroy(bench->ev);
    clock_replace(NULL, NULL);
    model_remove(&bench->model);
    manager_remove(&bench->manager);
}

static void tick(struct bench *bench)
{
    model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
    model_end(&bench->model);
}

/* So much later it is due: true if it tells that all is well, else it has to log why not. */
static bool is_fed(struct bench *bench, int64_t after_ms, const char *why)
{
    struct capture capture;
    const char *heard;
    char *log;

    bench->clock.mono_ns += after_ms * NS_PER_MS;
    capture_begin(&capture, 2);
    ev_run(bench->ev, EVRUN_ONCE);
    log = capture_end(&capture);
    ck_assert_msg(why ? strstr(log, why) != NULL : *log == '\0', "%s", log);
    free(log);
    heard = manager_hear(&bench->manager);
    ck_assert(*heard == '\0' || strcmp(heard, "WATCHDOG=1") == 0);
    return *heard != '\0';
}

#define expect_fed(bench, after_ms)      ck_assert(is_fed(bench, after_ms, NULL))
#define expect_hungry(bench, after, why) ck_assert(!is_fed(bench, after, why))

START_TEST(it_is_fed_while_ticks_come_and_loops_turn)
{
    struct bench bench;

    bench_make(&bench, WAITS_US);
    for (int i = 0; i < 5; i++) {
        tick(&bench);
        expect_fed(&bench, 1900);
    }
    ck_assert_int_eq(bench.asked, 5);
    bench_remove(&bench);
}
END_TEST

/* Between two ticks that are far apart it is due many times. */
START_TEST(a_tick_stands_for_two_intervals)
{
    struct bench bench;

    bench_make(&bench, WAITS_US);
    tick(&bench);
    expect_fed(&bench, 0);
    expect_fed(&bench, 1000);
    expect_fed(&bench, 1000);
    expect_hungry(&bench, 1, "no tick comes any more");
    expect_hungry(&bench, 1000, "no tick comes any more");
    tick(&bench);
    expect_fed(&bench, 1000);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_tick_that_is_not_published_does_not_count)
{
    struct bench bench;

    bench_make(&bench, WAITS_US);
    tick(&bench);
    expect_fed(&bench, 0);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    history_commit(bench.model.history, &bench.model.tick);
    expect_hungry(&bench, 2001, "no tick comes any more");
    /* As after a stop: it is published in a moment, and that is seen before the manager's end. */
    ck_assert(bench.watchdog.timer.repeat < WAITS_US / 1e6 / 10);
    history_publish(bench.model.history, bench.model.tick.seq);
    expect_fed(&bench, 1);
    bench_remove(&bench);
}
END_TEST

START_TEST(the_first_tick_has_time_too)
{
    struct bench bench;

    bench_make(&bench, WAITS_US);
    expect_fed(&bench, 2000);
    expect_hungry(&bench, 1, "no tick comes any more");
    bench_remove(&bench);
}
END_TEST

START_TEST(a_loop_that_does_not_turn_is_not_covered_by_ticks)
{
    struct bench bench;

    bench_make(&bench, WAITS_US);
    bench.turns = false;
    for (int i = 0; i < 3; i++) {
        tick(&bench);
        expect_hungry(&bench, 1000, "an HTTP loop does not turn any more");
    }
    bench.turns = true;
    tick(&bench);
    expect_fed(&bench, 1000);
    bench_remove(&bench);
}
END_TEST

/* The loop has nothing to wait for and returns at once. */
START_TEST(without_one_that_waits_it_is_never_due)
{
    struct bench bench;

    bench_make(&bench, 0);
    ck_assert(!ev_run(bench.ev, 0));
    ck_assert_int_eq(bench.asked, 0);
    bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("watchdog", it_is_fed_while_ticks_come_and_loops_turn,
                     a_tick_stands_for_two_intervals, a_tick_that_is_not_published_does_not_count,
                     the_first_tick_has_time_too, a_loop_that_does_not_turn_is_not_covered_by_ticks,
                     without_one_that_waits_it_is_never_due);
}

#include "daemon/loop.h"

#include <pthread.h>

#include "daemon/clock.h"
#include "tests/unit/support.h"

#define MS ((uint64_t)NS_PER_MS)

enum { CALLBACK_TICK, CALLBACK_OTHER };
static const char *const callback_names[] = {"tick", "other"};

/* A loop on a clock that only its callbacks move. */
struct bench {
    struct ev_loop *ev;
    struct loop loop;
    struct clock_reading clock;
    ev_timer timer; /* due at once; its callback takes cost_ms */
    int64_t cost_ms;
};

static struct clock_reading read_clock(void *arg)
{
    return *(const struct clock_reading *)arg;
}

static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct bench *bench = timer->data;

    (void)events;
    bench->clock.mono_ns += bench->cost_ms * NS_PER_MS;
    ev_timer_stop(ev, timer);
}

static void bench_make(struct bench *bench)
{
    *bench = (struct bench){.ev = ev_loop_new(EVFLAG_AUTO), .clock = {.mono_ns = NS_PER_SECOND}};
    clock_replace(read_clock, &bench->clock);
    loop_init(&bench->loop, "main", bench->ev, callback_names, 2);
    ev_init(&bench->timer, on_timer);
    bench->timer.data = bench;
}

static void bench_remove(struct bench *bench)
{
    loop_finish(&bench->loop);
    ev_loop_destroy(bench->ev);
    clock_replace(NULL, NULL);
}

/* One iteration: a poll, and a callback of this cost after it. */
static void iterate(struct bench *bench, int64_t cost_ms)
{
    bench->cost_ms = cost_ms;
    ev_timer_set(&bench->timer, 0, 0);
    ev_timer_start(bench->ev, &bench->timer);
    ev_run(bench->ev, EVRUN_ONCE);
}

static uint64_t busy_ns(const struct loop *loop)
{
    uint64_t sum = 0;

    for (enum loop_phase phase = 0; phase < LOOP_PHASES; phase++)
        sum += phase == PHASE_IDLE ? 0 : loop_phase_ns(loop, phase);
    return sum;
}

START_TEST(busy_is_from_the_poll_to_the_next)
{
    struct bench bench;

    bench_make(&bench);
    iterate(&bench, 30);
    /* The callback's time counts when the next poll begins. */
    ck_assert_uint_eq(busy_ns(&bench.loop), 0);
    ck_assert_uint_eq(loop_iterations(&bench.loop), 1);
    iterate(&bench, 50);
    ck_assert_uint_eq(busy_ns(&bench.loop), 30 * MS);
    iterate(&bench, 0);
    ck_assert_uint_eq(busy_ns(&bench.loop), 80 * MS);
    ck_assert_uint_eq(loop_iterations(&bench.loop), 3);
    bench_remove(&bench);
}
END_TEST

START_TEST(the_start_counts_as_busy)
{
    struct bench bench;

    bench_make(&bench);
    bench.clock.mono_ns += 7 * NS_PER_MS; /* between loop_init and the first poll */
    iterate(&bench, 0);
    ck_assert_uint_eq(busy_ns(&bench.loop), 7 * MS);
    bench_remove(&bench);
}
END_TEST

START_TEST(the_longest_delay_is_taken_and_forgotten)
{
    struct bench bench;

    bench_make(&bench);
    ck_assert_uint_eq(loop_take_delay_ns(&bench.loop), 0);
    iterate(&bench, 10);
    iterate(&bench, 40);
    iterate(&bench, 20);
    iterate(&bench, 90); /* not yet over when it is asked for */
    ck_assert_uint_eq(loop_take_delay_ns(&bench.loop), 40 * MS);
    ck_assert_uint_eq(loop_take_delay_ns(&bench.loop), 0);
    iterate(&bench, 5);
    iterate(&bench, 0);
    ck_assert_uint_eq(loop_take_delay_ns(&bench.loop), 90 * MS);
    bench_remove(&bench);
}
END_TEST

START_TEST(a_noted_delay_competes_with_the_others)
{
    struct bench bench;

    bench_make(&bench);
    iterate(&bench, 10);
    iterate(&bench, 0);
    loop_note_delay(&bench.loop, 3 * MS);
    loop_note_delay(&bench.loop, 0);
    ck_assert_uint_eq(loop_take_delay_ns(&bench.loop), 10 * MS);
    loop_note_delay(&bench.loop, 25 * MS);
    loop_note_delay(&bench.loop, 24 * MS);
    ck_assert_uint_eq(loop_take_delay_ns(&bench.loop), 25 * MS);
    /* It is no time that the loop was busy. */
    ck_assert_uint_eq(busy_ns(&bench.loop), 10 * MS);
    bench_remove(&bench);
}
END_TEST

START_TEST(each_phase_gets_its_time)
{
    struct bench bench;

    bench_make(&bench);
    iterate(&bench, 0);
    ck_assert_int_eq(loop_enter(&bench.loop, PHASE_SAMPLE), PHASE_SERVE);
    bench.clock.mono_ns += 5 * NS_PER_MS;
    ck_assert_int_eq(loop_enter(&bench.loop, PHASE_STORE), PHASE_SAMPLE);
    bench.clock.mono_ns += 3 * NS_PER_MS;
    loop_enter(&bench.loop, PHASE_SERVE);
    bench.clock.mono_ns += 2 * NS_PER_MS;
    iterate(&bench, 0);
    ck_assert_uint_eq(loop_phase_ns(&bench.loop, PHASE_SAMPLE), 5 * MS);
    ck_assert_uint_eq(loop_phase_ns(&bench.loop, PHASE_STORE), 3 * MS);
    ck_assert_uint_eq(loop_phase_ns(&bench.loop, PHASE_SERVE), 2 * MS);
    ck_assert_uint_eq(loop_phase_ns(&bench.loop, PHASE_ENCODE), 0);
    ck_assert_uint_eq(busy_ns(&bench.loop), 10 * MS);
    bench_remove(&bench);
}
END_TEST

START_TEST(the_wait_is_idle)
{
    struct loop loop;
    struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
    ev_timer timer;

    loop_init(&loop, "main", ev, NULL, 0);
    ev_init(&timer, on_timer);
    timer.data = &(struct bench){.cost_ms = 0};
    ev_timer_set(&timer, .05, 0);
    ev_timer_start(ev, &timer);
    ev_run(ev, EVRUN_ONCE);
    ck_assert_uint_ge(loop_phase_ns(&loop, PHASE_IDLE), 40 * MS);
    loop_finish(&loop);
    ev_loop_destroy(ev);
}
END_TEST

START_TEST(the_longest_run_of_each_callback_is_taken_and_forgotten)
{
    static const int64_t costs_ms[] = {3, 8, 2};
    struct bench bench;

    bench_make(&bench);
    for (size_t i = 0; i < 3; i++) {
        struct loop_run run = loop_begin(&bench.loop, CALLBACK_OTHER);

        bench.clock.mono_ns += costs_ms[i] * NS_PER_MS;
        loop_end(&run);
    }
    ck_assert_uint_eq(loop_take_callback_ns(&bench.loop, CALLBACK_TICK), 0);
    ck_assert_uint_eq(loop_take_callback_ns(&bench.loop, CALLBACK_OTHER), 8 * MS);
    ck_assert_uint_eq(loop_take_callback_ns(&bench.loop, CALLBACK_OTHER), 0);
    bench_remove(&bench);
}
END_TEST

START_TEST(measuring_keeps_no_loop_alive)
{
    struct bench bench;

    bench_make(&bench);
    ck_assert(!ev_run(bench.ev, 0)); /* returns, as nothing is left to wait for */
    loop_finish(&bench.loop);
    /* And leaves the loop as it was: a watcher of somebody else does keep it alive. */
    ev_timer_set(&bench.timer, 0, 0);
    ev_timer_start(bench.ev, &bench.timer);
    ev_run(bench.ev, 0);
    ck_assert(!ev_is_active(&bench.timer));
    ev_loop_destroy(bench.ev);
    clock_replace(NULL, NULL);
}
END_TEST

#define NOTES 200000

static void *note_delays(void *arg)
{
    for (uint64_t i = 1; i <= NOTES; i++)
        loop_note_delay(arg, i);
    return NULL;
}

/* However the takes fall between the notes, none is lost and none is seen twice. */
START_TEST(delays_are_taken_by_another_thread)
{
    struct bench bench;
    pthread_t thread;
    uint64_t largest = 0, former = 0;

    bench_make(&bench);
    ck_assert_int_eq(pthread_create(&thread, NULL, note_delays, &bench.loop), 0);
    while (former < NOTES) {
        uint64_t delay = loop_take_delay_ns(&bench.loop);

        ck_assert(delay == 0 || delay > former);
        former = delay == 0 ? former : delay;
        largest = delay > largest ? delay : largest;
    }
    pthread_join(thread, NULL);
    ck_assert_uint_eq(largest, NOTES);
    bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("loop", busy_is_from_the_poll_to_the_next, the_start_counts_as_busy,
                     the_longest_delay_is_taken_and_forgotten,
                     a_noted_delay_competes_with_the_others, each_phase_gets_its_time,
                     the_wait_is_idle, the_longest_run_of_each_callback_is_taken_and_forgotten,
                     measuring_keeps_no_loop_alive, delays_are_taken_by_another_thread);
}

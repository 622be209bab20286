#include "daemon/self.h"

#include "daemon/clock.h"
#include "tests/unit/fake_sink.h"
#include "tests/unit/support.h"

static const struct metric things = {.name = "tacho_things_total",
                                     .unit = "",
                                     .help = "Things.",
                                     .kind = METRIC_COUNTER,
                                     .cumulative = true};

static uint64_t read_number(void *arg)
{
    return *(const uint64_t *)arg;
}

START_TEST(the_tick_is_shown_in_seconds)
{
    struct fake_sink sink;
    struct self self;

    fake_sink_init(&sink);
    self_init(&self);
    self_sample(&self, &sink.sink, 250 * NS_PER_MS, 1500 * NS_PER_MS);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_tick_lateness_seconds"), 0.25);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_tick_duration_seconds"), 1.5);
    ck_assert_uint_eq(fake_sink_values(&sink), 2);
    fake_sink_finish(&sink);
}
END_TEST

START_TEST(counters_are_read_at_each_tick)
{
    struct fake_sink sink;
    struct self self;
    uint64_t number = 5;

    fake_sink_init(&sink);
    self_init(&self);
    self_add(&self, &things, NULL, read_number, &number);
    for (; number < 8; number++) {
        fake_sink_begin(&sink);
        self_sample(&self, &sink.sink, 0, 0);
        ck_assert_double_eq(fake_sink_value(&sink, "tacho_things_total"), (double)number);
    }
    /* Declared once: three series, however many ticks. */
    ck_assert_uint_eq(sink.declares, 3);
    fake_sink_finish(&sink);
}
END_TEST

START_TEST(each_loop_has_its_series)
{
    static const char *const callbacks[] = {"tick"};
    struct loop loops[2] = {{.name = "main"},
                            {.name = "http-0", .callback_names = callbacks, .callback_count = 1}};
    struct fake_sink sink;
    struct self self;

    loop_note_delay(&loops[1], 3 * NS_PER_MS);
    atomic_store(&loops[1].phase_ns[PHASE_ENCODE], 2 * NS_PER_SECOND);
    atomic_store(&loops[1].callback_ns[0], 7 * NS_PER_MS);
    atomic_store(&loops[1].iterations, 12);
    fake_sink_init(&sink);
    self_init(&self);
    self_add_loop(&self, &loops[0]);
    self_sample(&self, &sink.sink, 0, 0);
    /* One that was started later. */
    self_add_loop(&self, &loops[1]);
    fake_sink_begin(&sink);
    self_sample(&self, &sink.sink, 0, 0);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_loop_delay_seconds{loop=\"main\"}"), 0);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_loop_delay_seconds{loop=\"http-0\"}"), 0.003);
    ck_assert_double_eq(
        fake_sink_value(&sink, "tacho_loop_seconds_total{loop=\"http-0\",phase=\"encode\"}"), 2);
    ck_assert_ptr_null(
        fake_sink_find(&sink, "tacho_loop_seconds_total{loop=\"main\",phase=\"encode\"}"));
    ck_assert_double_eq(
        fake_sink_value(&sink, "tacho_loop_callback_seconds{callback=\"tick\",loop=\"http-0\"}"),
        .007);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_loop_iterations_total{loop=\"http-0\"}"), 12);
    /* The delay is that since the tick before. */
    fake_sink_begin(&sink);
    self_sample(&self, &sink.sink, 0, 0);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_loop_delay_seconds{loop=\"http-0\"}"), 0);
    fake_sink_finish(&sink);
}
END_TEST

START_TEST(refused_series_are_left_out)
{
    struct fake_sink sink;
    struct self self;
    uint64_t number = 5;

    fake_sink_init(&sink);
    sink.limit = 1;
    self_init(&self);
    self_add(&self, &things, NULL, read_number, &number);
    self_sample(&self, &sink.sink, NS_PER_SECOND, 0);
    ck_assert_uint_eq(fake_sink_values(&sink), 1);
    ck_assert_double_eq(fake_sink_value(&sink, "tacho_tick_lateness_seconds"), 1);
    fake_sink_finish(&sink);
}
END_TEST

int main(void)
{
    return RUN_TESTS("self", the_tick_is_shown_in_seconds, counters_are_read_at_each_tick,
                     each_loop_has_its_series, refused_series_are_left_out);
}

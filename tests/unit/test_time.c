#include "collectors/system/time.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define BERLIN        "CET-1CEST,M3.5.0,M10.5.0/3"
/* 2026-10-25T00:59:59Z, a second before summer time ends there. */
#define SUMMER_ENDS INT64_C(1792889999)

static void start(struct machine *machine, const char *zone)
{
    setenv("TZ", zone, 1);
    machine_make(machine, &time_collector);
    ck_assert_int_eq(machine_open(machine), 0);
}

/* The next tick is at this time. */
static void set_time(struct machine *machine, int64_t seconds)
{
    machine->sink.sink.real_ns = (seconds - 1) * NS_PER_SECOND;
}

static double offset(const struct machine *machine, const char *zone)
{
    char name[64];

    snprintf(name, sizeof name, "node_time_zone_offset_seconds{time_zone=\"%s\"}", zone);
    return fake_sink_value(&machine->sink, name);
}

START_TEST(the_time_is_the_ticks)
{
    struct machine machine;

    start(&machine, "UTC");
    machine.sink.sink.real_ns = INT64_C(1795526927294502400);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_time_seconds"), 1795526928.2945024);
    ck_assert_double_eq(offset(&machine, "UTC"), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_time_seconds"), 1795526929.2945024);
    ck_assert_uint_eq(machine.sink.declares, 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(summer_time_is_another_zone)
{
    struct machine machine;

    start(&machine, BERLIN);
    set_time(&machine, SUMMER_ENDS);
    machine_expect_tick(&machine);
    ck_assert_double_eq(offset(&machine, "CEST"), 7200);
    machine_expect_tick(&machine);
    ck_assert_double_eq(offset(&machine, "CET"), 3600);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_uint_eq(machine.sink.releases, 1);

    set_time(&machine, SUMMER_ENDS);
    machine_expect_tick(&machine);
    ck_assert_double_eq(offset(&machine, "CEST"), 7200);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_zone_is_noticed_within_a_minute)
{
    struct machine machine;
    unsigned ticks = 0;

    start(&machine, "UTC");
    machine_expect_tick(&machine);
    setenv("TZ", "<-0330>+03:30", 1);
    do {
        machine_expect_tick(&machine);
        ticks++;
    } while (fake_sink_find(&machine.sink, "node_time_zone_offset_seconds{time_zone=\"UTC\"}"));
    ck_assert_uint_eq(ticks, 60);
    ck_assert_double_eq(offset(&machine, "-0330"), -12600);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_offset_may_change_under_one_name)
{
    struct machine machine;

    start(&machine, "IST-1IST-2,M3.5.0,M10.5.0/3");
    set_time(&machine, SUMMER_ENDS);
    machine_expect_tick(&machine);
    ck_assert_double_eq(offset(&machine, "IST"), 7200);
    set_time(&machine, SUMMER_ENDS + 7200);
    machine_expect_tick(&machine);
    ck_assert_double_eq(offset(&machine, "IST"), 3600);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(times_at_the_bounds)
{
    struct machine machine;

    start(&machine, "UTC");
    machine.sink.sink.real_ns = INT64_MAX - NS_PER_SECOND;
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_time_seconds"), 9223372036.854775807);
    machine.sink.sink.real_ns = -2 * NS_PER_SECOND;
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_time_seconds"), -1);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("time", the_time_is_the_ticks, summer_time_is_another_zone,
                     another_zone_is_noticed_within_a_minute, an_offset_may_change_under_one_name,
                     times_at_the_bounds);
}

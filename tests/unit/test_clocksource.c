#include "collectors/system/clocksource.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/machine.h"

#define FOLDER      "sys/devices/system/clocksource/"
#define AVAILABLE_0 FOLDER "clocksource0/available_clocksource"
#define CURRENT_0   FOLDER "clocksource0/current_clocksource"

static int parse(const char *text, struct clocksource_names *out)
{
    return clocksource_parse(text, strlen(text), out);
}

static const struct fake_series *find(const struct machine *machine, const char *what,
                                      const char *clock, const char *device)
{
    char name[256];

    snprintf(name, sizeof name, "node_time_clocksource_%s_info{clocksource=\"%s\",device=\"%s\"}",
             what, clock, device);
    return fake_sink_find(&machine->sink, name);
}

static void start(struct machine *machine)
{
    machine_make(machine, &clocksource_collector);
    folder_write(&machine->folder, AVAILABLE_0, "tsc hpet acpi_pm \n");
    folder_write(&machine->folder, CURRENT_0, "tsc\n");
    folder_write(&machine->folder, FOLDER "power/control", "auto\n");
    folder_write(&machine->folder, FOLDER "clocksource/x", "auto\n");
    folder_write(&machine->folder, FOLDER "clocksource0x/x", "auto\n");
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

START_TEST(good_text)
{
    struct clocksource_names names;

    ck_assert_int_eq(parse("tsc hpet acpi_pm ", &names), 0);
    ck_assert_uint_eq(names.count, 3);
    ck_assert(span_equals(names.names[0], "tsc"));
    ck_assert(span_equals(names.names[2], "acpi_pm"));
    ck_assert_int_eq(parse(" kvm-clock\t", &names), 0);
    ck_assert_uint_eq(names.count, 1);
    ck_assert(span_equals(names.names[0], "kvm-clock"));
    ck_assert_int_eq(parse("", &names), 0);
    ck_assert_uint_eq(names.count, 0);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "tsc\nhpet", "\n", "tsc hp\x01t", "tsc \x7f", "a2345678901234567890123456789012",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct clocksource_names names = {.count = 77};

        ck_assert_msg(parse(bad[index], &names) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(names.count, 77);
    }
}
END_TEST

START_TEST(too_many_clocks)
{
    struct clocksource_names names = {.count = 77};
    char text[2 * CLOCKSOURCES_MAX + 3] = "";

    for (unsigned clock = 0; clock < CLOCKSOURCES_MAX; clock++)
        strcat(text, "c ");
    ck_assert_int_eq(parse(text, &names), 0);
    ck_assert_uint_eq(names.count, CLOCKSOURCES_MAX);
    strcat(text, "c");
    names.count = 77;
    ck_assert_int_eq(parse(text, &names), -E2BIG);
    ck_assert_uint_eq(names.count, 77);
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct clocksource_names names;

    ck_assert_int_eq(clocksource_parse(text, length, &names), 0);
    ck_assert_uint_le(names.count, 3);
    if (names.count > 1)
        ck_assert(span_equals(names.names[0], "tsc"));
}

START_TEST(every_prefix)
{
    each_prefix("tsc hpet acpi_pm ", expect_justified);
}
END_TEST

START_TEST(each_clock_is_a_series)
{
    struct machine machine;

    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_ptr_nonnull(find(&machine, "available", "tsc", "0"));
    ck_assert_ptr_nonnull(find(&machine, "available", "hpet", "0"));
    ck_assert_ptr_nonnull(find(&machine, "available", "acpi_pm", "0"));
    ck_assert_ptr_nonnull(find(&machine, "current", "tsc", "0"));
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_uint_eq(machine.sink.declares, 4);

    folder_write(&machine.folder, FOLDER "clocksource12/available_clocksource", "tsc\n");
    folder_write(&machine.folder, FOLDER "clocksource12/current_clocksource", "tsc\n");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_ptr_nonnull(find(&machine, "available", "tsc", "12"));
    ck_assert_ptr_nonnull(find(&machine, "current", "tsc", "12"));
    machine_remove(&machine);
}
END_TEST

/* As the kernel does to a clock that its watchdog finds unstable. */
START_TEST(another_clock_takes_over)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, AVAILABLE_0, "hpet acpi_pm \n");
    folder_write(&machine.folder, CURRENT_0, "hpet\n");
    machine_expect_tick(&machine);
    ck_assert_ptr_null(find(&machine, "available", "tsc", "0"));
    ck_assert_ptr_null(find(&machine, "current", "tsc", "0"));
    ck_assert_ptr_nonnull(find(&machine, "current", "hpet", "0"));
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);

    folder_write(&machine.folder, CURRENT_0, "acpi_pm\n");
    machine_expect_tick(&machine);
    ck_assert_ptr_null(find(&machine, "current", "hpet", "0"));
    ck_assert_ptr_nonnull(find(&machine, "available", "hpet", "0"));
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_current_clock_need_not_be_available)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, CURRENT_0, "jiffies\n");
    machine_expect_tick(&machine);
    ck_assert_ptr_nonnull(find(&machine, "current", "jiffies", "0"));
    ck_assert_ptr_null(find(&machine, "available", "jiffies", "0"));
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_write_nothing_and_pass)
{
    struct machine machine;

    machine_make(&machine, &clocksource_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);

    start(&machine);
    folder_write(&machine.folder, CURRENT_0, "\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_write(&machine.folder, CURRENT_0, "tsc hpet\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, CURRENT_0);
    machine_expect_error(&machine, -ENOENT);
    folder_write(&machine.folder, CURRENT_0, "hpet\n");
    folder_write(&machine.folder, AVAILABLE_0, "tsc\nhpet\n");
    machine_expect_error(&machine, -EBADMSG);
    /* What the failed ticks found does not count: tsc is no longer the current one. */
    folder_write(&machine.folder, AVAILABLE_0, "tsc hpet acpi_pm \n");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_ptr_null(find(&machine, "current", "tsc", "0"));
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&clocksource_collector, 4);
}
END_TEST

int main(void)
{
    return RUN_TESTS("clocksource", good_text, bad_text, too_many_clocks, every_prefix,
                     each_clock_is_a_series, another_clock_takes_over,
                     a_current_clock_need_not_be_available, errors_write_nothing_and_pass,
                     fixture_machine);
}

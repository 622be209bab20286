#include "collectors/system/power_supply.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/choice.h"
#include "tests/unit/survey_machine.h"

static void put(const struct machine *machine, const char *supply, const char *file,
                const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "sys/class/power_supply/%s/%s", supply, file);
    folder_write(&machine->folder, path, text);
}

static double value_of(const struct machine *machine, const char *name, const char *supply)
{
    char series[256];

    snprintf(series, sizeof series, "node_power_supply_%s{power_supply=\"%s\"}", name, supply);
    return fake_sink_value(&machine->sink, series);
}

static bool has_info(const struct machine *machine, const char *status)
{
    char series[256];

    snprintf(series, sizeof series,
             "node_power_supply_info{power_supply=\"BAT0\",status=\"%s\",type=\"Battery\"}",
             status);
    return fake_sink_find(&machine->sink, series) != NULL;
}

static void put_battery(const struct machine *machine)
{
    put(machine, "BAT0", "type", "Battery\n");
    put(machine, "BAT0", "status", "Discharging\n");
    put(machine, "BAT0", "capacity", "81\n");
    put(machine, "BAT0", "voltage_now", "11660000\n");
    put(machine, "BAT0", "power_now", "5002000\n");
    put(machine, "BAT0", "temp", "-15\n");
}

START_TEST(units_are_base_units)
{
    struct machine machine;

    machine_make(&machine, &power_supply_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    put_battery(&machine);
    put(&machine, "AC", "type", "Mains\n");
    put(&machine, "AC", "online", "1\n");
    put(&machine, "AC", "power/control", "auto\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 7);
    ck_assert(has_info(&machine, "Discharging"));
    ck_assert_double_eq(value_of(&machine, "capacity", "BAT0"), 81);
    ck_assert_double_eq(value_of(&machine, "voltage_volt", "BAT0"), 11.66);
    ck_assert_double_eq(value_of(&machine, "power_watt", "BAT0"), 5.002);
    ck_assert_double_eq(value_of(&machine, "temp_celsius", "BAT0"), -1.5);
    ck_assert_double_eq(value_of(&machine, "online", "AC"), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(info_follows_its_labels)
{
    struct machine machine;

    machine_make(&machine, &power_supply_collector);
    put_battery(&machine);
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    put(&machine, "BAT0", "status", "Full\n");
    survey_round(&machine);
    ck_assert(has_info(&machine, "Full"));
    ck_assert(!has_info(&machine, "Discharging"));
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 5);
    ck_assert_uint_eq(machine.sink.declares, 6);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_a_driver_cannot_say_is_absent)
{
    struct machine machine;
    char path[PATH_MAX];

    machine_make(&machine, &power_supply_collector);
    put_battery(&machine);
    put(&machine, "BAT0", "serial_number", "\n");
    snprintf(path, sizeof path, "%s/sys/class/power_supply/BAT0/energy_now", machine.folder.path);
    if (symlink("/proc/self/mem", path) < 0) /* reading it is EIO */
        err(EXIT_FAILURE, "%s", path);
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    put(&machine, "BAT0", "capacity", "81 %\n");
    survey_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

static enum choice_answer ask(const struct chooser *chooser, enum choice choice, const char *name)
{
    (void)chooser;
    ck_assert_int_eq(choice, CHOICE_POWER_SUPPLY);
    return strcmp(name, "AC") == 0 ? CHOICE_LEFT : CHOICE_UNSAID;
}

START_TEST(supplies_that_are_left_out)
{
    static const struct chooser without_mains = {.ask = ask};
    struct machine machine;

    machine_make(&machine, &power_supply_collector);
    machine.chooser = &without_mains;
    put_battery(&machine);
    put(&machine, "AC", "online", "1\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&power_supply_collector, 12);
}
END_TEST

int main(void)
{
    return RUN_TESTS("power_supply", units_are_base_units, info_follows_its_labels,
                     what_a_driver_cannot_say_is_absent, supplies_that_are_left_out,
                     fixture_machine);
}

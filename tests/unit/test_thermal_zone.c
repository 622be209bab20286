#include "collectors/system/thermal_zone.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/survey_machine.h"

#define TEMP(zone_) "node_thermal_zone_temp{type=\"cpu-thermal\",zone=\"" zone_ "\"}"

static void put(const struct machine *machine, const char *entry, const char *file,
                const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "sys/class/thermal/%s/%s", entry, file);
    folder_write(&machine->folder, path, text);
}

static void put_zone(const struct machine *machine, const char *entry, const char *temp)
{
    put(machine, entry, "type", "cpu-thermal\n");
    put(machine, entry, "mode", "enabled\n");
    put(machine, entry, "temp", temp);
}

/* Reading it is an error of the driver's: EIO. */
static void break_file(const struct machine *machine, const char *file)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/sys/class/thermal/%s", machine->folder.path, file);
    if (unlink(path) < 0 || symlink("/proc/self/mem", path) < 0)
        err(EXIT_FAILURE, "%s", path);
}

START_TEST(zones_and_coolers)
{
    struct machine machine;

    machine_make(&machine, &thermal_zone_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    put_zone(&machine, "thermal_zone0", "45300\n");
    put_zone(&machine, "thermal_zone12", "-5000\n");
    put(&machine, "cooling_device3", "type", "Processor\n");
    put(&machine, "cooling_device3", "cur_state", "-1\n");
    put(&machine, "cooling_device3", "max_state", "10\n");
    put(&machine, "thermal_zone", "temp", "1\n");
    put(&machine, "thermal_message", "temp", "1\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, TEMP("0")), 45.3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, TEMP("12")), -5);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_cooling_device_cur_state{name=\"3\","
                                                       "type=\"Processor\"}"),
                        -1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_cooling_device_max_state{name=\"3\","
                                                       "type=\"Processor\"}"),
                        10);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(zones_without_a_temperature_are_absent)
{
    struct machine machine;

    machine_make(&machine, &thermal_zone_collector);
    put_zone(&machine, "thermal_zone0", "45300\n");
    put_zone(&machine, "thermal_zone1", "50000\n");
    put_zone(&machine, "thermal_zone2", "-274000\n"); /* the kernel's: not known */
    ck_assert_int_eq(machine_open(&machine), 0);
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    put(&machine, "thermal_zone1", "mode", "disabled\n");
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 1);
    put(&machine, "thermal_zone1", "mode", "enabled\n");
    break_file(&machine, "thermal_zone0/temp");
    survey_round(&machine); /* which is no trouble */
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, TEMP("1")), 50);
    machine_remove(&machine);
}
END_TEST

START_TEST(texts_that_are_not_understood)
{
    static const char *const texts[] = {"", "\n", "45300 C\n", "hot\n", "99999999999999999999\n"};
    struct machine machine;

    machine_make(&machine, &thermal_zone_collector);
    put_zone(&machine, "thermal_zone0", "45300\n");
    put_zone(&machine, "thermal_zone1", "50000\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        put(&machine, "thermal_zone0", "temp", texts[index]);
        survey_expect_round(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
        ck_assert_double_eq(fake_sink_value(&machine.sink, TEMP("1")), 50);
    }
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&thermal_zone_collector, 3);
}
END_TEST

int main(void)
{
    return RUN_TESTS("thermal_zone", zones_and_coolers, zones_without_a_temperature_are_absent,
                     texts_that_are_not_understood, fixture_machine);
}

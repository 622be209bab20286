#include "collectors/system/hwmon.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/choice.h"
#include "tests/unit/denied_open.h"
#include "tests/unit/survey_machine.h"

/* Puts a chip's file below the device that it is of. */
static void put(const struct machine *machine, const char *owner, const char *file,
                const char *text)
{
    char path[512];

    snprintf(path, sizeof path, "sys/devices/%s/%s", owner, file);
    folder_write(&machine->folder, path, text);
}

static void link_to(const struct machine *machine, const char *path, const char *target)
{
    char whole[PATH_MAX];

    snprintf(whole, sizeof whole, "%s/sys/%s", machine->folder.path, path);
    if (symlink(target, whole) < 0)
        err(EXIT_FAILURE, "%s", whole);
}

/* As the kernel does: hwmonN of class/hwmon is below its device, which it links to. */
static void put_chip(const struct machine *machine, const char *device, const char *chip)
{
    char path[128], target[128];

    snprintf(path, sizeof path, "%s/hwmon/%s", device, chip);
    put(machine, path, "uevent", "");
    folder_write(&machine->folder, "sys/class/hwmon/.keep", "");
    snprintf(path, sizeof path, "class/hwmon/%s", chip);
    snprintf(target, sizeof target, "../../devices/%s/hwmon/%s", device, chip);
    link_to(machine, path, target);
    snprintf(path, sizeof path, "devices/%s/hwmon/%s/device", device, chip);
    link_to(machine, path, "../..");
}

/* It goes: its folder is called otherwise, which is as good. */
static void take_chip(const struct machine *machine, const char *device, const char *chip)
{
    char path[PATH_MAX], gone[PATH_MAX + 8];

    snprintf(path, sizeof path, "sys/class/hwmon/%s", chip);
    folder_unlink(&machine->folder, path);
    snprintf(path, sizeof path, "%s/sys/devices/%s/hwmon", machine->folder.path, device);
    snprintf(gone, sizeof gone, "%s/gone", path);
    snprintf(path + strlen(path), sizeof path - strlen(path), "/%s", chip);
    if (rename(path, gone) < 0)
        err(EXIT_FAILURE, "%s", path);
}

/* A chip with one temperature. */
static void put_thermometer(const struct machine *machine, const char *device, const char *chip,
                            const char *name, const char *millidegrees)
{
    char owner[128];

    put_chip(machine, device, chip);
    snprintf(owner, sizeof owner, "%s/hwmon/%s", device, chip);
    put(machine, owner, "temp1_input", millidegrees);
    if (name != NULL)
        put(machine, owner, "name", name);
}

static double celsius(const struct machine *machine, const char *chip, const char *sensor)
{
    char name[256];

    snprintf(name, sizeof name, "node_hwmon_temp_celsius{chip=\"%s\",sensor=\"%s\"}", chip, sensor);
    return fake_sink_value(&machine->sink, name);
}

static bool has(const struct machine *machine, const char *name)
{
    return fake_sink_find(&machine->sink, name) != NULL;
}

static void start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    survey_round(machine);
}

START_TEST(sensors_of_all_kinds)
{
    static const struct {
        const char *file, *text, *series;
        double value;
    } wanted[] = {
        {"temp1_input", "55500\n", "node_hwmon_temp_celsius{chip=\"a_b\",sensor=\"temp1\"}", 55.5},
        {"temp1_type", "3\n", "node_hwmon_temp_type{chip=\"a_b\",sensor=\"temp1\"}", 3},
        {"in2_input", "3312\n", "node_hwmon_in_volts{chip=\"a_b\",sensor=\"in2\"}", 3.312},
        {"curr1_input", "135\n", "node_hwmon_curr_amps{chip=\"a_b\",sensor=\"curr1\"}", 0.135},
        {"power1_input", "12345678", "node_hwmon_power_watt{chip=\"a_b\",sensor=\"power1\"}",
         12.345678},
        {"energy1_input", "13500000\n",
         "node_hwmon_energy_joule_total{chip=\"a_b\",sensor=\"energy1\"}", 13.5},
        {"fan3_input", "1200\n", "node_hwmon_fan_rpm{chip=\"a_b\",sensor=\"fan3\"}", 1200},
        {"pwm3", "128\n", "node_hwmon_pwm{chip=\"a_b\",sensor=\"pwm3\"}", 128},
        {"vrm", "90\n", "node_hwmon_voltage_regulator_version{chip=\"a_b\",sensor=\"vrm0\"}", 90},
        {"update_interval", "1000\n",
         "node_hwmon_update_interval_seconds{chip=\"a_b\",sensor=\"update_interval0\"}", 1},
        {"beep_enable", "1\n", "node_hwmon_beep_enabled{chip=\"a_b\",sensor=\"beep_enable0\"}", 1},
        {"freq1_input", "214000000\n", "node_hwmon_freq_freq_mhz{chip=\"a_b\",sensor=\"sclk_2\"}",
         214},
        {"freq1_label", "SCLK 2\n",
         "node_hwmon_sensor_label{chip=\"a_b\",label=\"SCLK 2\",sensor=\"freq1\"}", 1},
        {"name", "odd chip\n", "node_hwmon_chip_names{chip=\"a_b\",chip_name=\"odd_chip\"}", 1},
    };
    const size_t count = sizeof wanted / sizeof wanted[0];
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_chip(&machine, "a/b", "hwmon0");
    for (size_t index = 0; index < count; index++)
        put(&machine, "a/b/hwmon/hwmon0", wanted[index].file, wanted[index].text);
    /* Nothing of these. */
    put(&machine, "a/b/hwmon/hwmon0", "fan4_safe", "\n");
    put(&machine, "a/b/hwmon/hwmon0", "fan5_input", "12x\n");
    put(&machine, "a/b/hwmon/hwmon0", "freq2_input", "214000000\n");
    put(&machine, "a/b/hwmon/hwmon0", "bogus1_input", "1\n");
    put(&machine, "a/b", "power/control", "auto\n");
    start(&machine);
    for (size_t index = 0; index < count; index++)
        ck_assert_double_eq(fake_sink_value(&machine.sink, wanted[index].series),
                            wanted[index].value);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), count);
    machine_remove(&machine);
}
END_TEST

/* Old drivers have their files there; of two the device's counts. */
START_TEST(files_of_the_device)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_chip(&machine, "a/b", "hwmon0");
    put(&machine, "a/b", "temp1_input", "1000\n");
    put(&machine, "a/b", "temp2_input", "2000\n");
    put(&machine, "a/b/hwmon/hwmon0", "temp2_input", "3000\n");
    put(&machine, "a/b/hwmon/hwmon0", "temp3_input", "4000\n");
    start(&machine);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp1"), 1);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp2"), 2);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp3"), 4);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_error_costs_one_sensor)
{
    static const int errors[] = {EIO, EAGAIN, ENODATA, ENXIO, ETIMEDOUT, EREMOTEIO, EINVAL, ENOENT};
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", "x\n", "1000\n");
    put(&machine, "a/b/hwmon/hwmon0", "temp2_input", "2000\n");
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    for (size_t index = 0; index < sizeof errors / sizeof errors[0]; index++) {
        open_deny("temp1_input", errors[index]);
        survey_round(&machine); /* which fails if that is told as trouble */
        ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
        ck_assert_double_eq(celsius(&machine, "a_b", "temp2"), 2);
    }
    open_deny(NULL, 0);
    survey_round(&machine);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp1"), 1);
    machine_remove(&machine);
}
END_TEST

/* Opening this one is well, reading it is not. */
START_TEST(an_error_while_reading)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", NULL, "1000\n");
    link_to(&machine, "devices/a/b/hwmon/hwmon0/temp2_input", "/proc/self/mem");
    start(&machine);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp1"), 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_may_not_be_read_is_told)
{
    struct machine machine;
    char path[PATH_MAX];

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", NULL, "1000\n");
    put(&machine, "a/b/hwmon/hwmon0", "in0_reset_history", "");
    ck_assert_int_eq(machine_open(&machine), 0);
    open_deny("in0_reset_history", EACCES);
    survey_expect_round(&machine, -EACCES);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp1"), 1);
    /* Nobody reads what is only written. */
    snprintf(path, sizeof path, "%s/sys/devices/a/b/hwmon/hwmon0/in0_reset_history",
             machine.folder.path);
    ck_assert_int_eq(chmod(path, 0200), 0);
    survey_round(&machine);
    open_deny(NULL, 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(absurd_values_are_absent)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", NULL, "-300000\n");
    put(&machine, "a/b/hwmon/hwmon0", "temp1_max", "65261850\n");
    put(&machine, "a/b/hwmon/hwmon0", "temp1_min", "-273150\n");
    put(&machine, "a/b/hwmon/hwmon0", "fan1_input", "1350000\n");
    put(&machine, "a/b/hwmon/hwmon0", "temp2_input", "NaN\n");
    start(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_hwmon_temp_min_celsius{chip=\"a_b\","
                                                       "sensor=\"temp1\"}"),
                        -273.15);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_number_is_the_same_chip)
{
    struct machine machine;
    size_t declares;

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", NULL, "1000\n");
    put_thermometer(&machine, "a/c", "hwmon1", NULL, "2000\n");
    start(&machine);
    declares = machine.sink.declares;
    take_chip(&machine, "a/c", "hwmon1");
    put_thermometer(&machine, "a/c", "hwmon2", NULL, "3000\n");
    survey_round(&machine);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp1"), 1);
    ck_assert_double_eq(celsius(&machine, "a_c", "temp1"), 3);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    ck_assert_uint_eq(machine.sink.declares, declares + 1);
    machine_remove(&machine);
}
END_TEST

/* Whichever of the two answers first. */
START_TEST(chips_that_change_places)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", NULL, "1000\n");
    put_thermometer(&machine, "a/c", "hwmon1", NULL, "2000\n");
    start(&machine);
    take_chip(&machine, "a/b", "hwmon0");
    take_chip(&machine, "a/c", "hwmon1");
    put_thermometer(&machine, "a/b", "hwmon1", NULL, "3000\n");
    put_thermometer(&machine, "a/c", "hwmon0", NULL, "4000\n");
    machine.sink.runner.held = true;
    for (int tick = 0; tick < 5 && machine_tick(&machine) != COLLECTOR_AGAIN; tick++)
        ck_assert_int_lt(tick, 4);
    fake_runner_answer_last(&machine.sink.runner);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    survey_round(&machine);
    ck_assert_double_eq(celsius(&machine, "a_b", "temp1"), 3);
    ck_assert_double_eq(celsius(&machine, "a_c", "temp1"), 4);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(several_chips_of_one_device)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    put_thermometer(&machine, "a/b", "hwmon0", "one\n", "1000\n");
    put_thermometer(&machine, "a/b", "hwmon1", "two\n", "2000\n");
    put_thermometer(&machine, "a/c", "hwmon2", "same\n", "3000\n");
    put_thermometer(&machine, "a/c", "hwmon3", "same\n", "4000\n");
    put_thermometer(&machine, "a/d", "hwmon4", NULL, "5000\n");
    put_thermometer(&machine, "a/d", "hwmon5", "named\n", "6000\n");
    put_thermometer(&machine, "a/e", "hwmon6", "same\n", "7000\n");
    start(&machine);
    ck_assert_double_eq(celsius(&machine, "a_b_one", "temp1"), 1);
    ck_assert_double_eq(celsius(&machine, "a_b_two", "temp1"), 2);
    ck_assert_double_eq(celsius(&machine, "a_c_hwmon2", "temp1"), 3);
    ck_assert_double_eq(celsius(&machine, "a_c_hwmon3", "temp1"), 4);
    ck_assert_double_eq(celsius(&machine, "a_d_hwmon4", "temp1"), 5);
    ck_assert_double_eq(celsius(&machine, "a_d_named", "temp1"), 6);
    ck_assert_double_eq(celsius(&machine, "a_e", "temp1"), 7);
    machine_remove(&machine);
}
END_TEST

/* Without a device the driver's name counts, and without that the kernel's number. */
START_TEST(chips_without_a_device)
{
    static const char *const chips[] = {"hwmon0", "hwmon1", "hwmon2", "hwmon3"};
    static const char *const names[] = {"acpitz\n", "twin\n", "twin\n", NULL};
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    for (size_t index = 0; index < 4; index++) {
        char device[128];

        put_thermometer(&machine, "virtual", chips[index], names[index], "1000\n");
        snprintf(device, sizeof device, "sys/devices/virtual/hwmon/%s/device", chips[index]);
        folder_unlink(&machine.folder, device);
    }
    start(&machine);
    ck_assert_double_eq(celsius(&machine, "acpitz", "temp1"), 1);
    ck_assert_double_eq(celsius(&machine, "twin_hwmon1", "temp1"), 1);
    ck_assert_double_eq(celsius(&machine, "twin_hwmon2", "temp1"), 1);
    ck_assert_double_eq(celsius(&machine, "hwmon3", "temp1"), 1);
    machine_remove(&machine);
}
END_TEST

static enum choice_answer ask(const struct chooser *chooser, enum choice choice, const char *name)
{
    (void)chooser;
    ck_assert_int_eq(choice, CHOICE_HWMON_CHIP);
    return strstr(name, "bogus") != NULL ? CHOICE_LEFT : CHOICE_READ;
}

static const struct chooser without_bogus = {.ask = ask};

START_TEST(chips_that_are_left_out)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    machine.chooser = &without_bogus;
    put_thermometer(&machine, "platform/bogus.1", "hwmon0", "x\n", "1000\n");
    put_thermometer(&machine, "platform/fine", "hwmon1", "bogus\n", "2000\n");
    start(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    ck_assert_double_eq(celsius(&machine, "platform_fine", "temp1"), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(no_chips)
{
    struct machine machine;

    machine_make(&machine, &hwmon_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, "sys/class/hwmon/.keep", "");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_error(&machine, -EOPNOTSUPP);
    put_chip(&machine, "a/b", "hwmon0");
    put_thermometer(&machine, "a/c", "hwmon1", NULL, "1000\n");
    survey_round(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 1);
    ck_assert(has(&machine, "node_hwmon_temp_celsius{chip=\"a_c\",sensor=\"temp1\"}"));
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_chosen(&hwmon_collector, &without_bogus, 137);
}
END_TEST

int main(void)
{
    return RUN_TESTS("hwmon", sensors_of_all_kinds, files_of_the_device, an_error_costs_one_sensor,
                     an_error_while_reading, what_may_not_be_read_is_told, absurd_values_are_absent,
                     another_number_is_the_same_chip, chips_that_change_places,
                     several_chips_of_one_device, chips_without_a_device, chips_that_are_left_out,
                     no_chips, fixture_machine);
}

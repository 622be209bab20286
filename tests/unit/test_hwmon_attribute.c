#include "collectors/system/hwmon_attribute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/system/hwmon_chip.h"
#include "tests/unit/support.h"

START_TEST(names_of_files)
{
    static const struct {
        const char *name, *type, *property;
        unsigned number;
    } wanted[] = {
        {"temp1_input", "temp", "input", 1},
        {"temp12_crit_alarm", "temp", "crit_alarm", 12},
        {"temp01_max", "temp", "max", 1},
        {"pwm1_auto_point1_pwm", "pwm", "auto_point1_pwm", 1},
        {"in0_input", "in", "input", 0},
        {"intrusion0_beep", "intrusion", "beep", 0},
        {"cpu0_vid", "cpu", "vid", 0},
        {"pwm2", "pwm", "", 2},
        {"temp", "temp", "", 0},
        {"vrm", "vrm", "", 0},
        {"beep_enable", "beep_enable", "", 0},
        {"update_interval", "update_interval", "", 0},
        {"humidity1__", "humidity", "_", 1},
    };

    for (size_t index = 0; index < sizeof wanted / sizeof wanted[0]; index++) {
        struct hwmon_attribute attribute;

        ck_assert_msg(hwmon_parse_name(wanted[index].name, &attribute), "%s", wanted[index].name);
        ck_assert_str_eq(attribute.type, wanted[index].type);
        ck_assert_str_eq(attribute.property, wanted[index].property);
        ck_assert_uint_eq(attribute.number, wanted[index].number);
    }
}
END_TEST

START_TEST(names_of_other_files)
{
    static const char *const names[] = {
        "",
        "name",
        "device",
        "bogus1_input",
        "temp_input",
        "temp1_",
        "temp1x",
        "temp1-input",
        "1",
        "_1",
        "Temp1_input",
        "temp10000",
        "temp99999999999999999999_input",
        "temp1_0123456789012345678901234567890123456789012345678901234567890123",
    };

    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        struct hwmon_attribute attribute = {.number = 77};

        ck_assert_msg(!hwmon_parse_name(names[index], &attribute), "%s", names[index]);
        ck_assert_uint_eq(attribute.number, 77);
    }
}
END_TEST

static void expect_clean(const char *text, const char *wanted)
{
    char clean[HWMON_NAME_MAX + 1];

    hwmon_clean((struct span){text, strlen(text)}, clean);
    ck_assert_str_eq(clean, wanted);
}

START_TEST(cleaned_names)
{
    char longest[200], clean[HWMON_NAME_MAX + 1];

    expect_clean("", "");
    expect_clean("coretemp", "coretemp");
    expect_clean("Left side", "left_side");
    expect_clean("0000:00:18.3", "0000:00:18_3");
    expect_clean("__+3.3V__", "3_3v");
    expect_clean("\xc2\xb5_\n", "");
    memset(longest, 'a', sizeof longest);
    hwmon_clean((struct span){longest, sizeof longest}, clean);
    ck_assert_uint_eq(strlen(clean), HWMON_NAME_MAX);
}
END_TEST

struct told {
    const char *file, *name, *help, *unit;
    double divisor;
    bool bare;
};

/* As collector/hwmon_linux.go of node_exporter has them. */
/* clang-format off */
static const struct told told[] = {
    {"temp1_input", "node_hwmon_temp_celsius", "Hardware monitor for temperature (input)",
     "celsius", 1000, false},
    {"temp", "node_hwmon_temp_celsius", "Hardware monitor for temperature (input)",
     "celsius", 1000, true},
    {"temp1_crit_alarm", "node_hwmon_temp_crit_alarm_celsius",
     "Hardware monitor for temperature (crit_alarm)", "celsius", 1000, false},
    {"temp1_type", "node_hwmon_temp_type", "Hardware monitor temp element type", "", 1, false},
    {"temp1_fault", "node_hwmon_temp_fault", "Hardware sensor fault status (temp)", "", 1, false},
    {"in0_alarm", "node_hwmon_in_alarm", "Hardware sensor alarm status (in)", "", 1, false},
    {"in0_beep", "node_hwmon_in_beep_enabled", "Hardware monitor sensor has beeping enabled",
     "", 1, false},
    {"in0_min", "node_hwmon_in_min_volts", "Hardware monitor for voltage (min)", "volts", 1000,
     false},
    {"cpu0_vid", "node_hwmon_cpu_vid_volts", "Hardware monitor for voltage (vid)", "volts", 1000,
     false},
    {"curr1_input", "node_hwmon_curr_amps", "Hardware monitor for current (input)", "amperes", 1000,
     false},
    {"power1_input", "node_hwmon_power_watt", "Hardware monitor for power usage in watts (input)",
     "watts", 1e6, false},
    {"power1_accuracy", "node_hwmon_power_accuracy",
     "Hardware monitor power meter accuracy, as a ratio", "ratio", 1e6, false},
    {"power1_average_interval", "node_hwmon_power_average_interval_seconds",
     "Hardware monitor power usage update interval (average_interval)", "seconds", 1000, false},
    {"humidity1_input", "node_hwmon_humidity",
     "Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a "
     "percentage) (input)", "ratio", 1e6, false},
    {"fan1_input", "node_hwmon_fan_rpm",
     "Hardware monitor for fan revolutions per minute (input)", "", 1, false},
    {"fan1_target", "node_hwmon_fan_target_rpm",
     "Hardware monitor for fan revolutions per minute (target)", "", 1, false},
    {"fan1_div", "node_hwmon_fan_div", "Hardware monitor fan element div", "", 1, false},
    {"pwm1", "node_hwmon_pwm", "Hardware monitor pwm element ", "", 1, true},
    {"pwm1_input", "node_hwmon_pwm_input", "Hardware monitor pwm element input", "", 1, true},
    {"pwm1_Odd name", "node_hwmon_pwm_odd_name", "Hardware monitor pwm element Odd name", "", 1,
     true},
    {"freq1_max", "node_hwmon_freq_max", "Hardware monitor freq element max", "", 1, false},
    {"beep_enable", "node_hwmon_beep_enabled", "Hardware beep enabled", "", 1, true},
    {"vrm", "node_hwmon_voltage_regulator_version", "Hardware voltage regulator", "", 1, true},
    {"update_interval", "node_hwmon_update_interval_seconds", "Hardware monitor update interval",
     "seconds", 1000, true},
};
/* clang-format on */

START_TEST(metrics_of_attributes)
{
    for (size_t index = 0; index < sizeof told / sizeof told[0]; index++) {
        const struct told *wanted = &told[index];
        struct hwmon_attribute attribute;
        struct hwmon_metric metric;

        ck_assert(hwmon_parse_name(wanted->file, &attribute));
        ck_assert_msg(hwmon_describe(&attribute, wanted->bare, &metric), "%s", wanted->file);
        ck_assert_str_eq(metric.metric.name, wanted->name);
        ck_assert_str_eq(metric.metric.help, wanted->help);
        ck_assert_str_eq(metric.metric.unit, wanted->unit);
        ck_assert_double_eq(metric.divisor, wanted->divisor);
        ck_assert_int_eq(metric.metric.kind, METRIC_GAUGE);
        ck_assert(!metric.metric.cumulative);
    }
}
END_TEST

START_TEST(energy_is_a_counter)
{
    struct hwmon_attribute attribute;
    struct hwmon_metric metric;

    ck_assert(hwmon_parse_name("energy1_input", &attribute));
    ck_assert(hwmon_describe(&attribute, false, &metric));
    ck_assert_str_eq(metric.metric.name, "node_hwmon_energy_joule_total");
    ck_assert_int_eq(metric.metric.kind, METRIC_COUNTER);
    ck_assert(metric.metric.cumulative);
    ck_assert(hwmon_parse_name("energy1_alarm", &attribute));
    ck_assert(hwmon_describe(&attribute, false, &metric));
    ck_assert_int_eq(metric.metric.kind, METRIC_GAUGE);
}
END_TEST

START_TEST(texts_have_no_metric)
{
    static const char *const files[] = {"temp1_label", "freq1_input", "vrm0_foo"};

    for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
        struct hwmon_attribute attribute;
        struct hwmon_metric metric;

        ck_assert(hwmon_parse_name(files[index], &attribute));
        ck_assert_msg(!hwmon_describe(&attribute, false, &metric), "%s", files[index]);
    }
}
END_TEST

static bool is_sane(const char *file, double value)
{
    struct hwmon_attribute attribute;
    struct hwmon_metric metric;

    ck_assert(hwmon_parse_name(file, &attribute));
    ck_assert(hwmon_describe(&attribute, false, &metric));
    return hwmon_is_sane(&metric, value);
}

START_TEST(values_that_cannot_be)
{
    ck_assert(is_sane("temp1_min", -273.15)); /* a drive without a limit says this, and … */
    ck_assert(!is_sane("temp1_min", -273.2));
    ck_assert(!is_sane("temp1_max", 65261.85)); /* … that */
    ck_assert(!is_sane("temp1_input", (double)NAN));
    ck_assert(is_sane("fan1_input", 0));
    ck_assert(is_sane("fan1_input", 45000));
    ck_assert(!is_sane("fan1_input", 675000)); /* a count of 2 */
    ck_assert(!is_sane("fan1_input", -1));
    ck_assert(is_sane("in1_input", 400));
    ck_assert(!is_sane("in1_max", 4294967.295));
    ck_assert(is_sane("power1_cap", 2147.483647));
    ck_assert(!is_sane("power1_cap_max", 18446744073709.551615));
    ck_assert(!is_sane("energy1_input", -1));
    ck_assert(is_sane("pwm1_enable", -1)); /* nobody knows what that can be */
}
END_TEST

static void expect_device(const char *path, const char *device)
{
    char name[HWMON_CHIP_MAX];

    hwmon_name_device((struct span){path, strlen(path)}, name);
    ck_assert_str_eq(name, device);
}

START_TEST(names_of_devices)
{
    expect_device("", "");
    expect_device("/", "");
    expect_device("a", "a");
    expect_device("/sys/devices/platform/coretemp.0/", "platform_coretemp_0");
    expect_device("x/...", "");
}
END_TEST

int main(void)
{
    return RUN_TESTS("hwmon_attribute", names_of_files, names_of_other_files, cleaned_names,
                     metrics_of_attributes, energy_is_a_counter, texts_have_no_metric,
                     values_that_cannot_be, names_of_devices);
}

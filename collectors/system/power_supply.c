#include "collectors/system/power_supply.h"

#include <errno.h>

#include "collectors/choice.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define TEXT_BYTES 128
#define MICRO      1e6
#define TENTHS     10.0

/* A file with a whole number. */
struct number_file {
    const char *file;
    struct metric metric;
    double divisor;
};

#define NUMBER(file_, name_, unit_, divisor_)                                                      \
    {                                                                                              \
        .file = (file_),                                                                           \
        .metric = {.name = "node_power_supply_" name_,                                             \
                   .unit = (unit_),                                                                \
                   .help = name_ " value of /sys/class/power_supply/<power_supply>.",              \
                   .kind = METRIC_GAUGE},                                                          \
        .divisor = (divisor_)                                                                      \
    }
#define PLAIN(name_)            NUMBER(#name_, #name_, "", 1)
#define MICROS(name_, unit_)    NUMBER(#name_, #name_, unit_, MICRO)
#define CELSIUS(file_)          NUMBER(#file_, #file_ "_celsius", "celsius", TENTHS)
#define AS(file_, name_, unit_) NUMBER(#file_, #name_, unit_, MICRO)

/* clang-format off */
static const struct number_file number_files[] = {
    PLAIN(authentic),
    PLAIN(calibrate),
    PLAIN(capacity),
    PLAIN(capacity_alert_max),
    PLAIN(capacity_alert_min),
    NUMBER("cycle_count", "cyclecount", "", 1),
    PLAIN(online),
    PLAIN(present),
    NUMBER("time_to_empty_now", "time_to_empty_seconds", "seconds", 1),
    NUMBER("time_to_full_now", "time_to_full_seconds", "seconds", 1),
    MICROS(current_boot, "amperes"),
    MICROS(current_max, "amperes"),
    AS(current_now, current_ampere, "amperes"),
    MICROS(energy_empty, "watthours"),
    MICROS(energy_empty_design, "watthours"),
    MICROS(energy_full, "watthours"),
    MICROS(energy_full_design, "watthours"),
    AS(energy_now, energy_watthour, "watthours"),
    MICROS(voltage_boot, "volts"),
    MICROS(voltage_max, "volts"),
    MICROS(voltage_max_design, "volts"),
    MICROS(voltage_min, "volts"),
    MICROS(voltage_min_design, "volts"),
    AS(voltage_now, voltage_volt, "volts"),
    MICROS(voltage_ocv, "volts"),
    MICROS(charge_control_limit, ""),
    MICROS(charge_control_limit_max, ""),
    MICROS(charge_counter, "amperehours"),
    MICROS(charge_empty, "amperehours"),
    MICROS(charge_empty_design, "amperehours"),
    MICROS(charge_full, "amperehours"),
    MICROS(charge_full_design, "amperehours"),
    AS(charge_now, charge_ampere, "amperehours"),
    MICROS(charge_term_current, "amperes"),
    MICROS(constant_charge_current, "amperes"),
    MICROS(constant_charge_current_max, "amperes"),
    MICROS(constant_charge_voltage, "volts"),
    MICROS(constant_charge_voltage_max, "volts"),
    MICROS(precharge_current, "amperes"),
    MICROS(input_current_limit, "amperes"),
    AS(power_now, power_watt, "watts"),
    CELSIUS(temp),
    CELSIUS(temp_alert_max),
    CELSIUS(temp_alert_min),
    CELSIUS(temp_ambient),
    CELSIUS(temp_ambient_max),
    CELSIUS(temp_ambient_min),
    CELSIUS(temp_max),
    CELSIUS(temp_min),
};

/* Files with a text; the labels of the info are called so too. */
static const char *const text_files[] = {
    "capacity_level", "charge_type", "health", "manufacturer", "model_name", "scope",
    "serial_number", "status", "technology", "type", "usb_type",
};
/* clang-format on */

#define NUMBER_FILES (sizeof number_files / sizeof number_files[0])
#define TEXT_FILES   (sizeof text_files / sizeof text_files[0])

static const struct metric info = {
    .name = "node_power_supply_info",
    .unit = "",
    .help = "info of /sys/class/power_supply/<power_supply>.",
    .kind = METRIC_GAUGE,
};

/* What a driver says instead of a value (ENODATA, EINVAL and others) tells of this one alone. */
static void note(struct findings *findings, int result)
{
    if (result == -EACCES || result == -EPERM || result == -EBADMSG)
        findings_trouble(findings, result);
}

static void read_info(const struct survey_target *target, struct findings *findings)
{
    char texts[TEXT_FILES][TEXT_BYTES];
    struct label labels[TEXT_FILES + 1] = {{"power_supply", target->name}};
    size_t count = 1;

    for (size_t index = 0; index < TEXT_FILES; index++) {
        struct span text;
        int result = sysfs_read(target->folder, text_files[index], texts[index], TEXT_BYTES, &text);

        note(findings, result);
        if (result < 0 || text.length == 0)
            continue;
        texts[index][text.length] = '\0';
        labels[count++] = (struct label){text_files[index], texts[index]};
    }
    findings_add(findings, &info, labels, count, 1);
}

static void read_supply(const struct survey_target *target, struct findings *findings)
{
    const struct label labels[] = {{"power_supply", target->name}};

    read_info(target, findings);
    for (size_t index = 0; index < NUMBER_FILES; index++) {
        const struct number_file *file = &number_files[index];
        int64_t number = 0;
        int result = sysfs_read_number(target->folder, file->file, &number);

        note(findings, result);
        if (result == 0)
            findings_add(findings, &file->metric, labels, 1, (double)number / file->divisor);
    }
}

static bool picks(const struct collector_roots *roots, const char *name)
{
    return choice_takes(roots, CHOICE_POWER_SUPPLY, name, true);
}

static const struct survey_form form = {.collector = "power_supply",
                                        .root = SURVEY_SYSFS,
                                        .folder = "class/power_supply",
                                        .each = true,
                                        .picks = picks,
                                        .read = read_supply};

static int open_power_supply(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector power_supply_collector = {.name = "power_supply",
                                                 .exporter_name = "powersupplyclass",
                                                 .interval_ms = 10000,
                                                 .open = open_power_supply,
                                                 .sample = survey_sample,
                                                 .close = survey_close};

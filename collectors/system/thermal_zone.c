#include "collectors/system/thermal_zone.h"

#include <errno.h>
#include <string.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define ZONE         "thermal_zone"
#define COOLER       "cooling_device"
#define TEXT_BYTES   128
#define MILLIDEGREES 1000.0
/* Below absolute zero is what the kernel says instead of a temperature. */
#define CELSIUS_MIN (-273.15)
#define CELSIUS_MAX 1000

static const struct metric temperature = {
    .name = "node_thermal_zone_temp",
    .unit = "celsius",
    .help = "Zone temperature in Celsius",
    .kind = METRIC_GAUGE,
};
static const struct metric current_state = {
    .name = "node_cooling_device_cur_state",
    .unit = "",
    .help = "Current throttle state of the cooling device",
    .kind = METRIC_GAUGE,
};
static const struct metric highest_state = {
    .name = "node_cooling_device_max_state",
    .unit = "",
    .help = "Maximum throttle state of the cooling device",
    .kind = METRIC_GAUGE,
};

/* The number behind the prefix of an entry's name, or NULL. */
static const char *number_of(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(name, prefix, length) == 0 && char_is_digit(name[length]) ? name + length : NULL;
}

static bool picks(const struct collector_roots *roots, const char *name)
{
    (void)roots;
    return number_of(name, ZONE) != NULL || number_of(name, COOLER) != NULL;
}

/* What a driver says instead of a value tells of this one alone: it has none now. */
static void note(struct findings *findings, int result)
{
    if (result == -EACCES || result == -EPERM || result == -EBADMSG)
        findings_trouble(findings, result);
}

static bool read_text(const struct survey_target *target, const char *name, char text[TEXT_BYTES],
                      struct findings *findings)
{
    struct span span;
    int result = sysfs_read(target->folder, name, text, TEXT_BYTES, &span);

    note(findings, result);
    if (result == 0)
        text[span.length] = '\0';
    return result == 0;
}

static void read_zone(const struct survey_target *target, const char *number,
                      struct findings *findings)
{
    char type[TEXT_BYTES], mode[TEXT_BYTES];
    const struct label labels[] = {{"zone", number}, {"type", type}};
    int64_t millidegrees = 0;
    double celsius;
    int result;

    if (read_text(target, "mode", mode, findings) && strcmp(mode, "disabled") == 0)
        return;
    if (!read_text(target, "type", type, findings))
        return;
    result = sysfs_read_number(target->folder, "temp", &millidegrees);
    note(findings, result);
    celsius = (double)millidegrees / MILLIDEGREES;
    if (result == 0 && celsius >= CELSIUS_MIN && celsius <= CELSIUS_MAX)
        findings_add(findings, &temperature, labels, 2, celsius);
}

static void read_state(const struct survey_target *target, const char *name,
                       const struct metric *metric, const struct label *labels,
                       struct findings *findings)
{
    int64_t state = 0;
    int result = sysfs_read_number(target->folder, name, &state);

    note(findings, result);
    if (result == 0)
        findings_add(findings, metric, labels, 2, (double)state);
}

static void read_cooler(const struct survey_target *target, const char *number,
                        struct findings *findings)
{
    char type[TEXT_BYTES];
    const struct label labels[] = {{"name", number}, {"type", type}};

    if (!read_text(target, "type", type, findings))
        return;
    read_state(target, "cur_state", &current_state, labels, findings);
    read_state(target, "max_state", &highest_state, labels, findings);
}

static void read_thermal(const struct survey_target *target, struct findings *findings)
{
    const char *zone = number_of(target->name, ZONE);

    if (zone != NULL)
        read_zone(target, zone, findings);
    else
        read_cooler(target, number_of(target->name, COOLER), findings);
}

static const struct survey_form form = {.collector = "thermal_zone",
                                        .root = SURVEY_SYSFS,
                                        .folder = "class/thermal",
                                        .each = true,
                                        .picks = picks,
                                        .read = read_thermal};

static int open_thermal(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector thermal_zone_collector = {.name = "thermal_zone",
                                                 .interval_ms = 5000,
                                                 .open = open_thermal,
                                                 .sample = survey_sample,
                                                 .close = survey_close};

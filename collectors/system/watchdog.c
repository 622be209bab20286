#include "collectors/system/watchdog.h"

#include <errno.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define WATCHDOG_INTERVAL_MS 30000
#define TEXT_BYTES           128

#define NUMBER(name_, attribute_, unit_)                                                           \
    {                                                                                              \
        (attribute_),                                                                              \
        {                                                                                          \
            .name = "node_watchdog_" name_, .unit = (unit_),                                       \
            .help = "Value of /sys/class/watchdog/<watchdog>/" attribute_, .kind = METRIC_GAUGE    \
        }                                                                                          \
    }

static const struct {
    const char *attribute;
    struct metric metric;
} numbers[] = {
    NUMBER("access_cs0", "access_cs0", ""),
    NUMBER("bootstatus", "bootstatus", ""),
    NUMBER("fw_version", "fw_version", ""),
    NUMBER("nowayout", "nowayout", ""),
    NUMBER("pretimeout_seconds", "pretimeout", "seconds"),
    NUMBER("timeleft_seconds", "timeleft", "seconds"),
    NUMBER("timeout_seconds", "timeout", "seconds"),
};

static const struct metric info = {
    .name = "node_watchdog_info",
    .unit = "",
    .help = "Info of /sys/class/watchdog/<watchdog>",
    .kind = METRIC_GAUGE,
};

static const char *const texts[] = {"identity", "options", "pretimeout_governor", "state",
                                    "status"};
#define TEXTS (sizeof texts / sizeof texts[0])

static void add_info(const struct survey_target *target, struct findings *findings)
{
    char values[TEXTS][TEXT_BYTES];
    struct label labels[TEXTS + 1];

    for (size_t index = 0; index < TEXTS; index++) {
        findings_trouble(findings,
                         sysfs_read_text(target->folder, texts[index], values[index], TEXT_BYTES));
        labels[index] = (struct label){texts[index], values[index]};
    }
    labels[TEXTS] = (struct label){"name", target->name};
    findings_add(findings, &info, labels, TEXTS + 1, 1);
}

static void read_watchdog(const struct survey_target *target, struct findings *findings)
{
    const struct label label = {"name", target->name};

    for (size_t index = 0; index < sizeof numbers / sizeof numbers[0]; index++) {
        int64_t value;
        int result = sysfs_read_number(target->folder, numbers[index].attribute, &value);

        findings_trouble(findings, result);
        if (result == 0)
            findings_add(findings, &numbers[index].metric, &label, 1, (double)value);
    }
    add_info(target, findings);
}

static const struct survey_form form = {
    .collector = "watchdog",
    .root = SURVEY_SYSFS,
    .folder = "class/watchdog",
    .each = true,
    .read = read_watchdog,
};

static int open_watchdog(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector watchdog_collector = {
    .name = "watchdog",
    .interval_ms = WATCHDOG_INTERVAL_MS,
    .open = open_watchdog,
    .sample = survey_sample,
    .close = survey_close,
};

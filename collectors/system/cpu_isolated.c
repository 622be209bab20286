#include "collectors/system/cpu_isolated.h"

#include <stdio.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/cpu_folder.h"

#define INTERVAL_MS 60000
#define TEXT_BYTES  4097 /* an attribute is a page at most */

static const struct metric isolated = {
    .name = "node_cpu_isolated",
    .unit = "",
    .help = "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.",
    .kind = METRIC_GAUGE,
};

static void read_isolated(const struct survey_target *target, struct findings *findings)
{
    char text[TEXT_BYTES], number[16];
    const struct label label = {"cpu", number};
    struct cpu_set set = {{false}};
    struct span span;
    int result = sysfs_read(target->folder, "isolated", text, sizeof text, &span);

    if (result == 0)
        result = cpu_set_parse(span.at, span.length, &set);
    findings_trouble(findings, result);
    for (unsigned cpu = 0; cpu <= CPU_NUMBER_MAX; cpu++) {
        snprintf(number, sizeof number, "%u", cpu);
        if (set.has[cpu])
            findings_add(findings, &isolated, &label, 1, 1);
    }
}

static const struct survey_form form = {
    .collector = "cpu_isolated",
    .root = SURVEY_SYSFS,
    .folder = CPU_FOLDER,
    .read = read_isolated,
};

static int open_isolated(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector cpu_isolated_collector = {
    .name = "cpu_isolated",
    .exporter_name = "cpu",
    .interval_ms = INTERVAL_MS,
    .open = open_isolated,
    .sample = survey_sample,
    .close = survey_close,
};

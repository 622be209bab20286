#include "collectors/system/cpu_throttle.h"

#include <inttypes.h>
#include <stdio.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/cpu_folder.h"

#define INTERVAL_MS 10000

static const struct metric core_throttles = {
    .name = "node_cpu_core_throttles_total",
    .unit = "",
    .help = "Number of times this CPU core has been throttled.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};
static const struct metric package_throttles = {
    .name = "node_cpu_package_throttles_total",
    .unit = "",
    .help = "Number of times this CPU package has been throttled.",
    .kind = METRIC_COUNTER,
    .cumulative = true,
};

/* An attribute of a CPU's folder; false where it has none. */
static bool read_one(const struct survey_target *target, unsigned cpu, const char *name,
                     struct findings *findings, int64_t *out)
{
    char path[64];
    int result;

    snprintf(path, sizeof path, "cpu%u/%s", cpu, name);
    result = sysfs_read_number(target->folder, path, out);
    findings_trouble(findings, result);
    return result == 0;
}

/* Of the CPUs of one core or package, the first counts: findings_add() leaves the others out. */
static void read_cpu(const struct survey_target *target, unsigned cpu, struct findings *findings)
{
    char package_text[24], core_text[24];
    const struct label labels[] = {{"package", package_text}, {"core", core_text}};
    int64_t package, core, count;

    if (!read_one(target, cpu, "topology/physical_package_id", findings, &package))
        return;
    snprintf(package_text, sizeof package_text, "%" PRId64, package);
    if (read_one(target, cpu, "topology/core_id", findings, &core) &&
        read_one(target, cpu, "thermal_throttle/core_throttle_count", findings, &count)) {
        snprintf(core_text, sizeof core_text, "%" PRId64, core);
        findings_add(findings, &core_throttles, labels, 2, (double)count);
    }
    if (read_one(target, cpu, "thermal_throttle/package_throttle_count", findings, &count))
        findings_add(findings, &package_throttles, labels, 1, (double)count);
}

static void read_throttle(const struct survey_target *target, struct findings *findings)
{
    struct cpu_set set = {{false}};

    findings_trouble(findings, cpu_folder_list(target->folder, &set));
    for (unsigned cpu = 0; cpu <= CPU_NUMBER_MAX; cpu++) {
        if (set.has[cpu])
            read_cpu(target, cpu, findings);
    }
}

static const struct survey_form form = {
    .collector = "cpu_throttle",
    .root = SURVEY_SYSFS,
    .folder = CPU_FOLDER,
    .read = read_throttle,
};

static int open_throttle(const struct collector_roots *roots, void **state)
{
    int result = cpu_folder_check(roots, "thermal_throttle");

    return result < 0 ? result : survey_open(&form, roots, state);
}

const struct collector cpu_throttle_collector = {
    .name = "cpu_throttle",
    .exporter_name = "cpu",
    .interval_ms = INTERVAL_MS,
    .open = open_throttle,
    .sample = survey_sample,
    .close = survey_close,
};

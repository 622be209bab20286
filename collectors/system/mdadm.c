#include "collectors/system/mdadm.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/procfs.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/mdstat.h"

#define MDADM_INTERVAL_MS 10000
#define ATTRIBUTE_BYTES   64

static const struct metric blocks = {
    .name = "node_md_blocks",
    .unit = "",
    .help = "Total number of blocks on device.",
    .kind = METRIC_GAUGE,
};
static const struct metric blocks_synced = {
    .name = "node_md_blocks_synced",
    .unit = "",
    .help = "Number of blocks synced on device.",
    .kind = METRIC_GAUGE,
};
static const struct metric disks = {
    .name = "node_md_disks",
    .unit = "",
    .help = "Number of active/failed/spare disks of device.",
    .kind = METRIC_GAUGE,
};
static const struct metric disks_required = {
    .name = "node_md_disks_required",
    .unit = "",
    .help = "Total number of disks of device.",
    .kind = METRIC_GAUGE,
};
static const struct metric array_state = {
    .name = "node_md_state",
    .unit = "",
    .help = "Indicates the state of md-device.",
    .kind = METRIC_GAUGE,
};
static const struct metric degraded = {
    .name = "node_md_degraded",
    .unit = "",
    .help = "Number of degraded disks on device.",
    .kind = METRIC_GAUGE,
};
static const struct metric raid_disks = {
    .name = "node_md_raid_disks",
    .unit = "",
    .help = "Number of raid disks on device.",
    .kind = METRIC_GAUGE,
};

static const char *const state_names[MDSTAT_STATES] = {
    [MDSTAT_ACTIVE] = "active", [MDSTAT_INACTIVE] = "inactive", [MDSTAT_RECOVERING] = "recovering",
    [MDSTAT_RESYNC] = "resync", [MDSTAT_CHECK] = "check",
};

static void add_disks(struct findings *findings, const char *device, const char *state,
                      uint64_t value)
{
    const struct label labels[] = {{"device", device}, {"state", state}};

    findings_add(findings, &disks, labels, 2, (double)value);
}

static void take_array(void *context, const struct mdstat_array *array)
{
    struct findings *findings = context;
    char device[NAME_MAX + 1];
    const struct label label = {"device", device};

    if (array->name.length >= sizeof device) {
        findings_trouble(findings, -EBADMSG);
        return;
    }
    snprintf(device, sizeof device, "%.*s", (int)array->name.length, array->name.at);
    findings_add(findings, &blocks, &label, 1, (double)array->blocks);
    findings_add(findings, &blocks_synced, &label, 1, (double)array->synced);
    findings_add(findings, &disks_required, &label, 1, (double)array->required);
    add_disks(findings, device, "active", array->active);
    add_disks(findings, device, "failed", array->failed);
    add_disks(findings, device, "spare", array->spare);
    for (int state = 0; state < MDSTAT_STATES; state++) {
        const struct label labels[] = {label, {"state", state_names[state]}};

        findings_add(findings, &array_state, labels, 2, (int)array->state == state);
    }
}

static void read_mdstat(const struct survey_target *target, struct findings *findings)
{
    struct procfs_file file;
    const char *text;
    size_t length;
    int result = procfs_read_once(&file, target->roots.procfs, "mdstat", &text, &length);

    if (result == 0)
        result = mdstat_parse(text, length, take_array, findings);
    procfs_close(&file);
    findings_trouble(findings, result);
}

/* While an array is reshaped, the former number stands behind: "4 (3)". */
static int read_count(int folder, const char *path, uint64_t *out)
{
    char buffer[ATTRIBUTE_BYTES];
    struct span text = {0};
    int result = sysfs_read(folder, path, buffer, sizeof buffer, &text);
    struct scanner scanner = scanner_over(text.at, text.length);
    uint64_t count;

    if (result < 0)
        return result;
    if (!scan_u64(&scanner, &count) || !(scan_is_done(&scanner) || scan_literal(&scanner, " (")))
        return -EBADMSG;
    *out = count;
    return 0;
}

/* Arrays without redundance have no attribute that could say how much of it is missing. */
static void read_array(struct findings *findings, int folder, const char *device)
{
    const struct label label = {"device", device};
    uint64_t count, missing = 0;
    int result = read_count(folder, "md/raid_disks", &count);

    findings_trouble(findings, result);
    if (result < 0)
        return;
    findings_add(findings, &raid_disks, &label, 1, (double)count);
    result = read_count(folder, "md/degraded", &missing);
    findings_trouble(findings, result);
    if (result == 0 || result == -ENOENT)
        findings_add(findings, &degraded, &label, 1, (double)missing);
}

static void read_sysfs(const struct survey_target *target, struct findings *findings)
{
    char path[PATH_MAX];
    const struct dirent *found;
    DIR *listing;

    snprintf(path, sizeof path, "%s/block", target->roots.sysfs);
    listing = opendir(path);
    if (listing == NULL) {
        findings_trouble(findings, -errno);
        return;
    }
    while ((found = readdir(listing)) != NULL) {
        int folder;

        if (strncmp(found->d_name, "md", 2) != 0)
            continue;
        folder = sysfs_open_device(target->roots.sysfs, "block", found->d_name);
        if (folder < 0) {
            findings_trouble(findings, folder);
            continue;
        }
        read_array(findings, folder, found->d_name);
        close(folder);
    }
    closedir(listing);
}

static void read_mdadm(const struct survey_target *target, struct findings *findings)
{
    read_mdstat(target, findings);
    read_sysfs(target, findings);
}

static const struct survey_form form = {
    .collector = "mdadm",
    .root = SURVEY_PROCFS,
    .folder = "mdstat",
    .read = read_mdadm,
};

static int open_mdadm(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector mdadm_collector = {
    .name = "mdadm",
    .interval_ms = MDADM_INTERVAL_MS,
    .open = open_mdadm,
    .sample = survey_sample,
    .close = survey_close,
};

#include "collectors/system/bonding.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define BONDING_INTERVAL_MS 10000
/* The kernel's page, in which both lists have to fit, and the end. */
#define LIST_BYTES (4096 + 1)
#define PATH_BYTES (IFNAMSIZ + 48)

static const struct metric slaves_metric = {
    .name = "node_bonding_slaves",
    .unit = "",
    .help = "Number of configured slaves per bonding interface.",
    .kind = METRIC_GAUGE,
};
static const struct metric active_metric = {
    .name = "node_bonding_active",
    .unit = "",
    .help = "Number of active slaves per bonding interface.",
    .kind = METRIC_GAUGE,
};

/* The next of a list of interfaces' names; false behind the last, or at one that can be none. */
static bool next_name(struct scanner *scanner, char out[IFNAMSIZ])
{
    struct scanner ahead;
    struct span name;

    scan_blanks(scanner);
    ahead = *scanner;
    if (!scan_word(&ahead, &name) || name.length >= IFNAMSIZ)
        return false;
    snprintf(out, IFNAMSIZ, "%.*s", (int)name.length, name.at);
    *scanner = ahead;
    return true;
}

/* The link to a slave has another prefix on kernels before 3.14. */
static int read_state(int master, const char *slave, char *state, size_t size)
{
    char path[PATH_BYTES];
    int result;

    snprintf(path, sizeof path, "lower_%s/bonding_slave/mii_status", slave);
    result = sysfs_read_text(master, path, state, size);
    if (result != -ENOENT)
        return result;
    snprintf(path, sizeof path, "slave_%s/bonding_slave/mii_status", slave);
    return sysfs_read_text(master, path, state, size);
}

static int count_slaves(int master, double *count, double *active)
{
    char list[LIST_BYTES], slave[IFNAMSIZ], state[16];
    struct span names;
    struct scanner scanner;
    int result = sysfs_read(master, "bonding/slaves", list, sizeof list, &names);

    if (result < 0)
        return result;
    scanner = scanner_over(names.at, names.length);
    while (next_name(&scanner, slave)) {
        *count += 1;
        result = read_state(master, slave, state, sizeof state);
        if (result < 0)
            return result;
        *active += strcmp(state, "up") == 0;
    }
    return scan_is_done(&scanner) ? 0 : -EBADMSG;
}

static void read_master(const struct survey_target *target, struct findings *findings,
                        const char *name)
{
    const struct label label = {"master", name};
    int folder = sysfs_open_device(target->roots.sysfs, "class/net", name);
    double count = 0, active = 0;
    int result = folder;

    if (folder >= 0) {
        result = count_slaves(folder, &count, &active);
        close(folder);
    }
    findings_trouble(findings, result);
    if (result < 0)
        return;
    findings_add(findings, &slaves_metric, &label, 1, count);
    findings_add(findings, &active_metric, &label, 1, active);
}

static void read_bonding(const struct survey_target *target, struct findings *findings)
{
    char list[LIST_BYTES], master[IFNAMSIZ];
    struct span names;
    struct scanner scanner;
    int result = sysfs_read(AT_FDCWD, target->path, list, sizeof list, &names);

    findings_trouble(findings, result);
    if (result < 0)
        return;
    scanner = scanner_over(names.at, names.length);
    while (next_name(&scanner, master))
        read_master(target, findings, master);
    if (!scan_is_done(&scanner))
        findings_trouble(findings, -EBADMSG);
}

static const struct survey_form form = {
    .collector = "bonding",
    .root = SURVEY_SYSFS,
    .folder = "class/net/bonding_masters",
    .read = read_bonding,
};

static int open_bonding(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector bonding_collector = {
    .name = "bonding",
    .interval_ms = BONDING_INTERVAL_MS,
    .open = open_bonding,
    .sample = survey_sample,
    .close = survey_close,
};

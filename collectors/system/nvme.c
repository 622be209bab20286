#include "collectors/system/nvme.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define NVME_INTERVAL_MS 60000
#define TEXT_BYTES       256
#define NUMBER_BYTES     24

static const struct metric controller_info = {
    .name = "node_nvme_info",
    .unit = "",
    .help = "Non-numeric data from /sys/class/nvme/<device>, value is always 1.",
    .kind = METRIC_GAUGE,
};
static const struct metric namespace_info = {
    .name = "node_nvme_namespace_info",
    .unit = "",
    .help = "Information about NVMe namespaces. Value is always 1",
    .kind = METRIC_GAUGE,
};
static const struct metric capacity = {
    .name = "node_nvme_namespace_capacity_bytes",
    .unit = "bytes",
    .help = "Capacity of the NVMe namespace in bytes. Computed as namespace_size * "
            "namespace_logical_block_size",
    .kind = METRIC_GAUGE,
};
static const struct metric size = {
    .name = "node_nvme_namespace_size_bytes",
    .unit = "bytes",
    .help = "Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>"
            "/size",
    .kind = METRIC_GAUGE,
};
static const struct metric used = {
    .name = "node_nvme_namespace_used_bytes",
    .unit = "bytes",
    .help = "Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>"
            "/<namespace>/nuse",
    .kind = METRIC_GAUGE,
};
static const struct metric logical_block_size = {
    .name = "node_nvme_namespace_logical_block_size_bytes",
    .unit = "bytes",
    .help = "Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in "
            "/sys/class/nvme/<device>/<namespace>/queue/logical_block_size",
    .kind = METRIC_GAUGE,
};

static bool scan_digits(struct scanner *scanner, struct span *out)
{
    struct span digits = {scanner->at, 0};

    while (scanner->at < scanner->end && char_is_digit(*scanner->at))
        scanner->at++;
    digits.length = (size_t)(scanner->at - digits.at);
    if (digits.length > 0)
        *out = digits;
    return digits.length > 0;
}

bool nvme_namespace_number(const char *name, struct span *out)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    struct span digits;

    if (!scan_literal(&scanner, "nvme") || !scan_digits(&scanner, &digits) ||
        (scan_char(&scanner, 'c') && !scan_digits(&scanner, &digits)) ||
        !scan_char(&scanner, 'n') || !scan_digits(&scanner, &digits) || !scan_is_done(&scanner))
        return false;
    *out = digits;
    return true;
}

static void read_text(struct findings *findings, int folder, const char *name,
                      char text[TEXT_BYTES])
{
    findings_trouble(findings, sysfs_read_text(folder, name, text, TEXT_BYTES));
}

static void add_blocks(struct findings *findings, int folder, const char *name,
                       const struct metric *metric, const struct label labels[2],
                       int64_t block_bytes)
{
    int64_t blocks;
    int result = sysfs_read_number(folder, name, &blocks);

    findings_trouble(findings, result);
    if (result == 0 && blocks >= 0)
        findings_add(findings, metric, labels, 2, (double)blocks * (double)block_bytes);
}

/*
 * node_exporter takes `size` for a number of logical blocks, though the kernel counts it in 512
 * bytes: of namespaces with blocks of 4096 bytes its size and capacity are eight times too large.
 * They are named and explained as its own, so they have its values.
 */
static void add_namespace(struct findings *findings, int folder, const struct label labels[2])
{
    char ana_state[TEXT_BYTES];
    struct label info[] = {labels[0], labels[1], {"ana_state", ana_state}};
    int64_t block_bytes;
    int result = sysfs_read_number(folder, "queue/logical_block_size", &block_bytes);

    read_text(findings, folder, "ana_state", ana_state);
    if (*ana_state == '\0')
        info[2].value = "unknown";
    findings_add(findings, &namespace_info, info, 3, 1);
    findings_trouble(findings, result);
    if (result < 0)
        return;
    findings_add(findings, &logical_block_size, labels, 2, (double)block_bytes);
    add_blocks(findings, folder, "size", &capacity, labels, block_bytes);
    add_blocks(findings, folder, "size", &size, labels, block_bytes);
    add_blocks(findings, folder, "nuse", &used, labels, block_bytes);
}

static void read_namespace(const struct survey_target *target, struct findings *findings,
                           const char *name)
{
    char number[NUMBER_BYTES];
    const struct label labels[] = {{"device", target->name}, {"nsid", number}};
    struct span digits;
    int folder;

    if (!nvme_namespace_number(name, &digits) || digits.length >= sizeof number)
        return;
    snprintf(number, sizeof number, "%.*s", (int)digits.length, digits.at);
    folder = openat(target->folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        findings_trouble(findings, -errno);
        return;
    }
    add_namespace(findings, folder, labels);
    close(folder);
}

static void add_controller(const struct survey_target *target, struct findings *findings)
{
    char firmware[TEXT_BYTES], model[TEXT_BYTES], serial[TEXT_BYTES], state[TEXT_BYTES],
        id[TEXT_BYTES];
    const struct label labels[] = {
        {"device", target->name}, {"firmware_revision", firmware},
        {"model", model},         {"serial", serial},
        {"state", state},         {"cntlid", id},
    };

    read_text(findings, target->folder, "firmware_rev", firmware);
    read_text(findings, target->folder, "model", model);
    read_text(findings, target->folder, "serial", serial);
    read_text(findings, target->folder, "state", state);
    read_text(findings, target->folder, "cntlid", id);
    findings_add(findings, &controller_info, labels, sizeof labels / sizeof labels[0], 1);
}

static void read_nvme(const struct survey_target *target, struct findings *findings)
{
    DIR *listing = opendir(target->path);
    const struct dirent *found;

    if (listing == NULL) {
        findings_trouble(findings, -errno);
        return;
    }
    add_controller(target, findings);
    while ((found = readdir(listing)) != NULL)
        read_namespace(target, findings, found->d_name);
    closedir(listing);
}

static const struct survey_form form = {
    .collector = "nvme",
    .root = SURVEY_SYSFS,
    .folder = "class/nvme",
    .each = true,
    .read = read_nvme,
};

static int open_nvme(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector nvme_collector = {
    .name = "nvme",
    .interval_ms = NVME_INTERVAL_MS,
    .open = open_nvme,
    .sample = survey_sample,
    .close = survey_close,
};

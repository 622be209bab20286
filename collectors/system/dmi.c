#include "collectors/system/dmi.h"

#include <errno.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define DMI_INTERVAL_MS 60000
#define TEXT_BYTES      256

static const struct metric info = {
    .name = "node_dmi_info",
    .unit = "",
    .help = "A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, "
            "bios_version, board_asset_tag, board_name, board_serial, board_vendor, board_version, "
            "chassis_asset_tag, chassis_serial, chassis_vendor, chassis_version, product_family, "
            "product_name, product_serial, product_sku, product_uuid, product_version, "
            "system_vendor if provided by DMI.",
    .kind = METRIC_GAUGE,
};

/* Labels that are called as their attributes, but for the last. */
static const char *const keys[] = {
    "bios_date",      "bios_release",   "bios_vendor",     "bios_version",    "board_asset_tag",
    "board_name",     "board_serial",   "board_vendor",    "board_version",   "product_sku",
    "chassis_serial", "chassis_vendor", "chassis_version", "product_uuid",    "product_family",
    "product_name",   "product_serial", "system_vendor",   "product_version", "chassis_asset_tag",
};
#define KEYS (sizeof keys / sizeof keys[0])

static const char *attribute_of(const char *key)
{
    return strcmp(key, "system_vendor") == 0 ? "sys_vendor" : key;
}

/* What only root may read, as serial numbers, is left out and no trouble: so does node_exporter. */
static void read_dmi(const struct survey_target *target, struct findings *findings)
{
    char values[KEYS][TEXT_BYTES];
    struct label labels[KEYS];
    size_t count = 0;

    for (size_t index = 0; index < KEYS; index++) {
        int result =
            sysfs_read_text(target->folder, attribute_of(keys[index]), values[count], TEXT_BYTES);

        if (result == 0) {
            labels[count] = (struct label){keys[index], values[count]};
            count++;
        } else if (result != -EACCES && result != -EPERM) {
            findings_trouble(findings, result);
        }
    }
    if (count > 0)
        findings_add(findings, &info, labels, count, 1);
}

static const struct survey_form form = {
    .collector = "dmi",
    .root = SURVEY_SYSFS,
    .folder = "class/dmi/id",
    .read = read_dmi,
};

static int open_dmi(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector dmi_collector = {
    .name = "dmi",
    .interval_ms = DMI_INTERVAL_MS,
    .open = open_dmi,
    .sample = survey_sample,
    .close = survey_close,
};

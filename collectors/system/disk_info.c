#include "collectors/system/disk_info.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/choice.h"
#include "collectors/number.h"
#include "collectors/procfs.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/disk.h"
#include "collectors/system/disk_device.h"
#include "collectors/system/udev.h"

#define DISK_INFO_INTERVAL_MS 60000
/* A longer property is left out, and told as -E2BIG. */
#define PROPERTY_BYTES 256

/* What is wanted of udev's. */
enum property {
    SCSI_SERIAL,
    ATA,
    ATA_ROTATION_RATE,
    ATA_WRITE_CACHE,
    ATA_WRITE_CACHE_ENABLED,
    DM_LV_LAYER,
    DM_LV_NAME,
    DM_NAME,
    DM_UUID,
    DM_VG_NAME,
    FS_TYPE,
    FS_USAGE,
    FS_UUID,
    FS_VERSION,
    MODEL,
    PATH,
    REVISION,
    SERIAL,
    SERIAL_SHORT,
    WWN,
    PROPERTIES,
};

static const char *const property_keys[PROPERTIES] = {
    [SCSI_SERIAL] = "SCSI_IDENT_SERIAL",
    [ATA] = "ID_ATA",
    [ATA_ROTATION_RATE] = "ID_ATA_ROTATION_RATE_RPM",
    [ATA_WRITE_CACHE] = "ID_ATA_WRITE_CACHE",
    [ATA_WRITE_CACHE_ENABLED] = "ID_ATA_WRITE_CACHE_ENABLED",
    [DM_LV_LAYER] = "DM_LV_LAYER",
    [DM_LV_NAME] = "DM_LV_NAME",
    [DM_NAME] = "DM_NAME",
    [DM_UUID] = "DM_UUID",
    [DM_VG_NAME] = "DM_VG_NAME",
    [FS_TYPE] = "ID_FS_TYPE",
    [FS_USAGE] = "ID_FS_USAGE",
    [FS_UUID] = "ID_FS_UUID",
    [FS_VERSION] = "ID_FS_VERSION",
    [MODEL] = "ID_MODEL",
    [PATH] = "ID_PATH",
    [REVISION] = "ID_REVISION",
    [SERIAL] = "ID_SERIAL",
    [SERIAL_SHORT] = "ID_SERIAL_SHORT",
    [WWN] = "ID_WWN",
};

/* Empty where udev has none. */
struct properties {
    char texts[PROPERTIES][PROPERTY_BYTES];
    bool too_long;
};

static const struct metric disk_info = {
    .name = "node_disk_info",
    .unit = "",
    .help = "Info of /sys/block/<block_device>.",
    .kind = METRIC_GAUGE,
};
static const struct metric filesystem_info = {
    .name = "node_disk_filesystem_info",
    .unit = "",
    .help = "Info about disk filesystem.",
    .kind = METRIC_GAUGE,
};
static const struct metric device_mapper_info = {
    .name = "node_disk_device_mapper_info",
    .unit = "",
    .help = "Info about disk device mapper.",
    .kind = METRIC_GAUGE,
};

static const struct {
    enum property property;
    struct metric metric;
} ata_metrics[] = {
    {ATA_WRITE_CACHE,
     {.name = "node_disk_ata_write_cache",
      .unit = "",
      .help = "ATA disk has a write cache.",
      .kind = METRIC_GAUGE}},
    {ATA_WRITE_CACHE_ENABLED,
     {.name = "node_disk_ata_write_cache_enabled",
      .unit = "",
      .help = "ATA disk has its write cache enabled.",
      .kind = METRIC_GAUGE}},
    {ATA_ROTATION_RATE,
     {.name = "node_disk_ata_rotation_rate_rpm",
      .unit = "",
      .help = "ATA disk rotation rate in RPMs (0 for SSDs).",
      .kind = METRIC_GAUGE}},
};

static void take_property(void *context, struct span key, struct span value)
{
    struct properties *properties = context;

    for (size_t index = 0; index < PROPERTIES; index++) {
        if (!span_equals(key, property_keys[index]))
            continue;
        if (value.length < PROPERTY_BYTES)
            snprintf(properties->texts[index], PROPERTY_BYTES, "%.*s", (int)value.length, value.at);
        else
            properties->too_long = true;
    }
}

static int read_properties(const struct collector_roots *roots, const struct disk_row *row,
                           struct properties *out)
{
    char path[64];
    struct procfs_file file;
    const char *text;
    size_t length;
    int result;

    snprintf(path, sizeof path, "run/udev/data/b%" PRIu64 ":%" PRIu64, row->major, row->minor);
    result = procfs_read_once(&file, roots->rootfs, path, &text, &length);
    if (result == 0)
        result = udev_parse(text, length, take_property, out);
    procfs_close(&file);
    return result == 0 && out->too_long ? -E2BIG : result;
}

/* Whether the disk turns; partitions and what has no queue do not. */
static bool is_rotational(const char *sysfs, const char *device)
{
    int folder = sysfs_open_device(sysfs, "block", device);
    int64_t rotational = 0;

    if (folder < 0)
        return false;
    if (sysfs_read_number(folder, "queue/rotational", &rotational) < 0)
        rotational = 0;
    close(folder);
    return rotational != 0;
}

/* What is printed on the disk, where that is known. */
static const char *serial_of(const struct properties *properties)
{
    static const enum property by_merit[] = {SCSI_SERIAL, SERIAL_SHORT, SERIAL};

    for (size_t index = 0; index < sizeof by_merit / sizeof by_merit[0]; index++) {
        if (*properties->texts[by_merit[index]] != '\0')
            return properties->texts[by_merit[index]];
    }
    return "";
}

static void add_disk(struct findings *findings, const char *sysfs, const struct disk_row *row,
                     const char *device, const struct properties *properties)
{
    char major[NUMBER_MAX + 1], minor[NUMBER_MAX + 1];
    const struct label labels[] = {
        {"device", device},
        {"major", major},
        {"minor", minor},
        {"path", properties->texts[PATH]},
        {"wwn", properties->texts[WWN]},
        {"model", properties->texts[MODEL]},
        {"serial", serial_of(properties)},
        {"revision", properties->texts[REVISION]},
        {"rotational", is_rotational(sysfs, device) ? "1" : "0"},
    };

    snprintf(major, sizeof major, "%" PRIu64, row->major);
    snprintf(minor, sizeof minor, "%" PRIu64, row->minor);
    findings_add(findings, &disk_info, labels, sizeof labels / sizeof labels[0], 1);
}

static void add_filesystem(struct findings *findings, const char *device,
                           const struct properties *properties)
{
    const struct label labels[] = {
        {"device", device},
        {"type", properties->texts[FS_TYPE]},
        {"usage", properties->texts[FS_USAGE]},
        {"uuid", properties->texts[FS_UUID]},
        {"version", properties->texts[FS_VERSION]},
    };

    if (*properties->texts[FS_TYPE] != '\0')
        findings_add(findings, &filesystem_info, labels, sizeof labels / sizeof labels[0], 1);
}

static void add_device_mapper(struct findings *findings, const char *device,
                              const struct properties *properties)
{
    const struct label labels[] = {
        {"device", device},
        {"name", properties->texts[DM_NAME]},
        {"uuid", properties->texts[DM_UUID]},
        {"vg_name", properties->texts[DM_VG_NAME]},
        {"lv_name", properties->texts[DM_LV_NAME]},
        {"lv_layer", properties->texts[DM_LV_LAYER]},
    };

    if (*properties->texts[DM_NAME] != '\0')
        findings_add(findings, &device_mapper_info, labels, sizeof labels / sizeof labels[0], 1);
}

static void add_ata(struct findings *findings, const char *device,
                    const struct properties *properties)
{
    const struct label label = {"device", device};

    if (*properties->texts[ATA] == '\0')
        return;
    for (size_t index = 0; index < sizeof ata_metrics / sizeof ata_metrics[0]; index++) {
        const char *text = properties->texts[ata_metrics[index].property];
        double value;
        int result;

        if (*text == '\0')
            continue;
        result = number_parse(text, strlen(text), &value);
        findings_trouble(findings, result);
        if (result == 0)
            findings_add(findings, &ata_metrics[index].metric, &label, 1, value);
    }
}

/* A device that udev does not know, as in a container, is told with what is known all the same. */
static void read_device(const struct survey_target *target, const struct disk_row *row,
                        struct findings *findings)
{
    struct properties properties = {.too_long = false};
    char device[NAME_MAX + 1];

    snprintf(device, sizeof device, "%.*s", (int)row->name.length, row->name.at);
    if (!choice_takes(&target->roots, CHOICE_DISK_DEVICE, device,
                      !disk_device_is_excluded(row->name)))
        return;
    findings_trouble(findings, read_properties(&target->roots, row, &properties));
    add_disk(findings, target->roots.sysfs, row, device, &properties);
    add_filesystem(findings, device, &properties);
    add_device_mapper(findings, device, &properties);
    add_ata(findings, device, &properties);
}

static void read_disk_info(const struct survey_target *target, struct findings *findings)
{
    struct procfs_file file;
    struct disk_table table = {.all = true}; /* which are read is asked below */
    const char *text;
    size_t length;
    int result = procfs_read_once(&file, target->roots.procfs, "diskstats", &text, &length);

    if (result == 0)
        result = disk_parse(text, length, &table);
    findings_trouble(findings, result);
    for (size_t index = 0; index < table.count; index++)
        read_device(target, &table.rows[index], findings);
    disk_table_finish(&table);
    procfs_close(&file);
}

static const struct survey_form form = {
    .collector = "disk_info",
    .root = SURVEY_PROCFS,
    .folder = "diskstats",
    .read = read_disk_info,
};

static int open_disk_info(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector disk_info_collector = {
    .name = "disk_info",
    .exporter_name = "diskstats",
    .interval_ms = DISK_INFO_INTERVAL_MS,
    .open = open_disk_info,
    .sample = survey_sample,
    .close = survey_close,
};

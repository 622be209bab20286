#include "collectors/system/hwmon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/array.h"
#include "collectors/choice.h"
#include "collectors/number.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/hwmon_attribute.h"
#include "collectors/system/hwmon_chip.h"

#define TEXT_BYTES 128
#define PATH_BYTES (sizeof "device/update_interval" + HWMON_NAME_MAX + 8)

static const struct metric chip_names = {
    .name = "node_hwmon_chip_names",
    .unit = "",
    .help = "Annotation metric for human-readable chip names",
    .kind = METRIC_GAUGE,
};
static const struct metric sensor_label = {
    .name = "node_hwmon_sensor_label",
    .unit = "",
    .help = "Label for given chip and sensor",
    .kind = METRIC_GAUGE,
};

/* A file of a sensor, and what it says. */
struct file {
    struct hwmon_attribute attribute;
    bool of_device;
    bool read;
    size_t length; /* of the text, which has a NUL */
    char path[PATH_BYTES];
    char text[TEXT_BYTES];
};

struct files {
    struct file *items;
    size_t count;
    size_t capacity;
};

/* The files of one sensor, beside each other. */
struct sensor {
    const struct file *files;
    size_t count;
    const char *chip;
    char name[32]; /* "temp1" */
};

static int add_file(struct files *files, const char *name, bool of_device)
{
    struct file file = {.of_device = of_device};
    struct file *items;

    if (!hwmon_parse_name(name, &file.attribute))
        return 0;
    if (snprintf(file.path, sizeof file.path, "%s%s", of_device ? "device/" : "", name) >=
        (int)sizeof file.path)
        return 0;
    if (files->count >= HWMON_FILES_MAX)
        return -E2BIG;
    items = array_reserve(files->items, &files->capacity, files->count + 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    files->items = items;
    items[files->count++] = file;
    return 0;
}

static int list_folder(const struct survey_target *target, bool of_device, struct files *files)
{
    int fd = openat(target->folder, of_device ? "device" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct dirent *found;
    int result = 0;
    DIR *listing;

    if (fd < 0)
        return -errno;
    listing = fdopendir(fd);
    if (listing == NULL) {
        result = -errno;
        close(fd);
        return result;
    }
    while (result == 0 && (found = readdir(listing)) != NULL) {
        if (found->d_type != DT_DIR)
            result = add_file(files, found->d_name, of_device);
    }
    closedir(listing);
    return result;
}

/* By sensor and property; what the device itself says of one comes first, and so counts. */
static int compare(const void *left, const void *right)
{
    const struct file *a = left, *b = right;
    int order = strcmp(a->attribute.type, b->attribute.type);

    if (order == 0 && a->attribute.number != b->attribute.number)
        order = a->attribute.number < b->attribute.number ? -1 : 1;
    if (order == 0)
        order = strcmp(a->attribute.property, b->attribute.property);
    if (order == 0)
        order = (int)b->of_device - (int)a->of_device;
    return order != 0 ? order : strcmp(a->path, b->path);
}

/* There are attributes that are only written. */
static bool is_readable(int folder, const char *path)
{
    struct stat status;

    return fstatat(folder, path, &status, 0) < 0 || (status.st_mode & 0444) != 0;
}

/*
 * A driver's error (EIO, EAGAIN, ENODATA and many others) says that this one sensor has no value
 * now, and nothing else.
 */
static int read_file(int folder, struct file *file)
{
    struct span text;
    int result = sysfs_read(folder, file->path, file->text, sizeof file->text, &text);

    if (result < 0) {
        bool denied = result == -EACCES || result == -EPERM;

        return denied && is_readable(folder, file->path) ? result : 0;
    }
    file->read = true;
    file->length = text.length;
    file->text[text.length] = '\0';
    return 0;
}

static void read_files(const struct survey_target *target, struct files *files,
                       struct findings *findings)
{
    findings_trouble(findings, list_folder(target, false, files));
    findings_trouble(findings, list_folder(target, true, files));
    if (files->count == 0)
        return;
    qsort(files->items, files->count, sizeof *files->items, compare);
    for (size_t index = 0; index < files->count; index++)
        findings_trouble(findings, read_file(target->folder, &files->items[index]));
}

static const struct file *property_of(const struct sensor *sensor, const char *property)
{
    for (size_t index = 0; index < sensor->count; index++) {
        const struct file *file = &sensor->files[index];

        if (file->read && strcmp(file->attribute.property, property) == 0)
            return file;
    }
    return NULL;
}

static void add_value(const struct sensor *sensor, const struct file *file, bool bare,
                      struct findings *findings)
{
    const struct label labels[] = {{"chip", sensor->chip}, {"sensor", sensor->name}};
    struct hwmon_metric metric;
    double number;

    if (!file->read || number_parse(file->text, file->length, &number) < 0 ||
        !hwmon_describe(&file->attribute, bare, &metric))
        return;
    number /= metric.divisor;
    if (hwmon_is_sane(&metric, number))
        findings_add_made(findings, &metric.metric, labels, 2, number);
}

/* A clock is told by what it is of, not by its number. */
static void add_frequency(const struct sensor *sensor, const struct file *label,
                          struct findings *findings)
{
    const struct file *input = property_of(sensor, "input");
    char name[HWMON_NAME_MAX + 1];
    const struct label labels[] = {{"chip", sensor->chip}, {"sensor", name}};
    double number;

    if (strcmp(sensor->files->attribute.type, "freq") != 0 || input == NULL ||
        number_parse(input->text, input->length, &number) < 0)
        return;
    hwmon_clean((struct span){label->text, label->length}, name);
    findings_add(findings, &hwmon_frequency, labels, 2, number / HWMON_FREQUENCY_DIVISOR);
}

static void add_sensor(const struct sensor *sensor, struct findings *findings)
{
    const struct file *label = property_of(sensor, "label");
    bool bare = property_of(sensor, "") != NULL;

    if (label != NULL) {
        const struct label labels[] = {
            {"chip", sensor->chip}, {"sensor", sensor->name}, {"label", label->text}};

        findings_add(findings, &sensor_label, labels, 3, 1);
        add_frequency(sensor, label, findings);
    }
    for (size_t index = 0; index < sensor->count; index++)
        add_value(sensor, &sensor->files[index], bare, findings);
}

static bool is_of(const struct file *file, const struct file *first)
{
    return file->attribute.type == first->attribute.type &&
           file->attribute.number == first->attribute.number;
}

static void add_sensors(const struct files *files, const char *chip, struct findings *findings)
{
    size_t next;

    for (size_t first = 0; first < files->count; first = next) {
        const struct hwmon_attribute *attribute = &files->items[first].attribute;
        struct sensor sensor = {.files = &files->items[first], .chip = chip};

        for (next = first + 1; next < files->count; next++) {
            if (!is_of(&files->items[next], sensor.files))
                break;
        }
        sensor.count = next - first;
        snprintf(sensor.name, sizeof sensor.name, "%s%u", attribute->type, attribute->number);
        add_sensor(&sensor, findings);
    }
}

static void read_chip(const struct survey_target *target, struct findings *findings)
{
    struct files files = {0};
    struct hwmon_chip chip;

    hwmon_name_chip(target, &chip);
    if (!choice_takes(&target->roots, CHOICE_HWMON_CHIP, chip.label, true))
        return;
    if (*chip.name != '\0') {
        const struct label labels[] = {{"chip", chip.label}, {"chip_name", chip.name}};

        findings_add(findings, &chip_names, labels, 2, 1);
    }
    read_files(target, &files, findings);
    add_sensors(&files, chip.label, findings);
    free(files.items);
}

static const struct survey_form form = {.collector = "hwmon",
                                        .root = SURVEY_SYSFS,
                                        .folder = "class/hwmon",
                                        .each = true,
                                        .read = read_chip};

static int open_hwmon(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector hwmon_collector = {.name = "hwmon",
                                          .interval_ms = 5000,
                                          .open = open_hwmon,
                                          .sample = survey_sample,
                                          .close = survey_close};

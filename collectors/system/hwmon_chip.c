#include "collectors/system/hwmon_chip.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/sysfs.h"

/* Takes the last part off the path, and the slashes around it. */
static struct span take_last(struct span *path)
{
    struct span part;
    size_t end = path->length;
    size_t start;

    while (end > 0 && path->at[end - 1] == '/')
        end--;
    start = end;
    while (start > 0 && path->at[start - 1] != '/')
        start--;
    part = (struct span){path->at + start, end - start};
    path->length = start;
    return part;
}

void hwmon_name_device(struct span path, char out[HWMON_CHIP_MAX])
{
    char device[HWMON_NAME_MAX + 1], type[HWMON_NAME_MAX + 1];

    hwmon_clean(take_last(&path), device);
    hwmon_clean(take_last(&path), type);
    if (*device == '\0')
        *out = '\0';
    else
        snprintf(out, HWMON_CHIP_MAX, "%s%s%s", type, *type != '\0' ? "_" : "", device);
}

/* What the driver says of a chip, "" where it says nothing. */
static void read_name(int folder, const char *chip, char out[HWMON_NAME_MAX + 1])
{
    char path[NAME_MAX + sizeof "/name"], text[128];
    struct span name = {NULL, 0};

    snprintf(path, sizeof path, "%s%sname", chip, *chip != '\0' ? "/" : "");
    if (sysfs_read(folder, path, text, sizeof text, &name) < 0)
        name.length = 0;
    hwmon_clean(name, out);
}

/* Chips that would have the same label. */
struct rivals {
    bool any;
    bool any_of_that_name; /* the driver calls them the same */
};

/*
 * The chips of one device are in one folder, which the link in class/hwmon points into: only there
 * is looked, since servers have a chip for each of a thousand drives. A link there is to a chip of
 * another.
 */
static struct rivals find_rivals(const struct survey_target *target, const struct hwmon_chip *chip)
{
    struct rivals rivals = {0};
    char path[PATH_MAX], name[HWMON_NAME_MAX + 1];
    const struct dirent *found;
    DIR *listing;

    if (snprintf(path, sizeof path, "%s/..", target->path) >= (int)sizeof path)
        return rivals;
    listing = opendir(path);
    if (listing == NULL)
        return rivals;
    while ((found = readdir(listing)) != NULL) {
        bool same;

        if (strncmp(found->d_name, "hwmon", strlen("hwmon")) != 0 || found->d_type == DT_LNK ||
            strcmp(found->d_name, target->name) == 0)
            continue;
        read_name(dirfd(listing), found->d_name, name);
        same = *name != '\0' && strcmp(name, chip->name) == 0;
        rivals.any |= same || *chip->label != '\0';
        rivals.any_of_that_name |= same;
    }
    closedir(listing);
    return rivals;
}

static void read_device(const struct survey_target *target, char out[HWMON_CHIP_MAX])
{
    char path[PATH_MAX];
    char *device;

    *out = '\0';
    if (snprintf(path, sizeof path, "%s/device", target->path) >= (int)sizeof path)
        return;
    device = realpath(path, NULL);
    if (device == NULL)
        return;
    hwmon_name_device((struct span){device, strlen(device)}, out);
    free(device);
}

/* The device's name, else the driver's, else the kernel's number. */
void hwmon_name_chip(const struct survey_target *target, struct hwmon_chip *out)
{
    char number[HWMON_NAME_MAX + 1];
    struct rivals rivals;
    size_t length;

    hwmon_clean((struct span){target->name, strlen(target->name)}, number);
    read_name(target->folder, "", out->name);
    read_device(target, out->label);
    rivals = find_rivals(target, out);
    if (*out->label == '\0')
        snprintf(out->label, sizeof out->label, "%s", *out->name ? out->name : number);
    length = strlen(out->label);
    if (rivals.any)
        snprintf(out->label + length, sizeof out->label - length, "_%s",
                 *out->name != '\0' && !rivals.any_of_that_name ? out->name : number);
}

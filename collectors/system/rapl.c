#include "collectors/system/rapl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/survey.h"
#include "collectors/sysfs.h"
#include "collectors/system/rapl_zone.h"

#define MICRO 1e6
/*
 * More than any board takes, and little enough that a counter which began anew is told from one
 * that went round: that takes it a minute at least.
 */
#define WATTS_MAX 4000

/* A zone and the folder that it is of. */
struct zone {
    struct rapl_zone is;
    const char *folder;
};

static bool read_name(const struct survey_target *target, const char *folder, struct rapl_zone *out)
{
    char path[NAME_MAX + sizeof "/name"], text[RAPL_NAME_MAX + 16];
    struct span name;

    snprintf(path, sizeof path, "%s/name", folder);
    return sysfs_read(target->folder, path, text, sizeof text, &name) == 0 &&
           rapl_parse_name(name, out);
}

/* Two of the same name and without an index are told apart by their order. */
static void count_index(const struct zone *zones, struct zone *zone)
{
    const struct zone *other = zone;

    if (zone->is.has_index)
        return;
    while (other > zones) {
        other--;
        if (strcmp(other->is.name, zone->is.name) == 0) {
            zone->is.index = other->is.index + 1;
            return;
        }
    }
}

static int read_number(const struct survey_target *target, const char *folder, const char *file,
                       int64_t *out)
{
    char path[NAME_MAX + sizeof "/max_energy_range_uj"];

    snprintf(path, sizeof path, "%s/%s", folder, file);
    return sysfs_read_number(target->folder, path, out);
}

static void make_metric_name(const char *zone, char *out, size_t size)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";

    snprintf(out, size, "node_rapl_%s_joules_total", zone);
    for (char *at = out; *(at += strspn(at, allowed)) != '\0';)
        *at = '_';
}

static void add_energy(const struct survey_target *target, const struct zone *zone, int64_t energy,
                       int64_t range, struct findings *findings)
{
    char name[sizeof "node_rapl__joules_total" + RAPL_NAME_MAX];
    char help[sizeof "Current RAPL  value in joules" + RAPL_NAME_MAX];
    char path[PATH_MAX], index[16];
    const struct label labels[] = {{"index", index}, {"path", path}};
    const struct metric metric = {.name = name,
                                  .unit = "joules",
                                  .help = help,
                                  .kind = METRIC_COUNTER,
                                  .cumulative = true,
                                  .wraps_at = (double)range / MICRO,
                                  .rate_max = range > 0 ? WATTS_MAX : 0};

    make_metric_name(zone->is.name, name, sizeof name);
    snprintf(help, sizeof help, "Current RAPL %s value in joules", zone->is.name);
    snprintf(index, sizeof index, "%u", zone->is.index);
    if (snprintf(path, sizeof path, "%s/%s", target->path, zone->folder) >= (int)sizeof path)
        return;
    findings_add_made(findings, &metric, labels, 2, (double)energy / MICRO);
}

static void read_zone(const struct survey_target *target, const struct zone *zone,
                      struct findings *findings)
{
    int64_t energy = 0, range = 0;
    int result = read_number(target, zone->folder, "energy_uj", &energy);

    if (result == 0 && read_number(target, zone->folder, "max_energy_range_uj", &range) < 0)
        range = 0; /* it is not known to wrap, then */
    if (result == 0)
        add_energy(target, zone, energy, range, findings);
    else if (result != -ENODATA)
        findings_trouble(findings, result);
}

static int is_entry(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

/* In node_exporter's order, which is that of the bytes of their names. */
static int compare(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static void read_zones(const struct survey_target *target, struct dirent *const *entries,
                       size_t count, struct findings *findings)
{
    struct zone *zones = calloc(count + 1, sizeof *zones);
    size_t found = 0;

    if (zones == NULL) {
        findings_trouble(findings, -ENOMEM);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        struct zone *zone = &zones[found];

        if (!read_name(target, entries[index]->d_name, &zone->is))
            continue;
        zone->folder = entries[index]->d_name;
        count_index(zones, zone);
        read_zone(target, zone, findings);
        found++;
    }
    free(zones);
}

static void read_rapl(const struct survey_target *target, struct findings *findings)
{
    struct dirent **entries = NULL;
    int count = scandir(target->path, &entries, is_entry, compare);

    if (count < 0) {
        findings_trouble(findings, -errno);
        return;
    }
    if (count > RAPL_ZONES_MAX)
        findings_trouble(findings, -E2BIG);
    read_zones(target, entries, count > RAPL_ZONES_MAX ? RAPL_ZONES_MAX : (size_t)count, findings);
    for (int index = 0; index < count; index++)
        free(entries[index]);
    free(entries);
}

static const struct survey_form form = {
    .collector = "rapl", .root = SURVEY_SYSFS, .folder = "class/powercap", .read = read_rapl};

static int open_rapl(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector rapl_collector = {.name = "rapl",
                                         .interval_ms = 2000,
                                         .open = open_rapl,
                                         .sample = survey_sample,
                                         .close = survey_close};

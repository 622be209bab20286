#include "collectors/system/arp.h"

#include <errno.h>

#include "collectors/choice.h"
#include "collectors/lines.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/survey.h"

/* Without a hardware address, which interfaces such as tunnels do not have, there is one less. */
#define COLUMNS_MIN 5
#define COLUMNS_MAX 6

static const struct metric entries = {
    .name = "node_arp_entries",
    .unit = "",
    .help = "ARP entries by device",
    .kind = METRIC_GAUGE,
};

struct device {
    struct roster_key key;
    uint64_t count;
};

struct reading {
    struct roster devices;
    bool headed;
    int trouble;
};

/* "192.168.1.1      0x1         0x2         cc:aa:dd:ee:aa:bb     *        eth0" */
int arp_parse_line(struct scanner line, struct span *device)
{
    struct span column = {0};
    int columns = 0;

    while (columns <= COLUMNS_MAX && scan_word(&line, &column)) {
        columns++;
        scan_blanks(&line);
    }
    if (columns < COLUMNS_MIN || columns > COLUMNS_MAX || !scan_is_done(&line) ||
        !roster_accepts(column))
        return -EBADMSG;
    *device = column;
    return 0;
}

/* A line that is not understood costs its own entry. */
static int take_line(void *arg, struct scanner line)
{
    struct reading *reading = arg;
    struct device *device;
    struct span name;
    int result;

    if (!reading->headed) {
        reading->headed = scan_literal(&line, "IP address ");
        return reading->headed ? 0 : -EBADMSG;
    }
    result = arp_parse_line(line, &name);
    if (result < 0) {
        reading->trouble = result;
        return 0;
    }
    device = roster_take(&reading->devices, name);
    if (device == NULL)
        return -ENOMEM;
    device->count++;
    return 0;
}

static void tell(const struct reading *reading, const struct survey_target *target,
                 struct findings *findings)
{
    const struct device *devices = reading->devices.items;

    for (size_t index = 0; index < reading->devices.count; index++) {
        const struct label label = {"device", devices[index].key.name};

        if (choice_takes(&target->roots, CHOICE_ARP_DEVICE, label.value, true))
            findings_add(findings, &entries, &label, 1, (double)devices[index].count);
    }
}

static void read_arp(const struct survey_target *target, struct findings *findings)
{
    struct reading reading = {.headed = false};
    int result;

    roster_init(&reading.devices, sizeof(struct device));
    roster_begin(&reading.devices);
    result = lines_read_net(target->roots.procfs, "arp", take_line, &reading);
    if (result == 0)
        result = reading.headed ? reading.trouble : -EBADMSG;
    findings_trouble(findings, result);
    if (reading.headed)
        tell(&reading, target, findings);
    roster_finish(&reading.devices);
}

/* Where the file is depends on whose procfs it is: lines_read_net(). */
static const struct survey_form form = {
    .collector = "arp", .root = SURVEY_PROCFS, .folder = ".", .read = read_arp};

static int open_arp(const struct collector_roots *roots, void **state)
{
    struct procfs_file file;
    int result = procfs_open_net(&file, roots->procfs, "arp");

    procfs_close(&file);
    return result < 0 ? result : survey_open(&form, roots, state);
}

const struct collector arp_collector = {
    .name = "arp",
    .interval_ms = 10000,
    .open = open_arp,
    .sample = survey_sample,
    .close = survey_close,
};

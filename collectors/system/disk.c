#include "collectors/system/disk.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/choice.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/disk_device.h"
#include "collectors/system/disk_metrics.h"

/* A device that is there; its name is the kernel's. */
struct disk {
    struct roster_key key;
    uint64_t major;
    uint64_t minor;
    struct disk_device device;
    bool chosen;          /* whether it is left has been asked */
    bool left;            /* by the configuration or by default */
    bool known;           /* has been inspected: not new in this tick */
    bool replaced;        /* since the last values: another device, under the same name */
    unsigned flags;       /* as its series were declared */
    unsigned field_count; /* in the last tick */
    uint64_t fields[DISK_FIELDS];
    struct sink_series series[DISK_FIELDS];
};

struct disk_state {
    struct procfs_file file;
    struct disk_table table;
    struct roster disks;
    struct collector_roots roots;
    char *sysfs;
};

/* The kernel added fields in groups; a line that ends inside one has been cut. */
static bool is_field_count(unsigned count)
{
    return count == DISK_IN_FLIGHT || count == DISK_DISCARDS || count == DISK_FLUSHES ||
           count == DISK_FIELDS;
}

static bool parse_fields(struct scanner line, struct disk_row *row)
{
    uint64_t field;

    row->field_count = 0;
    while (scan_blanks(&line) && scan_u64(&line, &field)) {
        /* A later kernel may have more. */
        if (row->field_count < DISK_FIELDS)
            row->fields[row->field_count++] = field;
    }
    return scan_is_done(&line) && is_field_count(row->field_count);
}

/* "   8       0 sda 25354637 34367663 …" */
static bool parse_identity(struct scanner *line, struct disk_row *row)
{
    scan_blanks(line);
    return scan_u64(line, &row->major) && scan_blanks(line) && scan_u64(line, &row->minor) &&
           scan_blanks(line) && scan_word(line, &row->name) && roster_accepts(row->name);
}

/* 0, also when the device is left out, or -errno. */
static int add_row(struct scanner line, struct disk_table *table)
{
    struct disk_row *rows, *row;

    if (table->count >= DISK_ROWS_MAX)
        return -E2BIG;
    rows = array_reserve(table->rows, &table->capacity, table->count + 1, sizeof *rows);
    if (rows == NULL)
        return -ENOMEM;
    table->rows = rows;
    row = &rows[table->count];
    if (!parse_identity(&line, row))
        return -EBADMSG;
    if (!table->all && disk_device_is_excluded(row->name))
        return 0;
    if (!parse_fields(line, row))
        return -EBADMSG;
    table->count++;
    return 0;
}

int disk_parse(const char *text, size_t length, struct disk_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    int result = 0;

    table->count = 0;
    while (result != -E2BIG && result != -ENOMEM && scan_line(&scanner, &line)) {
        int added = add_row(line, table);

        if (added < 0)
            result = added;
    }
    if (result == -ENOMEM)
        table->count = 0;
    return result;
}

void disk_table_finish(struct disk_table *table)
{
    free(table->rows);
    *table = (struct disk_table){0};
}

static void close_disk(void *opaque)
{
    struct disk_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    disk_table_finish(&state->table);
    roster_finish(&state->disks);
    free(state->sysfs);
    free(state);
}

static int open_disk(const struct collector_roots *roots, void **out)
{
    struct disk_state *state = calloc(1, sizeof *state);
    int result = -ENOMEM;

    if (state == NULL)
        return -ENOMEM;
    roster_init(&state->disks, sizeof(struct disk));
    state->roots = *roots;
    state->table.all = choice_is_said(roots, CHOICE_DISK_DEVICE);
    state->sysfs = strdup(roots->sysfs);
    if (state->sysfs != NULL)
        result = procfs_open(&state->file, roots->procfs, "diskstats");
    if (result < 0) {
        close_disk(state);
        return result;
    }
    *out = state;
    return 0;
}

static bool has_gone_back(const struct disk *disk, const struct disk_row *row)
{
    return row->fields[DISK_READS] < disk->fields[DISK_READS] ||
           row->fields[DISK_SECTORS_READ] < disk->fields[DISK_SECTORS_READ] ||
           row->fields[DISK_WRITES] < disk->fields[DISK_WRITES] ||
           row->fields[DISK_SECTORS_WRITTEN] < disk->fields[DISK_SECTORS_WRITTEN];
}

/*
 * Asks sysfs about a device that is new, or may be another one than in the former tick: it has
 * another number, or counts less. The latter alone may also be a counter's wrap, which readers
 * see for themselves; diskseq tells the two apart.
 */
static void identify(struct disk *disk, const struct disk_row *row, const char *sysfs)
{
    bool renumbered = row->major != disk->major || row->minor != disk->minor;
    uint64_t former_sequence = disk->device.sequence;

    if (disk->known && !renumbered && !has_gone_back(disk, row))
        return;
    disk->device = disk_device_inspect(sysfs, disk->key.name);
    if (disk->known && (renumbered || disk->device.sequence != former_sequence))
        disk->replaced = true;
    disk->known = true;
    disk->major = row->major;
    disk->minor = row->minor;
}

/* Asked once, when its name appears. */
static bool is_left(struct disk *disk, const struct disk_state *state, struct span name)
{
    if (!disk->chosen)
        disk->left = !choice_takes(&state->roots, CHOICE_DISK_DEVICE, disk->key.name,
                                   !disk_device_is_excluded(name));
    disk->chosen = true;
    return disk->left;
}

static int take_rows(struct disk_state *state)
{
    roster_begin(&state->disks);
    for (size_t index = 0; index < state->table.count; index++) {
        const struct disk_row *row = &state->table.rows[index];
        struct disk *disk = roster_take(&state->disks, row->name);

        if (disk == NULL)
            return -ENOMEM;
        if (is_left(disk, state, row->name))
            continue;
        identify(disk, row, state->sysfs);
        disk->field_count = row->field_count;
        memcpy(disk->fields, row->fields, row->field_count * sizeof row->fields[0]);
    }
    return 0;
}

static void on_gone(void *item, struct sink *sink)
{
    struct disk *disk = item;

    for (unsigned field = 0; field < DISK_FIELDS; field++)
        sink_drop(sink, &disk->series[field]);
}

/* Declares anew what had other flags, which the series keep their slots over. */
static void take_flags(struct disk *disk, const struct label *label, struct sink *sink)
{
    unsigned flags = disk->device.physical ? SERIES_IN_TOTAL : 0;

    if (flags == disk->flags)
        return;
    for (unsigned field = 0; field < DISK_FIELDS; field++) {
        struct sink_series *series = &disk->series[field];

        if (series->declared)
            sink_declare(sink, &disk_metrics[field].metric, label, 1, flags, &series->slot);
    }
    disk->flags = flags;
}

static void write_values(struct disk *disk, struct sink *sink)
{
    struct label label = {"device", disk->key.name};

    take_flags(disk, &label, sink);
    /* One tick without values, so that no rate is taken from one device to the other. */
    if (disk->replaced) {
        disk->replaced = false;
        return;
    }
    for (unsigned field = 0; field < disk->field_count; field++)
        sink_put(sink, &disk->series[field], &disk_metrics[field].metric, &label, 1, disk->flags,
                 disk_metric_value(field, disk->fields[field]));
}

static int sample_disk(void *opaque, struct sink *sink)
{
    struct disk_state *state = opaque;
    const char *text;
    size_t length;
    struct disk *disks;
    int taken;
    int result = procfs_read(&state->file, &text, &length);

    if (result < 0)
        return result;
    result = disk_parse(text, length, &state->table);
    /* None is an answer only when all was understood. */
    if (result < 0 && state->table.count == 0)
        return result;
    taken = take_rows(state);
    if (taken < 0)
        return taken;
    roster_sweep(&state->disks, on_gone, sink);
    disks = state->disks.items;
    for (size_t index = 0; index < state->disks.count; index++) {
        if (!disks[index].left)
            write_values(&disks[index], sink);
    }
    return result;
}

const struct collector disk_collector = {
    .name = "disk",
    .exporter_name = "diskstats",
    .open = open_disk,
    .sample = sample_disk,
    .close = close_disk,
};

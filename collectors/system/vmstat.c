#include "collectors/system/vmstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/procfs.h"

struct vmstat_state {
    struct procfs_file file;
    struct statistics statistics;
    struct fields fields;
};

static bool is_wanted(struct span name)
{
    struct scanner scanner = scanner_over(name.at, name.length);

    if (scan_literal(&scanner, "oom_kill") || scan_literal(&scanner, "pswp") ||
        scan_literal(&scanner, "pgpg"))
        return true;
    return scan_literal(&scanner, "pg") &&
           memmem(scanner.at, (size_t)(scanner.end - scanner.at), "fault", 5) != NULL;
}

static bool pick(struct span group, struct span name, struct field_key *key)
{
    return is_wanted(name) && field_key_make(key, group, name);
}

const struct statistics_form vmstat_form = {.paired = false, .pick = pick};

static void describe(const char *key, struct field_metric *out)
{
    snprintf(out->name, sizeof out->name, "node_vmstat_%s", key);
    snprintf(out->help, sizeof out->help, "/proc/vmstat information field %s.", key);
    out->metric.kind = METRIC_UNTYPED;
    out->metric.cumulative = true;
}

static void close_vmstat(void *opaque)
{
    struct vmstat_state *state = opaque;

    if (state == NULL)
        return;
    procfs_close(&state->file);
    statistics_finish(&state->statistics);
    fields_finish(&state->fields);
    free(state);
}

static int open_vmstat(const struct collector_roots *roots, void **out)
{
    struct vmstat_state *state = calloc(1, sizeof *state);
    int result;

    if (state == NULL)
        return -ENOMEM;
    fields_init(&state->fields, describe);
    result = procfs_open(&state->file, roots->procfs, "vmstat");
    if (result < 0) {
        close_vmstat(state);
        return result;
    }
    *out = state;
    return 0;
}

static int sample_vmstat(void *opaque, struct sink *sink)
{
    struct vmstat_state *state = opaque;
    const char *text;
    size_t length;
    int result = procfs_read(&state->file, &text, &length);
    int taken;

    if (result < 0)
        return result;
    result = statistics_parse(text, length, &vmstat_form, &state->statistics);
    if (result < 0 && state->statistics.count == 0)
        return result;
    fields_begin(&state->fields);
    taken = statistics_take(&state->statistics, &state->fields);
    if (taken < 0)
        return taken;
    fields_write(&state->fields, sink);
    return result;
}

const struct collector vmstat_collector = {
    .name = "vmstat",
    .open = open_vmstat,
    .sample = sample_vmstat,
    .close = close_vmstat,
};

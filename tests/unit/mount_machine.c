#include "tests/unit/mount_machine.h"

#include <stdio.h>

#include "collectors/system/filesystem.h"

static void name(char *out, size_t size, const char *metric, const char *labels)
{
    snprintf(out, size, "%s%s%s", strncmp(metric, "tacho", 5) == 0 ? "" : "node_filesystem_",
             metric, labels);
}

double mount_value(const struct machine *machine, const char *metric, const char *labels)
{
    char text[256];

    name(text, sizeof text, metric, labels);
    return fake_sink_value(&machine->sink, text);
}

const struct fake_series *mount_series(const struct machine *machine, const char *metric,
                                       const char *labels)
{
    char text[256];

    name(text, sizeof text, metric, labels);
    return fake_sink_find(&machine->sink, text);
}

bool mount_is_absent(const struct machine *machine, const char *metric, const char *labels)
{
    char text[256];

    name(text, sizeof text, metric, labels);
    return fake_sink_is_absent(&machine->sink, text);
}

bool mount_is_stuck(const struct machine *machine, const char *labels)
{
    return mount_series(machine, "tacho_filesystem_stuck_since_timestamp_seconds", labels) != NULL;
}

void mount_write(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/1/mountinfo", text);
}

void mount_prepare(struct machine *machine, const char *text)
{
    machine_make(machine, &filesystem_collector);
    machine->sink.sink.interval_ms = FILESYSTEM_INTERVAL_MS;
    folder_write(&machine->folder, "data/file", "");
    folder_write(&machine->folder, "bound/file", "");
    mount_write(machine, text);
}

void mount_start(struct machine *machine, const char *text)
{
    mount_prepare(machine, text);
    ck_assert_int_eq(machine_open(machine), 0);
}

void mount_wait(struct machine *machine, int count)
{
    for (int tick = 0; tick < count; tick++)
        ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
}

int mount_next_round(struct machine *machine)
{
    struct sink *sink = &machine->sink.sink;
    int64_t round_ns = INT64_C(1000000) * FILESYSTEM_INTERVAL_MS;
    int64_t left_ns = round_ns - sink->real_ns % round_ns - INT64_C(1000000000);

    sink->real_ns += left_ns;
    sink->mono_ns += left_ns;
    return machine_tick(machine);
}

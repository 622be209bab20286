#include "tests/unit/machine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static int open_at(struct machine *machine, const char *root)
{
    char procfs[PATH_MAX];
    char sysfs[PATH_MAX];
    struct collector_roots roots = {
        .procfs = procfs, .sysfs = sysfs, .rootfs = root, .chooser = machine->chooser};

    snprintf(procfs, sizeof procfs, "%s/proc", root);
    snprintf(sysfs, sizeof sysfs, "%s/sys", root);
    return machine->collector->open(&roots, &machine->state);
}

void machine_make(struct machine *machine, const struct collector *collector)
{
    *machine = (struct machine){.collector = collector};
    folder_make(&machine->folder);
    fake_sink_init(&machine->sink);
    if (machine->sink.sink.interval_ms < collector->interval_ms)
        machine->sink.sink.interval_ms = collector->interval_ms;
}

int machine_open(struct machine *machine)
{
    return open_at(machine, machine->folder.path);
}

int machine_tick(struct machine *machine)
{
    fake_sink_begin(&machine->sink);
    return machine->collector->sample(machine->state, &machine->sink.sink);
}

void machine_expect_tick(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), 0);
}

void machine_expect_part(struct machine *machine, int wanted)
{
    ck_assert_int_eq(machine_tick(machine), wanted);
}

void machine_expect_error(struct machine *machine, int wanted)
{
    machine_expect_part(machine, wanted);
    ck_assert_uint_eq(fake_sink_values(&machine->sink), 0);
}

void machine_expect_round(struct machine *machine, int wanted)
{
    int result;

    while ((result = machine_tick(machine)) != COLLECTOR_AGAIN)
        ck_assert_int_eq(result, 0);
    ck_assert_int_eq(machine_tick(machine), wanted);
}

void machine_remove(struct machine *machine)
{
    machine->collector->close(machine->state);
    fake_sink_finish(&machine->sink);
    folder_remove(&machine->folder);
}

void machine_compare_fixture(const struct collector *collector, size_t series)
{
    machine_compare_chosen(collector, NULL, series);
}

void machine_compare_chosen(const struct collector *collector, const struct chooser *chooser,
                            size_t series)
{
    const char *root = fixtures_folder();
    struct machine machine;
    char path[PATH_MAX];
    char *exposition;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/e2e-output.txt", root);
    exposition = file_text(path);
    machine_make(&machine, collector);
    machine.chooser = chooser;
    ck_assert_int_eq(open_at(&machine, root), 0);
    /* Tasks are answered at once; what they found is taken by the tick after. */
    if (machine_tick(&machine) == COLLECTOR_AGAIN)
        machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), series);
    fake_sink_compare(&machine.sink, exposition);
    machine_remove(&machine);
    free(exposition);
}

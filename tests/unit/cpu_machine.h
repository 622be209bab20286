/* Surveys of the folders of CPUs on a machine of text files with two CPUs, see machine.h. */
#ifndef TACHO_TESTS_UNIT_CPU_MACHINE_H
#define TACHO_TESTS_UNIT_CPU_MACHINE_H

#include <errno.h>

#include "collectors/system/cpu_folder.h"
#include "tests/unit/machine.h"

#define CPUS "sys/" CPU_FOLDER "/"

static inline void cpu_machine_make(struct machine *machine, const struct collector *collector)
{
    machine_make(machine, collector);
    folder_write(&machine->folder, CPUS "online", "0-1\n");
}

/* Asks, and takes the answers, which gives this: 0, or the trouble that is told with them. */
static inline void cpu_machine_round(struct machine *machine, int wanted)
{
    if (machine->state == NULL)
        ck_assert_int_eq(machine_open(machine), 0);
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_part(machine, wanted);
}

/* There is nothing of what the collector reads: it is not on this machine. */
static inline void cpu_machine_expect_absent(const struct collector *collector)
{
    struct machine machine;

    cpu_machine_make(&machine, collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);
}

#endif

#include "collectors/system/interrupts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

#define FILE_NAME "proc/interrupts"
#define NAME(cpu, devices, info, type)                                                             \
    "node_interrupts_total{cpu=\"" cpu "\",devices=\"" devices "\",info=\"" info "\",type=\"" type \
    "\"}"

#define GOOD                                                                                       \
    "           CPU0       CPU1       \n"                                                          \
    " 16:     328511     322879  IR-IO-APIC-fasteoi   ehci_hcd:usb1,   mmc0\n"                     \
    " 24:          1          0  IO-APIC   5-edge      ACPI:Ged\n"                                 \
    " 25:          7          8  dummy\n"                                                          \
    "NMI:         47       5031   Non-maskable  interrupts\n"                                      \
    "ERR:          0\n"                                                                            \
    "MIS:          0\n"

static void start(struct machine *machine, const char *text)
{
    machine_make(machine, &interrupts_collector);
    folder_write(&machine->folder, FILE_NAME, text);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static void next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, FILE_NAME, text);
    machine_expect_tick(machine);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(labels_are_the_exporters)
{
    struct machine machine;

    ck_assert(interrupts_collector.off_by_default);
    start(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    ck_assert_double_eq(
        value(&machine, NAME("0", "ehci_hcd:usb1, mmc0", "IR-IO-APIC-fasteoi", "16")), 328511);
    ck_assert_double_eq(value(&machine, NAME("0", "5-edge ACPI:Ged", "IO-APIC", "24")), 1);
    ck_assert_double_eq(value(&machine, NAME("1", "", "dummy", "25")), 8);
    ck_assert_double_eq(value(&machine, NAME("1", "", "Non-maskable interrupts", "NMI")), 5031);
    ck_assert_double_eq(fake_sink_find(&machine.sink, NAME("1", "", "dummy", "25"))->wraps_at,
                        4294967296.0);
    machine_remove(&machine);
}
END_TEST

/* Where there is one CPU, ERR and MIS have as many counts as all others, and no text. */
START_TEST(one_cpu)
{
    struct machine machine;

    start(&machine, "           CPU0\n"
                    "  0:         18  IO-APIC-edge      timer\n"
                    "ERR:          0\n"
                    "MIS:          0\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_tick_declares_nothing_anew)
{
    struct machine machine;

    start(&machine, GOOD);
    for (unsigned tick = 0; tick < 10; tick++)
        next(&machine, GOOD);
    ck_assert_uint_eq(machine.sink.declares, 8);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_device_is_another_series)
{
    struct machine machine;

    start(&machine, "CPU0 CPU1\n1: 5 6 IO-APIC dev1\n2: 7 8 IO-APIC dev2\n");
    next(&machine, "CPU0 CPU1\n1: 6 7 IO-APIC dev1, dev3\n2: 7 8 IO-APIC dev2\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 4);
    ck_assert_uint_eq(machine.sink.releases, 2);
    ck_assert_double_eq(value(&machine, NAME("0", "dev1, dev3", "IO-APIC", "1")), 6);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, NAME("0", "dev1", "IO-APIC", "1")));

    /* One line goes, one comes before those that stay. */
    next(&machine, "CPU0 CPU1\n0: 1 2 IO-APIC dev0\n2: 8 9 IO-APIC dev2\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 4);
    ck_assert_double_eq(value(&machine, NAME("1", "dev0", "IO-APIC", "0")), 2);
    ck_assert_double_eq(value(&machine, NAME("1", "dev2", "IO-APIC", "2")), 9);
    ck_assert_uint_eq(machine.sink.declares, 4 + 2 + 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(cpus_leave_and_return)
{
    struct machine machine;

    start(&machine, "CPU0 CPU1 CPU2\nLOC: 1 2 3 Local timer\nRES: 4 5 6 Rescheduling\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 6);
    next(&machine, "CPU0 CPU2\nLOC: 11 13 Local timer\nRES: 14 16 Rescheduling\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 4);
    ck_assert_uint_eq(machine.sink.declares, 6);
    ck_assert_double_eq(value(&machine, NAME("2", "", "Local timer", "LOC")), 13);
    ck_assert_double_eq(value(&machine, NAME("2", "", "Rescheduling", "RES")), 16);

    /* A line comes in the same tick as the CPUs. */
    next(&machine, "CPU0 CPU1 CPU2 CPU3\nLOC: 21 0 23 9 Local timer\nRES: 24 1 26 9 Rescheduling\n"
                   "NMI: 1 2 3 4 Non-maskable\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 12);
    ck_assert_uint_eq(machine.sink.declares, 6 + 4 + 4);
    ck_assert_double_eq(value(&machine, NAME("1", "", "Local timer", "LOC")), 0);
    ck_assert_double_eq(value(&machine, NAME("2", "", "Local timer", "LOC")), 23);
    ck_assert_double_eq(value(&machine, NAME("3", "", "Non-maskable", "NMI")), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &interrupts_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);

    start(&machine, GOOD);
    folder_write(&machine.folder, FILE_NAME, GOOD "what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    folder_write(&machine.folder, FILE_NAME, "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_write(&machine.folder, FILE_NAME, "");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, FILE_NAME);
    machine_expect_error(&machine, -ENOENT);
    next(&machine, GOOD);
    ck_assert_uint_eq(machine.sink.declares, 8);
    machine_remove(&machine);
}
END_TEST

START_TEST(refused_series_are_asked_for_when_there_is_room)
{
    struct machine machine;

    machine_make(&machine, &interrupts_collector);
    machine.sink.limit = 3;
    folder_write(&machine.folder, FILE_NAME, GOOD);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    ck_assert_uint_eq(machine.sink.declares, 8);
    machine.sink.limit = FAKE_SLOTS;
    machine.sink.sink.room++;
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    machine_remove(&machine);
}
END_TEST

/* A file of many pages, which grows between two reads. */
START_TEST(five_hundred_cpus)
{
    enum { CPUS = 500, KINDS = 8 };
    size_t size = (size_t)(KINDS + 1) * (CPUS + 4) * 12;
    char *text = malloc(size);
    struct machine machine;

    ck_assert_ptr_nonnull(text);
    for (unsigned kinds = 2; kinds <= KINDS; kinds += KINDS - 2) {
        size_t used = 0;

        for (unsigned cpu = 0; cpu < CPUS; cpu++)
            used += (size_t)snprintf(text + used, size - used, " CPU%-6u", cpu);
        for (unsigned kind = 0; kind < kinds; kind++) {
            used += (size_t)snprintf(text + used, size - used, "\n%3u:", kind);
            for (unsigned cpu = 0; cpu < CPUS; cpu++)
                used += (size_t)snprintf(text + used, size - used, " %10u", kind * CPUS + cpu);
            used += (size_t)snprintf(text + used, size - used, " PCI-MSI dev%u", kind);
        }
        if (kinds == 2)
            start(&machine, text);
        else
            next(&machine, text);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), kinds * CPUS);
    }
    ck_assert_uint_eq(machine.sink.declares, KINDS * CPUS);
    ck_assert_double_eq(value(&machine, NAME("499", "dev7", "PCI-MSI", "7")), KINDS * CPUS - 1);
    machine_remove(&machine);
    free(text);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&interrupts_collector, 4 * 28);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "interrupts", labels_are_the_exporters, one_cpu, a_tick_declares_nothing_anew,
        another_device_is_another_series, cpus_leave_and_return, errors_cost_what_is_bad_and_pass,
        refused_series_are_asked_for_when_there_is_room, five_hundred_cpus, fixture_machine);
}

#include "collectors/system/edac.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define MC "sys/devices/system/edac/mc/"

static void start(struct machine *machine)
{
    machine_make(machine, &edac_collector);
    folder_write(&machine->folder, MC "mc1/ce_count", "3\n");
    folder_write(&machine->folder, MC "mc1/ue_count", "1\n");
    folder_write(&machine->folder, MC "mc1/ce_noinfo_count", "2\n");
    folder_write(&machine->folder, MC "mc1/csrow12/ue_count", "5\n");
    folder_write(&machine->folder, MC "mc1/csrow12/ch0_ce_count", "4\n");
    folder_write(&machine->folder, MC "mc1/csrow12/ch0_dimm_label", "mc#1csrow#12channel#0\n");
    folder_write(&machine->folder, MC "mc1/csrow12/ch1_ce_count", "6\n");
    folder_write(&machine->folder, MC "mc1/csrow12/chx_ce_count", "6\n");
    folder_write(&machine->folder, MC "mc1/csrow/ue_count", "5\n");
    folder_write(&machine->folder, MC "power/control", "auto\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(controllers_rows_and_channels)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_double_eq(value(&machine, "node_edac_correctable_errors_total{controller=\"1\"}"), 3);
    ck_assert_double_eq(value(&machine, "node_edac_uncorrectable_errors_total{controller=\"1\"}"),
                        1);
    ck_assert_double_eq(value(&machine, "node_edac_csrow_correctable_errors_total{controller=\"1\","
                                        "csrow=\"unknown\"}"),
                        2);
    ck_assert_double_eq(value(&machine, "node_edac_csrow_uncorrectable_errors_total{controller="
                                        "\"1\",csrow=\"12\"}"),
                        5);
    ck_assert_double_eq(value(&machine,
                              "node_edac_channel_correctable_errors_total{channel=\"0\",controller="
                              "\"1\",csrow=\"12\",dimm_label=\"mc1_csrow12_channel0\"}"),
                        4);
    ck_assert_double_eq(value(&machine,
                              "node_edac_channel_correctable_errors_total{channel=\"1\",controller="
                              "\"1\",csrow=\"12\",dimm_label=\"unknown\"}"),
                        6);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_is_not_understood_costs_itself)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, MC "mc1/ce_count", "-1\n");
    folder_write(&machine.folder, MC "mc1/csrow12/ue_count", "many\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&edac_collector, 20);
}
END_TEST

int main(void)
{
    return RUN_TESTS("edac", controllers_rows_and_channels, what_is_not_understood_costs_itself,
                     fixture_machine);
}

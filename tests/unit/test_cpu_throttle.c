#include "collectors/system/cpu_throttle.h"

#include "tests/unit/cpu_machine.h"

START_TEST(the_fixture)
{
    machine_compare_fixture(&cpu_throttle_collector, 6);
}
END_TEST

START_TEST(what_is_not_there_is_absent)
{
    cpu_machine_expect_absent(&cpu_throttle_collector);
}
END_TEST

START_TEST(throttles)
{
    struct machine machine;

    cpu_machine_make(&machine, &cpu_throttle_collector);
    folder_write(&machine.folder, CPUS "cpu0/thermal_throttle/core_throttle_count", "3\n");
    folder_write(&machine.folder, CPUS "cpu0/thermal_throttle/package_throttle_count", "4\n");
    folder_write(&machine.folder, CPUS "cpu0/topology/core_id", "7\n");
    folder_write(&machine.folder, CPUS "cpu0/topology/physical_package_id", "2\n");
    /* A sibling counts for itself, but is the same core and package. */
    folder_write(&machine.folder, CPUS "cpu1/thermal_throttle/core_throttle_count", "5\n");
    folder_write(&machine.folder, CPUS "cpu1/thermal_throttle/package_throttle_count", "6\n");
    folder_write(&machine.folder, CPUS "cpu1/topology/core_id", "7\n");
    folder_write(&machine.folder, CPUS "cpu1/topology/physical_package_id", "2\n");
    cpu_machine_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_cpu_core_throttles_total{core=\"7\",package=\"2\"}"),
        3);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_cpu_package_throttles_total{package=\"2\"}"), 4);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu_throttle", the_fixture, what_is_not_there_is_absent, throttles);
}

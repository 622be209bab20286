/* What workers read of the folders of CPUs: frequencies, throttling, isolation, flaws. */
#include <errno.h>

#include "collectors/system/cpu_folder.h"
#include "collectors/system/cpu_isolated.h"
#include "collectors/system/cpu_throttle.h"
#include "collectors/system/cpu_vulnerabilities.h"
#include "collectors/system/cpufreq.h"
#include "tests/unit/machine.h"

#define CPUS "sys/" CPU_FOLDER "/"

static void start(struct machine *machine, const struct collector *collector)
{
    machine_make(machine, collector);
    folder_write(&machine->folder, CPUS "online", "0-1\n");
}

/* Asks, and takes the answers. */
static void round_of(struct machine *machine, int wanted)
{
    if (machine->state == NULL)
        ck_assert_int_eq(machine_open(machine), 0);
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_part(machine, wanted);
}

START_TEST(the_fixture)
{
    machine_compare_fixture(&cpufreq_collector, 20);
    machine_compare_fixture(&cpu_throttle_collector, 6);
    machine_compare_fixture(&cpu_isolated_collector, 5);
    machine_compare_fixture(&cpu_vulnerabilities_collector, 5);
}
END_TEST

START_TEST(what_is_not_there_is_absent)
{
    static const struct collector *const collectors[] = {
        &cpufreq_collector, &cpu_throttle_collector, &cpu_vulnerabilities_collector};
    struct machine machine;

    for (size_t index = 0; index < sizeof collectors / sizeof collectors[0]; index++) {
        start(&machine, collectors[index]);
        ck_assert_int_eq(machine_open(&machine), -ENOENT);
        machine_remove(&machine);
    }
    /* No CPU is isolated. */
    start(&machine, &cpu_isolated_collector);
    folder_write(&machine.folder, CPUS "isolated", "\n");
    round_of(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(frequencies)
{
    struct machine machine;

    start(&machine, &cpufreq_collector);
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/cpuinfo_cur_freq", "1000001\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/cpuinfo_max_freq", "2000000\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/cpuinfo_min_freq", "500000\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/scaling_cur_freq", "<unknown>\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/scaling_governor", "userspace\n");
    folder_write(&machine.folder, CPUS "cpu1/topology/core_id", "0\n");
    round_of(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_cpu_frequency_hertz{cpu=\"0\"}"),
                        1000001e3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_cpu_frequency_max_hertz{cpu=\"0\"}"),
                        2e9);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_cpu_frequency_min_hertz{cpu=\"0\"}"),
                        5e8);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink,
                        "node_cpu_scaling_governor{cpu=\"0\",governor=\"userspace\"}"),
        1);
    /* What is not understood costs itself alone. */
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/scaling_cur_freq", "fast\n");
    machine.sink.sink.mono_ns += 60000000000;
    round_of(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(throttles)
{
    struct machine machine;

    start(&machine, &cpu_throttle_collector);
    folder_write(&machine.folder, CPUS "cpu0/thermal_throttle/core_throttle_count", "3\n");
    folder_write(&machine.folder, CPUS "cpu0/thermal_throttle/package_throttle_count", "4\n");
    folder_write(&machine.folder, CPUS "cpu0/topology/core_id", "7\n");
    folder_write(&machine.folder, CPUS "cpu0/topology/physical_package_id", "2\n");
    /* A sibling counts for itself, but is the same core and package. */
    folder_write(&machine.folder, CPUS "cpu1/thermal_throttle/core_throttle_count", "5\n");
    folder_write(&machine.folder, CPUS "cpu1/thermal_throttle/package_throttle_count", "6\n");
    folder_write(&machine.folder, CPUS "cpu1/topology/core_id", "7\n");
    folder_write(&machine.folder, CPUS "cpu1/topology/physical_package_id", "2\n");
    round_of(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_cpu_core_throttles_total{core=\"7\",package=\"2\"}"),
        3);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_cpu_package_throttles_total{package=\"2\"}"), 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(flaws)
{
    struct machine machine;

    start(&machine, &cpu_vulnerabilities_collector);
    folder_write(&machine.folder, CPUS "vulnerabilities/meltdown", "Mitigation: PTI\n");
    folder_write(&machine.folder, CPUS "vulnerabilities/new", "who knows\n");
    round_of(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink,
                                        "node_cpu_vulnerabilities_info{codename=\"meltdown\","
                                        "mitigation=\"PTI\",state=\"mitigation\"}"),
                        1);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu_surveys", the_fixture, what_is_not_there_is_absent, frequencies,
                     throttles, flaws);
}

#include "collectors/system/cpufreq.h"

#include <errno.h>

#include "tests/unit/cpu_machine.h"
#include "tests/unit/denied_open.h"

START_TEST(the_fixture)
{
    machine_compare_fixture(&cpufreq_collector, 20);
}
END_TEST

START_TEST(what_is_not_there_is_absent)
{
    cpu_machine_expect_absent(&cpufreq_collector);
}
END_TEST

START_TEST(frequencies)
{
    struct machine machine;

    cpu_machine_make(&machine, &cpufreq_collector);
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/cpuinfo_cur_freq", "1000001\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/cpuinfo_max_freq", "2000000\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/cpuinfo_min_freq", "500000\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/scaling_cur_freq", "<unknown>\n");
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/scaling_governor", "userspace\n");
    folder_write(&machine.folder, CPUS "cpu1/topology/core_id", "0\n");
    cpu_machine_round(&machine, 0);
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
    cpu_machine_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    /* A CPU that is offline. */
    folder_write(&machine.folder, CPUS "cpu0/cpufreq/scaling_cur_freq", "7\n");
    open_deny("cpufreq/scaling_cur_freq", EBUSY);
    machine.sink.sink.mono_ns += 60000000000;
    cpu_machine_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    open_deny(NULL, 0);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpufreq", the_fixture, what_is_not_there_is_absent, frequencies);
}

#include "collectors/system/cpu_vulnerabilities.h"

#include <errno.h>

#include "tests/unit/cpu_machine.h"

START_TEST(the_fixture)
{
    machine_compare_fixture(&cpu_vulnerabilities_collector, 5);
}
END_TEST

START_TEST(what_is_not_there_is_absent)
{
    cpu_machine_expect_absent(&cpu_vulnerabilities_collector);
}
END_TEST

START_TEST(flaws)
{
    struct machine machine;

    cpu_machine_make(&machine, &cpu_vulnerabilities_collector);
    folder_write(&machine.folder, CPUS "vulnerabilities/meltdown", "Mitigation: PTI\n");
    folder_write(&machine.folder, CPUS "vulnerabilities/new", "who knows\n");
    cpu_machine_round(&machine, -EBADMSG);
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
    return RUN_TESTS("cpu_vulnerabilities", the_fixture, what_is_not_there_is_absent, flaws);
}

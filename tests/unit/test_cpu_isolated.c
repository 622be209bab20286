#include "collectors/system/cpu_isolated.h"

#include "tests/unit/cpu_machine.h"

START_TEST(the_fixture)
{
    machine_compare_fixture(&cpu_isolated_collector, 5);
}
END_TEST

START_TEST(no_cpu_is_isolated)
{
    struct machine machine;

    cpu_machine_make(&machine, &cpu_isolated_collector);
    folder_write(&machine.folder, CPUS "isolated", "\n");
    cpu_machine_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu_isolated", the_fixture, no_cpu_is_isolated);
}

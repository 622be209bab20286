/* The collector of watchdogs; test_watchdog.c is of the service manager's. */
#include "collectors/system/watchdog.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define DOG "sys/class/watchdog/watchdog0/"

START_TEST(what_a_watchdog_says)
{
    struct machine machine;

    machine_make(&machine, &watchdog_collector);
    folder_write(&machine.folder, DOG "identity", "Software Watchdog\n");
    folder_write(&machine.folder, DOG "state", "inactive\n");
    folder_write(&machine.folder, DOG "timeout", "60\n");
    folder_write(&machine.folder, DOG "bootstatus", "what?\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_watchdog_timeout_seconds{name=\"watchdog0\"}"), 60);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink,
                        "node_watchdog_info{identity=\"Software Watchdog\",name=\"watchdog0\","
                        "options=\"\",pretimeout_governor=\"\",state=\"inactive\",status=\"\"}"),
        1);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&watchdog_collector, 9);
}
END_TEST

int main(void)
{
    return RUN_TESTS("watchdog_class", what_a_watchdog_says, fixture_machine);
}

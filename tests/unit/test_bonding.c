#include "collectors/system/bonding.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define NET "sys/class/net/"

static void start(struct machine *machine)
{
    machine_make(machine, &bonding_collector);
    folder_write(&machine->folder, NET "bonding_masters", "bond0 bond1\n");
    folder_write(&machine->folder, NET "bond0/bonding/slaves", "eth0 eth1\n");
    folder_write(&machine->folder, NET "bond0/lower_eth0/bonding_slave/mii_status", "up\n");
    folder_write(&machine->folder, NET "bond0/slave_eth1/bonding_slave/mii_status", "down\n");
    folder_write(&machine->folder, NET "bond1/bonding/slaves", "\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(slaves_and_those_that_are_up)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_double_eq(value(&machine, "node_bonding_slaves{master=\"bond0\"}"), 2);
    ck_assert_double_eq(value(&machine, "node_bonding_active{master=\"bond0\"}"), 1);
    ck_assert_double_eq(value(&machine, "node_bonding_slaves{master=\"bond1\"}"), 0);
    ck_assert_double_eq(value(&machine, "node_bonding_active{master=\"bond1\"}"), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_slave_that_is_just_leaving)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    folder_unlink(&machine.folder, NET "bond0/slave_eth1/bonding_slave/mii_status");
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(names_that_no_interface_has)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, NET "bond1/bonding/slaves", "a_name_of_16_char\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    folder_write(&machine.folder, NET "bonding_masters", "bond0 a_name_of_16_char bond1\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(without_the_driver)
{
    struct machine machine;

    machine_make(&machine, &bonding_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&bonding_collector, 6);
}
END_TEST

int main(void)
{
    return RUN_TESTS("bonding", slaves_and_those_that_are_up, a_slave_that_is_just_leaving,
                     names_that_no_interface_has, without_the_driver, fixture_machine);
}

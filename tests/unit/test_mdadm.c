#include "collectors/system/mdadm.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define MDSTAT                                                                                     \
    "Personalities : [raid1]\n"                                                                    \
    "md0 : active raid1 sda1[0] sdb1[1](F)\n"                                                      \
    "      100 blocks [2/1] [U_]\n\n"                                                              \
    "unused devices: <none>\n"
#define ARRAY_SERIES 11 /* of an array in mdstat */

static void start(struct machine *machine)
{
    machine_make(machine, &mdadm_collector);
    folder_write(&machine->folder, "proc/mdstat", MDSTAT);
    folder_write(&machine->folder, "sys/block/md0/md/raid_disks", "2\n");
    folder_write(&machine->folder, "sys/block/md0/md/degraded", "1\n");
    folder_write(&machine->folder, "sys/block/sda/size", "1\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(an_array)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), ARRAY_SERIES + 2);
    ck_assert_double_eq(value(&machine, "node_md_blocks{device=\"md0\"}"), 100);
    ck_assert_double_eq(value(&machine, "node_md_disks{device=\"md0\",state=\"active\"}"), 1);
    ck_assert_double_eq(value(&machine, "node_md_disks{device=\"md0\",state=\"failed\"}"), 1);
    ck_assert_double_eq(value(&machine, "node_md_state{device=\"md0\",state=\"active\"}"), 1);
    ck_assert_double_eq(value(&machine, "node_md_state{device=\"md0\",state=\"check\"}"), 0);
    ck_assert_double_eq(value(&machine, "node_md_raid_disks{device=\"md0\"}"), 2);
    ck_assert_double_eq(value(&machine, "node_md_degraded{device=\"md0\"}"), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(attributes_that_differ)
{
    struct machine machine;

    start(&machine);
    /* Being reshaped; without redundance; not a number. */
    folder_write(&machine.folder, "sys/block/md0/md/raid_disks", "4 (3)\n");
    folder_unlink(&machine.folder, "sys/block/md0/md/degraded");
    folder_write(&machine.folder, "sys/block/md1/md/raid_disks", "none\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), ARRAY_SERIES + 2);
    ck_assert_double_eq(value(&machine, "node_md_raid_disks{device=\"md0\"}"), 4);
    ck_assert_double_eq(value(&machine, "node_md_degraded{device=\"md0\"}"), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(arrays_go)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    folder_write(&machine.folder, "proc/mdstat", "Personalities : \nunused devices: <none>\n");
    folder_unlink(&machine.folder, "sys/block/md0/md/raid_disks");
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(without_the_driver)
{
    struct machine machine;

    machine_make(&machine, &mdadm_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&mdadm_collector, 199);
}
END_TEST

int main(void)
{
    return RUN_TESTS("mdadm", an_array, attributes_that_differ, arrays_go, without_the_driver,
                     fixture_machine);
}

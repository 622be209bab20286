#include "collectors/system/dmi.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/machine.h"

#define DMI "sys/class/dmi/id/"

START_TEST(labels_are_what_there_is)
{
    struct machine machine;

    machine_make(&machine, &dmi_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, DMI "sys_vendor", "A Vendor \n");
    folder_write(&machine.folder, DMI "product_name", "\n");
    folder_write(&machine.folder, DMI "chassis_type", "23\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_dmi_info{product_name=\"\","
                                                       "system_vendor=\"A Vendor\"}"),
                        1);
    machine_remove(&machine);
}
END_TEST

START_TEST(without_anything_in_it)
{
    struct machine machine;

    machine_make(&machine, &dmi_collector);
    folder_write(&machine.folder, DMI "modalias", "dmi:\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* As root, who may read all, this is not to be seen. */
START_TEST(what_only_root_may_read_is_left_out)
{
    struct machine machine;
    char path[PATH_MAX];

    if (geteuid() == 0)
        return;
    machine_make(&machine, &dmi_collector);
    folder_write(&machine.folder, DMI "product_serial", "7\n");
    folder_write(&machine.folder, DMI "board_name", "B\n");
    snprintf(path, sizeof path, "%s/" DMI "product_serial", machine.folder.path);
    if (chmod(path, 0) != 0)
        err(EXIT_FAILURE, "%s", path);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_round(&machine, 0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_dmi_info{board_name=\"B\"}"), 1);
    machine_remove(&machine);
}
END_TEST

/* Its product's version has a control character. */
START_TEST(fixture_machine)
{
    machine_compare_fixture(&dmi_collector, 1);
}
END_TEST

int main(void)
{
    return RUN_TESTS("dmi", labels_are_what_there_is, without_anything_in_it,
                     what_only_root_may_read_is_left_out, fixture_machine);
}

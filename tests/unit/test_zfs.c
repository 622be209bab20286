#include "collectors/system/zfs.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/machine.h"

#define ZFS  "proc/spl/kstat/zfs/"
#define HEAD "7 1 0x01 13 624 8012538347 351689526932992\nname   type data\n"

static void start(struct machine *machine)
{
    machine_make(machine, &zfs_collector);
    folder_write(&machine->folder, ZFS "arcstats", HEAD "hits 4 10\nc 4 5\nsize 4 6\nc_min 4 7\n");
    folder_write(&machine->folder, ZFS "fm", HEAD "erpt-dropped 4 3\n");
    folder_write(&machine->folder, ZFS "tank/state", "DEGRADED\n");
    folder_write(&machine->folder, ZFS "tank/io", "12 3\nnread rcnt\n4096 1\n");
    folder_write(&machine->folder, ZFS "tank/objset-0x36",
                 HEAD "dataset_name 7 tank/a  b\nwrites 4 8\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static const struct fake_series *series(const struct machine *machine, const char *name)
{
    const struct fake_series *found = fake_sink_find(&machine->sink, name);

    ck_assert_msg(found != NULL, "%s", name);
    return found;
}

START_TEST(statistics_pools_and_data_sets)
{
    struct machine machine;
    struct fake_sink *sink = &machine.sink;

    start(&machine);
    machine_expect_round(&machine, 0);
    /* Without the two that the memory collector has. */
    ck_assert_uint_eq(fake_sink_values(sink), 2 + 1 + 7 + 2 + 1);
    ck_assert_double_eq(fake_sink_value(sink, "node_zfs_arc_hits"), 10);
    ck_assert_double_eq(fake_sink_value(sink, "node_zfs_fm_erpt_dropped"), 3);
    ck_assert_double_eq(
        fake_sink_value(sink, "node_zfs_zpool_state{state=\"degraded\",zpool=\"tank\"}"), 1);
    ck_assert_double_eq(
        fake_sink_value(sink, "node_zfs_zpool_state{state=\"online\",zpool=\"tank\"}"), 0);
    ck_assert_double_eq(fake_sink_value(sink, "node_zfs_zpool_nread{zpool=\"tank\"}"), 4096);
    ck_assert_double_eq(
        fake_sink_value(sink,
                        "node_zfs_zpool_dataset_writes{dataset=\"tank/a  b\",zpool=\"tank\"}"),
        8);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_only_grows_has_rates)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    ck_assert(series(&machine, "node_zfs_arc_hits")->cumulative);
    ck_assert(!series(&machine, "node_zfs_arc_c")->cumulative);
    ck_assert(series(&machine, "node_zfs_fm_erpt_dropped")->cumulative);
    ck_assert(series(&machine, "node_zfs_zpool_nread{zpool=\"tank\"}")->cumulative);
    ck_assert_str_eq(series(&machine, "node_zfs_zpool_nread{zpool=\"tank\"}")->unit, "bytes");
    ck_assert(!series(&machine, "node_zfs_zpool_rcnt{zpool=\"tank\"}")->cumulative);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_pool_and_a_data_set_go)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    folder_unlink(&machine.folder, ZFS "tank/objset-0x36");
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 12);
    folder_unlink(&machine.folder, ZFS "tank/state");
    folder_unlink(&machine.folder, ZFS "tank/io");
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_is_not_understood_costs_itself)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, ZFS "zil", "what?\n");
    folder_write(&machine.folder, ZFS "tank/state", "NEW\n");
    /* A value before the data set has a name. */
    folder_write(&machine.folder, ZFS "tank/objset-0x36", HEAD "writes 4 8\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 + 1 + 7 + 2);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_zfs_zpool_state{state=\"degraded\",zpool=\"tank\"}"),
        0);
    machine_remove(&machine);
}
END_TEST

START_TEST(names_that_no_metric_can_have)
{
    struct machine machine;
    char text[512];

    start(&machine);
    snprintf(text, sizeof text, HEAD "a/b 4 1\n%0200d 4 1\nhits 4 2\n", 1);
    folder_write(&machine.folder, ZFS "zfetchstats", text);
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_zfs_zfetch_hits"), 2);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 13 + 1);
    machine_remove(&machine);
}
END_TEST

/* As ZFS 2.2 has it: 7 lines of each data set, and 20 of its log. */
START_TEST(two_hundred_data_sets)
{
    struct machine machine;
    char text[2048], path[64];

    start(&machine);
    for (int set = 0; set < 200; set++) {
        int used = snprintf(text, sizeof text, HEAD "dataset_name 7 tank/projects/of/%d\n", set);

        for (int line = 0; line < 27; line++)
            used += snprintf(text + used, sizeof text - (size_t)used,
                             "zil_itx_metaslab_normal_bytes_%d 4 %d\n", line, set);
        snprintf(path, sizeof path, ZFS "tank/objset-0x%x", set + 1000);
        folder_write(&machine.folder, path, text);
    }
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 13 + 200 * 27);
    machine_remove(&machine);
}
END_TEST

START_TEST(without_zfs)
{
    struct machine machine;

    machine_make(&machine, &zfs_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);
}
END_TEST

/* All but the two of the memory collector. */
START_TEST(fixture_machine)
{
    machine_compare_fixture(&zfs_collector, 357);
}
END_TEST

int main(void)
{
    return RUN_TESTS("zfs", statistics_pools_and_data_sets, what_only_grows_has_rates,
                     a_pool_and_a_data_set_go, what_is_not_understood_costs_itself,
                     names_that_no_metric_can_have, two_hundred_data_sets, without_zfs,
                     fixture_machine);
}

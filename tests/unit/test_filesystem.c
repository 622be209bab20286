#include "collectors/system/filesystem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "collectors/system/mountinfo.h"
#include "tests/unit/mount_machine.h"

START_TEST(values_are_those_of_statvfs)
{
    struct machine machine;
    struct statvfs wanted;

    mount_start(&machine, ROOT DATA);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_expect_tick(&machine);
    ck_assert_int_eq(statvfs(machine.folder.path, &wanted), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * MOUNT_SERIES);
    ck_assert_double_eq(mount_value(&machine, "size_bytes", ROOT_LABELS),
                        (double)wanted.f_blocks * (double)wanted.f_frsize);
    ck_assert_double_eq(mount_value(&machine, "files", DATA_LABELS), (double)wanted.f_files);
    ck_assert_double_le(mount_value(&machine, "avail_bytes", DATA_LABELS),
                        mount_value(&machine, "free_bytes", DATA_LABELS));
    ck_assert_double_le(mount_value(&machine, "files_free", ROOT_LABELS),
                        mount_value(&machine, "files", ROOT_LABELS));
    ck_assert_double_eq(mount_value(&machine, "device_error", ROOT_LABELS), 0);
    ck_assert_double_eq(mount_value(&machine, "readonly", ROOT_LABELS), 0);
    ck_assert_uint_eq(mount_series(&machine, "files", ROOT_LABELS)->interval_ms,
                      FILESYSTEM_INTERVAL_MS);
    machine_remove(&machine);
}
END_TEST

START_TEST(all_are_asked_once_a_round)
{
    struct machine machine;

    mount_start(&machine, ROOT DATA);
    for (size_t round = 1; round <= 5; round++) {
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(machine.sink.runner.submitted, 2 * round);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(machine.sink.runner.submitted, 2 * round);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * MOUNT_SERIES);
    }
    ck_assert_uint_eq(machine.sink.declares, 2 * MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_interval_of_a_tick_is_one_too)
{
    struct machine machine;

    mount_start(&machine, ROOT);
    machine.sink.sink.interval_ms = 1000;
    mount_wait(&machine, 5);
    ck_assert_uint_eq(machine.sink.runner.submitted, 5);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_answer_may_be_slow)
{
    struct machine machine;

    mount_start(&machine, ROOT);
    machine.sink.runner.held = true;
    mount_wait(&machine, 4);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    ck_assert_double_eq(mount_value(&machine, "device_error", ROOT_LABELS), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_error_is_told_and_passes)
{
    struct machine machine;

    mount_start(&machine, "5 1 8:1 / /later ro - ext4 /dev/sda1 rw\n");
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    for (int round = 0; round < 2; round++) {
        static const char labels[] = "{device=\"/dev/sda1\",fstype=\"ext4\",mountpoint=\"/later\"}";

        ck_assert_double_eq(mount_value(&machine, "device_error", labels), round == 0);
        ck_assert_double_eq(mount_value(&machine, "readonly", labels), 1);
        folder_write(&machine.folder, "later/file", "");
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
    }
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(one_mount_of_a_device_is_in_the_total)
{
    struct machine machine;

    mount_start(&machine, BOUND ROOT DATA);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert(mount_series(&machine, "size_bytes", ROOT_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert(mount_series(&machine, "size_bytes", DATA_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert(!(mount_series(&machine, "size_bytes", BOUND_LABELS)->flags & SERIES_IN_TOTAL));
    mount_write(&machine, BOUND DATA);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert(mount_series(&machine, "size_bytes", BOUND_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert(mount_series(&machine, "readonly", BOUND_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2 * MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_remount_is_seen)
{
    struct machine machine;

    mount_start(&machine, DATA);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_double_eq(mount_value(&machine, "readonly", DATA_LABELS), 0);
    mount_write(&machine, "36 27 8:3 / /data rw - fuse.x server ro\n");
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert_double_eq(mount_value(&machine, "readonly", DATA_LABELS), 1);
    ck_assert_uint_eq(machine.sink.declares, MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

/* Of its own mounts a daemon does not know whether its sandbox made them read-only. */
START_TEST(own_mounts_where_process_1_shows_none)
{
    struct machine machine;

    mount_prepare(&machine, "");
    folder_unlink(&machine.folder, "proc/1/mountinfo");
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/self/mountinfo",
                 "27 1 254:0 / / ro - ext4 /dev/vda1 rw\n"
                 "36 27 8:3 / /data ro - fuse.x server ro\n"
                 "38 27 254:0 /a /bound rw - ext4 /dev/vda1 rw\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_ptr_null(mount_series(&machine, "readonly", ROOT_LABELS));
    ck_assert_double_eq(mount_value(&machine, "readonly", DATA_LABELS), 1);
    ck_assert_double_eq(mount_value(&machine, "readonly", BOUND_LABELS), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 * MOUNT_SERIES - 1);
    machine_remove(&machine);
}
END_TEST

/* Longer than a name in a roster, with what a label must bear. */
START_TEST(paths_may_be_long_and_odd)
{
#define LONG_NAME "a-name-of-forty-bytes-for-a-mount-point-"
    static const char path[] = LONG_NAME " " LONG_NAME "\n\xff\\" LONG_NAME;
    struct machine machine;
    char file[sizeof path + 16], labels[sizeof path + 64];

    mount_start(&machine, "5 1 8:1 / /" LONG_NAME "\\040" LONG_NAME "\\012\xff\\134" LONG_NAME
                          " rw - ext4 a\\040b rw\n");
    snprintf(file, sizeof file, "%s/file", path);
    folder_write(&machine.folder, file, "");
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    snprintf(labels, sizeof labels, "{device=\"a b\",fstype=\"ext4\",mountpoint=\"/%s\"}", path);
    ck_assert_double_eq(mount_value(&machine, "device_error", labels), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_bad_row_costs_itself)
{
    struct machine machine;

    mount_start(&machine, "what?\n" ROOT);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_part(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    }
    ck_assert_uint_eq(machine.sink.declares, MOUNT_SERIES);
    mount_write(&machine, ROOT);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    mount_write(&machine, "what?\n");
    ck_assert_int_eq(mount_next_round(&machine), -EBADMSG);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* Where a round's answers come with the next round. */
START_TEST(a_bad_row_is_told_in_rounds_of_a_tick)
{
    struct machine machine;

    mount_start(&machine, ROOT "what?\n");
    machine.sink.sink.interval_ms = 1000;
    mount_wait(&machine, 1);
    for (int round = 0; round < 3; round++) {
        machine_expect_part(&machine, -EBADMSG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    }
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_write_nothing_and_pass)
{
    struct machine machine;

    mount_start(&machine, ROOT);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    folder_unlink(&machine.folder, "proc/1/mountinfo");
    machine_expect_error(&machine, -ENOENT);
    mount_write(&machine, ROOT);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    ck_assert_uint_eq(machine.sink.declares, MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("filesystem", values_are_those_of_statvfs, all_are_asked_once_a_round,
                     an_interval_of_a_tick_is_one_too, an_answer_may_be_slow,
                     an_error_is_told_and_passes, one_mount_of_a_device_is_in_the_total,
                     a_remount_is_seen, own_mounts_where_process_1_shows_none,
                     paths_may_be_long_and_odd, a_bad_row_costs_itself,
                     a_bad_row_is_told_in_rounds_of_a_tick, errors_write_nothing_and_pass);
}

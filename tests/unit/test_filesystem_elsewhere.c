/* Mounts of process 1 that a path of this process does not lead to. */
#include "collectors/system/filesystem.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/mount_machine.h"

#define MISSING_LABELS "{device=\"/dev/sdb\",fstype=\"ext4\",mountpoint=\"/missing\"}"
#define MOUNTS         ROOT "36 27 8:3 / /tmp rw - fuse.x server rw\n"
#define TMP_LABELS     "{device=\"server\",fstype=\"fuse.x\",mountpoint=\"/tmp\"}"
#define MISSING        "50 27 8:16 / /missing rw - ext4 /dev/sdb rw\n"

static void link_namespace(struct machine *machine, const char *process, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "proc/%s/ns/unused", process);
    folder_write(&machine->folder, path, "");
    snprintf(path, sizeof path, "%s/proc/%s/ns/mnt", machine->folder.path, process);
    if (symlink(name, path) < 0)
        err(EXIT_FAILURE, "%s", path);
}

/* A machine whose text is of this one's paths. */
static void start(struct machine *machine, const char *first, const char *own)
{
    char procfs[128];
    struct collector_roots roots = {.procfs = procfs, .sysfs = "/sys", .rootfs = "/"};

    mount_write(machine, first);
    if (own != NULL)
        folder_write(&machine->folder, "proc/self/mountinfo", own);
    snprintf(procfs, sizeof procfs, "%s/proc", machine->folder.path);
    ck_assert_int_eq(machine->collector->open(&roots, &machine->state), 0);
    mount_wait(machine, 1);
    machine_expect_tick(machine);
}

static void expect_elsewhere(const struct machine *machine, const char *labels)
{
    ck_assert(mount_series(machine, "size_bytes", labels) == NULL ||
              mount_is_absent(machine, "size_bytes", labels));
    ck_assert_ptr_nonnull(mount_series(machine, "device_error", labels));
}

START_TEST(what_is_not_here_has_no_values)
{
    struct machine machine;

    mount_prepare(&machine, "");
    link_namespace(&machine, "1", "mnt:[1]");
    link_namespace(&machine, "self", "mnt:[2]");
    start(&machine, MOUNTS MISSING, MOUNTS);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * MOUNT_SERIES);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_double_eq(mount_value(&machine, "device_error", MISSING_LABELS), 1);
    ck_assert_double_eq(mount_value(&machine, "readonly", MISSING_LABELS), 0);
    expect_elsewhere(&machine, MISSING_LABELS);
    machine_expect_tick(&machine);
    ck_assert_double_eq(mount_value(&machine, "device_error", ROOT_LABELS), 0);
    ck_assert_double_eq(mount_value(&machine, "device_error", TMP_LABELS), 0);
    machine_remove(&machine);
}
END_TEST

/* ProtectHome= lays another file system over it; then it is taken away, and laid there again. */
START_TEST(another_in_its_place_is_not_asked_for_it)
{
    static const char covered[] = MOUNTS "60 36 0:60 / /tmp ro - tmpfs tmpfs ro\n";
    struct machine machine;

    mount_prepare(&machine, "");
    start(&machine, MOUNTS, covered);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    expect_elsewhere(&machine, TMP_LABELS);
    for (int time = 0; time < 2; time++) {
        folder_write(&machine.folder, "proc/self/mountinfo", MOUNTS);
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
        ck_assert_double_eq(mount_value(&machine, "device_error", TMP_LABELS), 0);
        ck_assert_double_gt(mount_value(&machine, "size_bytes", TMP_LABELS), 0);
        folder_write(&machine.folder, "proc/self/mountinfo", covered);
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_double_eq(mount_value(&machine, "device_error", TMP_LABELS), 1);
        expect_elsewhere(&machine, TMP_LABELS);
        machine_expect_tick(&machine);
    }
    machine_remove(&machine);
}
END_TEST

/* What it was asked before is of no use then. */
START_TEST(an_answer_that_comes_too_late_is_not_taken)
{
    struct machine machine;

    mount_prepare(&machine, "");
    start(&machine, MOUNTS, MOUNTS);
    machine.sink.runner.held = true;
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    mount_wait(&machine, 6);
    ck_assert(mount_is_stuck(&machine, TMP_LABELS));
    folder_write(&machine.folder, "proc/self/mountinfo", ROOT);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert(!mount_is_stuck(&machine, TMP_LABELS));
    ck_assert_double_eq(mount_value(&machine, "device_error", TMP_LABELS), 1);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert(mount_is_absent(&machine, "size_bytes", TMP_LABELS));
    ck_assert_double_gt(mount_value(&machine, "size_bytes", ROOT_LABELS), 0);
    machine_remove(&machine);
}
END_TEST

/* In one namespace, or where this process shows no mounts, there is nothing to compare. */
START_TEST(one_namespace_is_not_compared)
{
    for (int same = 0; same < 2; same++) {
        struct machine machine;

        mount_prepare(&machine, "");
        if (same) {
            link_namespace(&machine, "1", "mnt:[1]");
            link_namespace(&machine, "self", "mnt:[1]");
        }
        start(&machine, MOUNTS, same ? "" : NULL);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * MOUNT_SERIES);
        machine_remove(&machine);
    }
}
END_TEST

START_TEST(another_root_is_not_compared)
{
    struct machine machine;

    mount_prepare(&machine, DATA);
    link_namespace(&machine, "1", "mnt:[1]");
    link_namespace(&machine, "self", "mnt:[2]");
    folder_write(&machine.folder, "proc/self/mountinfo", ROOT);
    ck_assert_int_eq(machine_open(&machine), 0);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_double_eq(mount_value(&machine, "device_error", DATA_LABELS), 0);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("filesystem_elsewhere", what_is_not_here_has_no_values,
                     another_in_its_place_is_not_asked_for_it,
                     an_answer_that_comes_too_late_is_not_taken, one_namespace_is_not_compared,
                     another_root_is_not_compared);
}

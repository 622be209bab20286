/* What does not answer, and what comes and goes meanwhile. */
#include "collectors/system/filesystem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "collectors/system/mountinfo.h"
#include "tests/unit/mount_machine.h"

#define SINCE "tacho_filesystem_stuck_since_timestamp_seconds"

/* Ticks until the call of the first of them is stuck; tells how many. */
static void until_stuck(struct machine *machine)
{
    double called;

    machine->sink.runner.held = true;
    ck_assert_int_eq(mount_next_round(machine), COLLECTOR_AGAIN);
    called = (double)machine->sink.sink.real_ns / 1e9;
    mount_wait(machine, 4);
    ck_assert(!mount_is_stuck(machine, DATA_LABELS));
    mount_wait(machine, 1);
    ck_assert_double_eq(mount_value(machine, SINCE, DATA_LABELS), called);
    ck_assert_double_eq(mount_value(machine, "device_error", DATA_LABELS), 1);
    ck_assert_double_eq(mount_value(machine, "readonly", DATA_LABELS), 0);
}

START_TEST(what_does_not_answer_is_stuck_and_is_not_asked_again)
{
    struct machine machine;
    double since;

    mount_start(&machine, DATA);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    until_stuck(&machine);
    since = mount_value(&machine, SINCE, DATA_LABELS);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    ck_assert(mount_is_absent(&machine, "size_bytes", DATA_LABELS));
    mount_wait(&machine, 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    for (int round = 0; round < 100; round++) {
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
        ck_assert_double_eq(mount_value(&machine, SINCE, DATA_LABELS), since);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    ck_assert_uint_eq(machine.sink.runner.waiting_count, 1);

    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert(!mount_is_stuck(&machine, DATA_LABELS));
    ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    ck_assert_double_eq(mount_value(&machine, "device_error", DATA_LABELS), 0);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(machine.sink.runner.submitted, 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_others_keep_their_values)
{
    struct machine machine;

    mount_start(&machine, ROOT DATA);
    machine.sink.runner.held = true;
    mount_wait(&machine, 1);
    fake_runner_answer_last(
        &machine.sink.runner); /* of /, which is behind /data in the order of devices */
    mount_wait(&machine, 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    mount_wait(&machine, 4);
    ck_assert(mount_is_stuck(&machine, DATA_LABELS));
    for (int round = 0; round < 10; round++) {
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(machine.sink.runner.waiting_count, 2);
        fake_runner_answer_last(&machine.sink.runner);
        mount_wait(&machine, 1);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
        ck_assert_double_gt(mount_value(&machine, "size_bytes", ROOT_LABELS), 0);
    }
    machine_remove(&machine);
}
END_TEST

/* umount -l. What the call holds lives until it returns: the sanitizer looks after that. */
START_TEST(a_mount_may_vanish_while_it_is_stuck)
{
    struct machine machine;

    mount_start(&machine, DATA);
    until_stuck(&machine);
    mount_write(&machine, "");
    ck_assert_int_eq(mount_next_round(&machine), 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    ck_assert_uint_eq(machine.sink.runner.waiting_count, 1);
    fake_runner_let_go(&machine.sink.runner);
    ck_assert_int_eq(mount_next_round(&machine), 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

/* With an id of its own or the one that became free. */
START_TEST(a_new_mount_in_its_place_is_another)
{
    static const char *const others[] = {OTHER, "36 27 8:4 / /data rw - ext4 /dev/sdb rw\n"};
    static const char *const labels[] = {
        DATA_LABELS, "{device=\"/dev/sdb\",fstype=\"ext4\",mountpoint=\"/data\"}"};

    for (size_t index = 0; index < 2; index++) {
        struct machine machine;

        mount_start(&machine, DATA);
        until_stuck(&machine);
        mount_write(&machine, others[index]);
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(machine.sink.runner.waiting_count, 2);
        fake_runner_answer_last(&machine.sink.runner);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
        ck_assert_double_eq(mount_value(&machine, "device_error", labels[index]), 0);
        ck_assert(!mount_is_stuck(&machine, DATA_LABELS));
        fake_runner_let_go(&machine.sink.runner);
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
        machine_remove(&machine);
    }
}
END_TEST

START_TEST(nothing_piles_up_where_mounts_come_and_go)
{
    struct machine machine;

    mount_start(&machine, DATA);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    for (int round = 0; round < 50; round++) {
        mount_write(&machine, round % 2 ? DATA : OTHER);
        ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    }
    machine_remove(&machine);
}
END_TEST

/* It is not known whether what waits for a worker would answer. */
START_TEST(what_has_not_begun_is_not_stuck)
{
    struct machine machine;
    double begun;

    mount_start(&machine, DATA);
    mount_wait(&machine, 1);
    machine_expect_tick(&machine);
    machine.sink.runner.held = machine.sink.runner.queued = true;
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    for (int tick = 0; tick < 30; tick++) {
        mount_wait(&machine, 1);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    }
    ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);

    fake_runner_begin(&machine.sink.runner);
    begun = (double)machine.sink.sink.real_ns / 1e9;
    mount_wait(&machine, 4);
    ck_assert(!mount_is_stuck(&machine, DATA_LABELS));
    mount_wait(&machine, 1);
    ck_assert_double_eq(mount_value(&machine, SINCE, DATA_LABELS), begun);
    machine_remove(&machine);
}
END_TEST

/* The workers that the call that was submitted last leaves free. */
static unsigned busy_max(const struct machine *machine)
{
    ck_assert_ptr_nonnull(machine->sink.runner.waiting);
    return machine->sink.runner.waiting->busy_max;
}

/* So that those which answer find workers when others do not; disks do anyway. */
START_TEST(what_may_never_return_leaves_workers_free)
{
#define FIRST  "40 27 0:40 / /data rw - nfs4 server:/a rw\n"
#define SECOND "41 27 0:41 / /bound rw - nfs4 server:/b rw\n"
    struct machine machine;
    struct fake_runner *runner = &machine.sink.runner;
    unsigned unknown, reliable;

    mount_start(&machine, FIRST SECOND);
    runner->held = true;
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    unknown = busy_max(&machine);
    fake_runner_answer_last(runner); /* the second */
    ck_assert_uint_eq(busy_max(&machine), unknown);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(runner->waiting_count, 2);
    fake_runner_answer_last(runner);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    reliable = busy_max(&machine);
    ck_assert_uint_lt(unknown, reliable);
    ck_assert_uint_lt(reliable, TASK_WORKERS_MAX);

    /* The first is detached: its call keeps its worker, and it is as if it were there. */
    fake_runner_answer_last(runner);
    mount_write(&machine, SECOND);
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(busy_max(&machine), reliable);
    fake_runner_let_go(runner);
    machine_expect_tick(&machine);
    runner->held = true;
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(busy_max(&machine), unknown);
    fake_runner_let_go(runner);

    /* Of a disk, and so before the others. */
    mount_write(&machine, FIRST ROOT);
    runner->held = true;
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(runner->waiting_count, 2);
    ck_assert_uint_eq(busy_max(&machine), unknown);
    ck_assert_uint_eq(runner->waiting->next->busy_max, reliable);
    machine_remove(&machine);
}
END_TEST

/* A stuck call is no reason to keep silent of it. */
START_TEST(a_bad_row_while_something_is_stuck_loses_nothing)
{
    struct machine machine;

    mount_start(&machine, DATA);
    until_stuck(&machine);
    mount_write(&machine, DATA "what?\n");
    ck_assert_int_eq(mount_next_round(&machine), -EBADMSG);
    ck_assert_double_eq(mount_value(&machine, "device_error", DATA_LABELS), 1);
    mount_write(&machine, DATA ROOT "what?\n");
    ck_assert_int_eq(mount_next_round(&machine), COLLECTOR_AGAIN);
    fake_runner_answer_last(&machine.sink.runner);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_error_while_something_is_stuck_loses_nothing)
{
    struct machine machine;

    mount_start(&machine, DATA);
    until_stuck(&machine);
    folder_unlink(&machine.folder, "proc/1/mountinfo");
    ck_assert_int_eq(mount_next_round(&machine), -ENOENT);
    ck_assert_int_eq(machine_tick(&machine), -ENOENT); /* still due */
    mount_write(&machine, DATA);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    ck_assert_double_eq(mount_value(&machine, "device_error", DATA_LABELS), 1);
    ck_assert_uint_eq(machine.sink.runner.submitted, 1);
    machine_remove(&machine); /* and it may end so */
}
END_TEST

int main(void)
{
    return RUN_TESTS("filesystem_stuck", what_does_not_answer_is_stuck_and_is_not_asked_again,
                     the_others_keep_their_values, a_mount_may_vanish_while_it_is_stuck,
                     a_new_mount_in_its_place_is_another, nothing_piles_up_where_mounts_come_and_go,
                     what_has_not_begun_is_not_stuck, what_may_never_return_leaves_workers_free,
                     a_bad_row_while_something_is_stuck_loses_nothing,
                     an_error_while_something_is_stuck_loses_nothing);
}

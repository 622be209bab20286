#include "collectors/system/filesystem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "collectors/system/mountinfo.h"
#include "tests/unit/machine.h"

#define ROOT  "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw,discard\n"
#define DATA  "36 27 8:3 / /data rw,nosuid shared:7 - fuse.x server rw\n"
#define OTHER "37 27 8:3 / /data rw - fuse.x server rw\n"
#define BOUND "38 27 254:0 /a /bound rw - ext4 /dev/vda1 rw\n"

#define ROOT_LABELS  "{device=\"/dev/vda1\",fstype=\"ext4\",mountpoint=\"/\"}"
#define DATA_LABELS  "{device=\"server\",fstype=\"fuse.x\",mountpoint=\"/data\"}"
#define BOUND_LABELS "{device=\"/dev/vda1\",fstype=\"ext4\",mountpoint=\"/bound\"}"

/* What a mount has that answers. */
#define MOUNT_SERIES 7

static void name(char *out, size_t size, const char *metric, const char *labels)
{
    snprintf(out, size, "%s%s%s", strncmp(metric, "tacho", 5) == 0 ? "" : "node_filesystem_",
             metric, labels);
}

static double value(const struct machine *machine, const char *metric, const char *labels)
{
    char text[256];

    name(text, sizeof text, metric, labels);
    return fake_sink_value(&machine->sink, text);
}

static const struct fake_series *series(const struct machine *machine, const char *metric,
                                        const char *labels)
{
    char text[256];

    name(text, sizeof text, metric, labels);
    return fake_sink_find(&machine->sink, text);
}

/* Live, without a value in this tick. */
static bool is_absent(const struct machine *machine, const char *metric, const char *labels)
{
    char text[256];

    name(text, sizeof text, metric, labels);
    return fake_sink_is_absent(&machine->sink, text);
}

static bool is_stuck(const struct machine *machine, const char *labels)
{
    return series(machine, "tacho_filesystem_stuck_since_timestamp_seconds", labels) != NULL;
}

static void mounts(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/1/mountinfo", text);
}

/* Folders for the mount points, and ticks of a second in rounds of ten. */
static void prepare(struct machine *machine, const char *text)
{
    machine_make(machine, &filesystem_collector);
    machine->sink.sink.interval_ms = FILESYSTEM_INTERVAL_MS;
    folder_write(&machine->folder, "data/file", "");
    folder_write(&machine->folder, "bound/file", "");
    mounts(machine, text);
}

static void start(struct machine *machine, const char *text)
{
    prepare(machine, text);
    ck_assert_int_eq(machine_open(machine), 0);
}

/* So many ticks, each of which wants the next. */
static void wait_ticks(struct machine *machine, int count)
{
    for (int tick = 0; tick < count; tick++)
        ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
}

/* The first tick of the next round; between rounds the sampler does not call. */
static int next_round(struct machine *machine)
{
    struct sink *sink = &machine->sink.sink;
    int64_t round_ns = INT64_C(1000000) * FILESYSTEM_INTERVAL_MS;
    int64_t left_ns = round_ns - sink->real_ns % round_ns - INT64_C(1000000000);

    sink->real_ns += left_ns;
    sink->mono_ns += left_ns;
    return machine_tick(machine);
}

/* Answers one call, the one that was submitted last. */
static void answer_last(struct machine *machine)
{
    struct fake_runner *runner = &machine->sink.runner;
    struct task *task = runner->waiting;

    runner->waiting = task->next;
    runner->waiting_count--;
    task_run(task);
}

START_TEST(values_are_those_of_statvfs)
{
    struct machine machine;
    struct statvfs wanted;

    start(&machine, ROOT DATA);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_expect_tick(&machine);
    ck_assert_int_eq(statvfs(machine.folder.path, &wanted), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * MOUNT_SERIES);
    ck_assert_double_eq(value(&machine, "size_bytes", ROOT_LABELS),
                        (double)wanted.f_blocks * (double)wanted.f_frsize);
    ck_assert_double_eq(value(&machine, "files", DATA_LABELS), (double)wanted.f_files);
    ck_assert_double_le(value(&machine, "avail_bytes", DATA_LABELS),
                        value(&machine, "free_bytes", DATA_LABELS));
    ck_assert_double_le(value(&machine, "files_free", ROOT_LABELS),
                        value(&machine, "files", ROOT_LABELS));
    ck_assert_double_eq(value(&machine, "device_error", ROOT_LABELS), 0);
    ck_assert_double_eq(value(&machine, "readonly", ROOT_LABELS), 0);
    ck_assert_uint_eq(series(&machine, "files", ROOT_LABELS)->interval_ms, FILESYSTEM_INTERVAL_MS);
    machine_remove(&machine);
}
END_TEST

START_TEST(all_are_asked_once_a_round)
{
    struct machine machine;

    start(&machine, ROOT DATA);
    for (size_t round = 1; round <= 5; round++) {
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
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

    start(&machine, ROOT);
    machine.sink.sink.interval_ms = 1000;
    wait_ticks(&machine, 5);
    ck_assert_uint_eq(machine.sink.runner.submitted, 5);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_answer_may_be_slow)
{
    struct machine machine;

    start(&machine, ROOT);
    machine.sink.runner.held = true;
    wait_ticks(&machine, 4);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    ck_assert_double_eq(value(&machine, "device_error", ROOT_LABELS), 0);
    machine_remove(&machine);
}
END_TEST

/* Ticks until the call of the first of them is stuck; tells how many. */
static void until_stuck(struct machine *machine)
{
    double called;

    machine->sink.runner.held = true;
    ck_assert_int_eq(next_round(machine), COLLECTOR_AGAIN);
    called = (double)machine->sink.sink.real_ns / 1e9;
    wait_ticks(machine, 4);
    ck_assert(!is_stuck(machine, DATA_LABELS));
    wait_ticks(machine, 1);
    ck_assert_double_eq(
        value(machine, "tacho_filesystem_stuck_since_timestamp_seconds", DATA_LABELS), called);
    ck_assert_double_eq(value(machine, "device_error", DATA_LABELS), 1);
    ck_assert_double_eq(value(machine, "readonly", DATA_LABELS), 0);
}

START_TEST(what_does_not_answer_is_stuck_and_is_not_asked_again)
{
    struct machine machine;
    double since;

    start(&machine, DATA);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    until_stuck(&machine);
    since = value(&machine, "tacho_filesystem_stuck_since_timestamp_seconds", DATA_LABELS);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    ck_assert(is_absent(&machine, "size_bytes", DATA_LABELS));
    wait_ticks(&machine, 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    for (int round = 0; round < 100; round++) {
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
        ck_assert_double_eq(
            value(&machine, "tacho_filesystem_stuck_since_timestamp_seconds", DATA_LABELS), since);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 2);
    ck_assert_uint_eq(machine.sink.runner.waiting_count, 1);

    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert(!is_stuck(&machine, DATA_LABELS));
    ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    ck_assert_double_eq(value(&machine, "device_error", DATA_LABELS), 0);
    ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
    ck_assert_uint_eq(machine.sink.runner.submitted, 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(the_others_keep_their_values)
{
    struct machine machine;

    start(&machine, ROOT DATA);
    machine.sink.runner.held = true;
    wait_ticks(&machine, 1);
    answer_last(&machine); /* of /, which is behind /data in the order of devices */
    wait_ticks(&machine, 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    wait_ticks(&machine, 4);
    ck_assert(is_stuck(&machine, DATA_LABELS));
    for (int round = 0; round < 10; round++) {
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(machine.sink.runner.waiting_count, 2);
        answer_last(&machine);
        wait_ticks(&machine, 1);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
        ck_assert_double_gt(value(&machine, "size_bytes", ROOT_LABELS), 0);
    }
    machine_remove(&machine);
}
END_TEST

/* umount -l. What the call holds lives until it returns: the sanitizer looks after that. */
START_TEST(a_mount_may_vanish_while_it_is_stuck)
{
    struct machine machine;

    start(&machine, DATA);
    until_stuck(&machine);
    mounts(&machine, "");
    ck_assert_int_eq(next_round(&machine), 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    ck_assert_uint_eq(machine.sink.runner.waiting_count, 1);
    fake_runner_let_go(&machine.sink.runner);
    ck_assert_int_eq(next_round(&machine), 0);
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

        start(&machine, DATA);
        until_stuck(&machine);
        mounts(&machine, others[index]);
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
        ck_assert_uint_eq(machine.sink.runner.waiting_count, 2);
        answer_last(&machine);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
        ck_assert_double_eq(value(&machine, "device_error", labels[index]), 0);
        ck_assert(!is_stuck(&machine, DATA_LABELS));
        fake_runner_let_go(&machine.sink.runner);
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
        machine_remove(&machine);
    }
}
END_TEST

START_TEST(nothing_piles_up_where_mounts_come_and_go)
{
    struct machine machine;

    start(&machine, DATA);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    for (int round = 0; round < 50; round++) {
        mounts(&machine, round % 2 ? DATA : OTHER);
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_live(&machine.sink), MOUNT_SERIES);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    }
    machine_remove(&machine);
}
END_TEST

START_TEST(an_error_is_told_and_passes)
{
    struct machine machine;

    start(&machine, "5 1 8:1 / /later ro - ext4 /dev/sda1 rw\n");
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    for (int round = 0; round < 2; round++) {
        static const char labels[] = "{device=\"/dev/sda1\",fstype=\"ext4\",mountpoint=\"/later\"}";

        ck_assert_double_eq(value(&machine, "device_error", labels), round == 0);
        ck_assert_double_eq(value(&machine, "readonly", labels), 1);
        folder_write(&machine.folder, "later/file", "");
        ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
        machine_expect_tick(&machine);
    }
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(one_mount_of_a_device_is_in_the_total)
{
    struct machine machine;

    start(&machine, BOUND ROOT DATA);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert(series(&machine, "size_bytes", ROOT_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert(series(&machine, "size_bytes", DATA_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert(!(series(&machine, "size_bytes", BOUND_LABELS)->flags & SERIES_IN_TOTAL));
    mounts(&machine, BOUND DATA);
    ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert(series(&machine, "size_bytes", BOUND_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert(series(&machine, "readonly", BOUND_LABELS)->flags & SERIES_IN_TOTAL);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2 * MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_remount_is_seen)
{
    struct machine machine;

    start(&machine, DATA);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_double_eq(value(&machine, "readonly", DATA_LABELS), 0);
    mounts(&machine, "36 27 8:3 / /data rw - fuse.x server ro\n");
    ck_assert_int_eq(next_round(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert_double_eq(value(&machine, "readonly", DATA_LABELS), 1);
    ck_assert_uint_eq(machine.sink.declares, MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

/* Of its own mounts a daemon does not know whether its sandbox made them read-only. */
START_TEST(own_mounts_where_process_1_shows_none)
{
    struct machine machine;

    prepare(&machine, "");
    folder_unlink(&machine.folder, "proc/1/mountinfo");
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/self/mountinfo",
                 "27 1 254:0 / / ro - ext4 /dev/vda1 rw\n"
                 "36 27 8:3 / /data ro - fuse.x server ro\n"
                 "38 27 254:0 /a /bound rw - ext4 /dev/vda1 rw\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_ptr_null(series(&machine, "readonly", ROOT_LABELS));
    ck_assert_double_eq(value(&machine, "readonly", DATA_LABELS), 1);
    ck_assert_double_eq(value(&machine, "readonly", BOUND_LABELS), 0);
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

    start(&machine, "5 1 8:1 / /" LONG_NAME "\\040" LONG_NAME "\\012\xff\\134" LONG_NAME
                    " rw - ext4 a\\040b rw\n");
    snprintf(file, sizeof file, "%s/file", path);
    folder_write(&machine.folder, file, "");
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    snprintf(labels, sizeof labels, "{device=\"a b\",fstype=\"ext4\",mountpoint=\"/%s\"}", path);
    ck_assert_double_eq(value(&machine, "device_error", labels), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_write_nothing_and_pass)
{
    struct machine machine;

    start(&machine, ROOT);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    mounts(&machine, ROOT "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/1/mountinfo");
    machine_expect_error(&machine, -ENOENT);
    mounts(&machine, ROOT);
    wait_ticks(&machine, 1);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), MOUNT_SERIES);
    ck_assert_uint_eq(machine.sink.declares, MOUNT_SERIES);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_error_while_something_is_stuck_loses_nothing)
{
    struct machine machine;

    start(&machine, DATA);
    until_stuck(&machine);
    mounts(&machine, "what?\n");
    ck_assert_int_eq(next_round(&machine), -EBADMSG);
    ck_assert_int_eq(machine_tick(&machine), -EBADMSG); /* still due */
    mounts(&machine, DATA);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    ck_assert_double_eq(value(&machine, "device_error", DATA_LABELS), 1);
    ck_assert_uint_eq(machine.sink.runner.submitted, 1);
    machine_remove(&machine); /* and it may end so */
}
END_TEST

int main(void)
{
    return RUN_TESTS("filesystem", values_are_those_of_statvfs, all_are_asked_once_a_round,
                     an_interval_of_a_tick_is_one_too, an_answer_may_be_slow,
                     what_does_not_answer_is_stuck_and_is_not_asked_again,
                     the_others_keep_their_values, a_mount_may_vanish_while_it_is_stuck,
                     a_new_mount_in_its_place_is_another, nothing_piles_up_where_mounts_come_and_go,
                     an_error_is_told_and_passes, one_mount_of_a_device_is_in_the_total,
                     a_remount_is_seen, own_mounts_where_process_1_shows_none,
                     paths_may_be_long_and_odd, errors_write_nothing_and_pass,
                     an_error_while_something_is_stuck_loses_nothing);
}

/* Surveys: what a worker found, target by target, becomes series. */
#include "collectors/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/sysfs.h"
#include "tests/unit/machine.h"

#define STUCK "tacho_collector_stuck_since_timestamp_seconds{collector=\"toys\",target=\"toy0\"}"

static const struct metric value = {
    .name = "node_toy_value", .unit = "", .help = "A number.", .kind = METRIC_GAUGE};

/* "KIND NUMBER" of the file `value`; a kind that begins with '+' is the name of a made metric. */
static void read_toy(const struct survey_target *target, struct findings *findings)
{
    char text[64], kind[32];
    struct span span;
    int number;
    int result = sysfs_read(target->folder, "value", text, sizeof text - 1, &span);

    findings_trouble(findings, result);
    if (result < 0)
        return;
    text[span.length] = '\0';
    ck_assert_int_eq(sscanf(text, "%31s %d", kind, &number), 2);
    if (*kind == '+') {
        const struct metric made = {
            .name = kind + 1, .unit = "", .help = kind, .kind = METRIC_COUNTER, .cumulative = true};

        findings_add_made(findings, &made, NULL, 0, number);
    } else {
        const struct label labels[] = {{"toy", target->name}, {"kind", kind}};

        findings_add(findings, &value, labels, 2, number);
        findings_add(findings, &value, labels, 2, number + 1000); /* is left out */
        findings_add(findings, &value, labels, 1, number + 1);
    }
}

static bool picks_toys(const struct collector_roots *roots, const char *name)
{
    ck_assert_ptr_nonnull(roots->sysfs);
    return strncmp(name, "toy", 3) == 0;
}

static const struct survey_form toys_form = {.collector = "toys",
                                             .root = SURVEY_SYSFS,
                                             .folder = "class/toys",
                                             .each = true,
                                             .picks = picks_toys,
                                             .read = read_toy};

static int open_toys(const struct collector_roots *roots, void **state)
{
    return survey_open(&toys_form, roots, state);
}

static const struct collector toys_collector = {.name = "toys",
                                                .interval_ms = 10000,
                                                .open = open_toys,
                                                .sample = survey_sample,
                                                .close = survey_close};

static void read_file(const struct survey_target *target, struct findings *findings)
{
    char text[64];
    struct span span;
    int result = sysfs_read(AT_FDCWD, target->path, text, sizeof text, &span);

    ck_assert_str_eq(target->name, "");
    findings_trouble(findings, result);
    if (result == 0)
        findings_add(findings, &value, NULL, 0, (double)span.length);
}

static const struct survey_form file_form = {
    .collector = "toy_file", .root = SURVEY_PROCFS, .folder = "toy", .read = read_file};

static int open_file(const struct collector_roots *roots, void **state)
{
    return survey_open(&file_form, roots, state);
}

static const struct collector file_collector = {.name = "toy_file",
                                                .interval_ms = 10000,
                                                .open = open_file,
                                                .sample = survey_sample,
                                                .close = survey_close};

static void prepare(struct machine *machine)
{
    machine_make(machine, &toys_collector);
    folder_write(&machine->folder, "sys/class/toys/toy0/value", "red 7\n");
    folder_write(&machine->folder, "sys/class/toys/toy1/value", "blue 8\n");
    folder_write(&machine->folder, "sys/class/toys/other/value", "green 9\n");
    folder_write(&machine->folder, "sys/class/toys/toys", "a file\n");
}

/* Asks; the runner answers at once, and the tick after takes it. */
static void ask(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
}

static void round_of(struct machine *machine)
{
    ask(machine);
    machine_expect_tick(machine);
}

static double value_of(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(targets_come_change_and_go)
{
    struct machine machine;
    size_t declares;

    prepare(&machine);
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_double_eq(value_of(&machine, "node_toy_value{kind=\"red\",toy=\"toy0\"}"), 7);
    ck_assert_double_eq(value_of(&machine, "node_toy_value{toy=\"toy0\"}"), 8);
    ck_assert_double_eq(value_of(&machine, "node_toy_value{kind=\"blue\",toy=\"toy1\"}"), 8);
    declares = machine.sink.declares;

    folder_write(&machine.folder, "sys/class/toys/toy0/value", "red 9\n");
    round_of(&machine);
    ck_assert_double_eq(value_of(&machine, "node_toy_value{kind=\"red\",toy=\"toy0\"}"), 9);
    ck_assert_uint_eq(machine.sink.declares, declares);

    folder_write(&machine.folder, "sys/class/toys/toy0/value", "pink 1\n");
    round_of(&machine);
    ck_assert_uint_eq(machine.sink.declares, declares + 1); /* the other stayed */
    ck_assert_uint_eq(machine.sink.releases, 1);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 4);
    ck_assert_double_eq(value_of(&machine, "node_toy_value{kind=\"pink\",toy=\"toy0\"}"), 1);

    folder_unlink(&machine.folder, "sys/class/toys/toy1/value");
    round_of(&machine); /* nothing there is no trouble */
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

static void put_made(const struct machine *machine, const char *first, const char *second)
{
    folder_write(&machine->folder, "sys/class/toys/toy0/value", first);
    folder_write(&machine->folder, "sys/class/toys/toy1/value", second);
}

/* Chips that the kernel numbers otherwise; the answers may come at different ticks. */
START_TEST(series_move_from_target_to_target)
{
    struct machine machine;

    prepare(&machine);
    put_made(&machine, "+node_toy_a 1\n", "+node_toy_b 2\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    put_made(&machine, "+node_toy_b 3\n", "+node_toy_a 4\n");
    machine.sink.runner.held = true;
    ask(&machine);
    fake_runner_answer_last(&machine.sink.runner);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    fake_runner_let_go(&machine.sink.runner);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(machine.sink.releases, 0);
    round_of(&machine);
    ck_assert_double_eq(value_of(&machine, "node_toy_b"), 3);
    ck_assert_double_eq(value_of(&machine, "node_toy_a"), 4);
    put_made(&machine, "+node_toy_b 5\n", "+node_toy_c 6\n");
    round_of(&machine);
    ck_assert_uint_eq(machine.sink.releases, 1);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(without_the_folder_there_is_nothing)
{
    struct machine machine;

    machine_make(&machine, &toys_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);
}
END_TEST

START_TEST(made_metrics)
{
    struct machine machine;
    const struct fake_series *made;

    prepare(&machine);
    folder_write(&machine.folder, "sys/class/toys/toy0/value", "+node_toy_made_total 5\n");
    folder_write(&machine.folder, "sys/class/toys/toy1/value", "+node-toy 5\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    ask(&machine);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    made = fake_sink_find(&machine.sink, "node_toy_made_total");
    ck_assert_ptr_nonnull(made);
    ck_assert_str_eq(made->help, "+node_toy_made_total");
    ck_assert(made->cumulative);
    ck_assert_double_eq(value_of(&machine, "node_toy_made_total"), 5);
    machine_remove(&machine);
}
END_TEST

/* The one costs nothing else, and is told at the end of each round. */
START_TEST(trouble_is_told)
{
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "sys/class/toys/toy0/value",
                 "a text that is longer than whatever is expected here, by far and by any measure");
    ck_assert_int_eq(machine_open(&machine), 0);
    for (int i = 0; i < 2; i++) {
        ask(&machine);
        machine_expect_part(&machine, -E2BIG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    }
    folder_write(&machine.folder, "sys/class/toys/toy0/value", "red 7\n");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

/* The last that was asked answers, the other does not. */
START_TEST(one_that_does_not_answer_is_shown_and_heals)
{
    struct machine machine;
    char path[PATH_MAX];
    double since;

    prepare(&machine);
    folder_unlink(&machine.folder, "sys/class/toys/toy1/value");
    snprintf(path, sizeof path, "%s/sys/class/toys/toy1", machine.folder.path);
    ck_assert_int_eq(rmdir(path), 0);
    machine.sink.runner.held = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    ask(&machine);
    since = (double)machine.sink.sink.real_ns / 1e9;
    for (int tick = 0; tick < 4; tick++)
        ask(&machine);
    machine_expect_tick(&machine); /* five seconds are over */
    ck_assert_double_eq(value_of(&machine, STUCK), since);

    machine.sink.runner.held = false;
    folder_write(&machine.folder, "sys/class/toys/toy1/value", "blue 8\n");
    for (int i = 0; i < 3; i++) {
        ask(&machine);
        ck_assert_double_eq(value_of(&machine, STUCK), since);
        machine_expect_tick(&machine);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    }
    ck_assert_uint_eq(machine.sink.runner.submitted, 1 + 3); /* never asked a second time */

    fake_runner_let_go(&machine.sink.runner);
    round_of(&machine);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, STUCK));
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

/* Where targets are many and slow, the last of them wait for long until a worker has them. */
START_TEST(waiting_for_a_worker_is_not_stuck)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.runner.held = machine.sink.runner.queued = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    for (int tick = 0; tick < 20; tick++)
        ask(&machine);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, STUCK));
    fake_runner_begin(&machine.sink.runner);
    fake_runner_let_go(&machine.sink.runner);
    ask(&machine); /* the next round is due already */
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_uint_eq(machine.sink.runner.submitted, 2 + 2);
    machine_remove(&machine);
}
END_TEST

/* Then each tick ends a round and begins another. */
START_TEST(ticks_as_rare_as_rounds_tell_trouble)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.sink.interval_ms = 1000;
    folder_write(&machine.folder, "sys/class/toys/toy0/value",
                 "a text that is longer than whatever is expected here, by far and by any measure");
    ck_assert_int_eq(machine_open(&machine), 0);
    ask(&machine);
    for (int i = 0; i < 3; i++) {
        machine_expect_part(&machine, -E2BIG);
        ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    }
    folder_write(&machine.folder, "sys/class/toys/toy0/value", "red 7\n");
    machine_expect_part(&machine, -E2BIG); /* what had been read before */
    ask(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    machine_remove(&machine);
}
END_TEST

/* What a worker still has is its own. */
START_TEST(closing_waits_for_nobody)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.runner.held = true;
    ck_assert_int_eq(machine_open(&machine), 0);
    ask(&machine);
    machine.collector->close(machine.state);
    machine.state = NULL;
    fake_runner_let_go(&machine.sink.runner);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(one_target_may_be_a_file)
{
    struct machine machine;

    machine_make(&machine, &file_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, "proc/toy", "12345\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_double_eq(value_of(&machine, "node_toy_value"), 5);
    folder_unlink(&machine.folder, "proc/toy");
    ck_assert_int_eq(machine_tick(&machine), -EOPNOTSUPP); /* as where a module was unloaded */
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    folder_write(&machine.folder, "proc/toy", "123\n");
    round_of(&machine);
    ck_assert_double_eq(value_of(&machine, "node_toy_value"), 3);
    machine_remove(&machine);
}
END_TEST

/* So that it is told as what this machine does not have, and looked for rarely. */
START_TEST(a_list_without_targets_is_no_source)
{
    struct machine machine;
    char path[PATH_MAX];

    machine_make(&machine, &toys_collector);
    folder_write(&machine.folder, "sys/class/toys/other/value", "green 9\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_error(&machine, -EOPNOTSUPP);
    folder_write(&machine.folder, "sys/class/toys/toy0/value", "red 7\n");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    folder_unlink(&machine.folder, "sys/class/toys/toy0/value");
    snprintf(path, sizeof path, "%s/sys/class/toys/toy0", machine.folder.path);
    ck_assert_int_eq(rmdir(path), 0);
    machine_expect_error(&machine, -EOPNOTSUPP);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("survey", targets_come_change_and_go, series_move_from_target_to_target,
                     without_the_folder_there_is_nothing, made_metrics, trouble_is_told,
                     one_that_does_not_answer_is_shown_and_heals, waiting_for_a_worker_is_not_stuck,
                     ticks_as_rare_as_rounds_tell_trouble, closing_waits_for_nobody,
                     one_target_may_be_a_file, a_list_without_targets_is_no_source);
}

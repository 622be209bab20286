/* Samples that programs leave in files. */
#include "collectors/system/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/findings.h"
#include "tests/unit/machine.h"

#define ERROR "node_textfile_scrape_error"

static int open_at(const struct collector_roots *given, const char *folder, void **state)
{
    struct collector_roots roots = *given;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", given->rootfs, folder);
    roots.textfiles = path;
    return textfile_collector.open(&roots, state);
}

static int open_folder(const struct collector_roots *roots, void **state)
{
    return open_at(roots, "texts", state);
}

static int open_fixture(const struct collector_roots *roots, void **state)
{
    return open_at(roots, "textfile/two_metric_files/", state);
}

static struct collector collector;

static void prepare(struct machine *machine)
{
    collector = textfile_collector;
    collector.open = open_folder;
    machine_make(machine, &collector);
    folder_write(&machine->folder, "texts/good.prom", "good 1\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

static const struct fake_series *series_of(const struct machine *machine, const char *metric,
                                           const char *file)
{
    char name[512];

    snprintf(name, sizeof name, "%s{file=\"%s/texts/%s\"}", metric, machine->folder.path, file);
    return fake_sink_find(&machine->sink, name);
}

/* The file costs itself, and is told; the good one stays. */
static void expect_refused(struct machine *machine)
{
    round_of(machine);
    ck_assert_double_eq(value(machine, ERROR), 1);
    ck_assert_double_eq(value(machine, "good"), 1);
    ck_assert_uint_eq(fake_sink_values(&machine->sink), 4);
    ck_assert_ptr_nonnull(series_of(machine, "node_textfile_mtime_seconds", "good.prom"));
    ck_assert_ptr_null(series_of(machine, "node_textfile_mtime_seconds", "bad.prom"));
    ck_assert_ptr_nonnull(series_of(machine, "tacho_textfile_error", "bad.prom"));
}

START_TEST(without_a_folder_nothing_is_wrong)
{
    struct machine machine;

    machine_make(&machine, &textfile_collector);
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(value(&machine, ERROR), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
    struct machine machine;

    prepare(&machine);
    folder_unlink(&machine.folder, "texts/good.prom");
    round_of(&machine);
    ck_assert_double_eq(value(&machine, ERROR), 0); /* an empty one is none */
    folder_write(&machine.folder, "texts/x", "");
    machine.collector->close(machine.state);
    machine.state = NULL;
    collector.open = open_fixture;
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_double_eq(value(&machine, ERROR), 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(samples_are_as_they_stand)
{
    const struct fake_series *series;
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "texts/more.prom",
                 "# HELP node_reboot_required Whether.\n"
                 "# TYPE node_reboot_required gauge\n"
                 "node_reboot_required 1\n"
                 "# TYPE jobs_total counter\n"
                 "jobs_total{b=\"2\",a=\"1\",empty=\"\"} 7\n"
                 "jobs_total{a=\"1\",b=\"2\"} 8\n" /* the same series */
                 "nothing NaN\n");
    folder_write(&machine.folder, "texts/other.txt", "other 1\n");
    round_of(&machine);
    ck_assert_double_eq(value(&machine, ERROR), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1 + 2 + 4);
    ck_assert_double_eq(value(&machine, "node_reboot_required"), 1);
    ck_assert_double_eq(value(&machine, "jobs_total{a=\"1\",b=\"2\"}"), 7);
    ck_assert(value(&machine, "nothing") != value(&machine, "nothing"));
    series = fake_sink_find(&machine.sink, "node_reboot_required");
    ck_assert_int_eq(series->kind, METRIC_GAUGE);
    ck_assert_str_eq(series->help, "Whether.");
    ck_assert_uint_eq(series->flags, SERIES_APPLICATION | SERIES_TEXTFILE);
    series = fake_sink_find(&machine.sink, "jobs_total{a=\"1\",b=\"2\"}");
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert(series->cumulative);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, ERROR)->flags, 0);

    folder_unlink(&machine.folder, "texts/more.prom");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_is_said_of_samples_may_change)
{
    const struct fake_series *series;
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "texts/more.prom",
                 "# HELP jobs_total Jobs.\n# TYPE jobs_total gauge\njobs_total 1\n");
    round_of(&machine);
    folder_write(&machine.folder, "texts/more.prom",
                 "# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 2\n");
    round_of(&machine);
    series = fake_sink_find(&machine.sink, "jobs_total");
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert_double_eq(value(&machine, "jobs_total"), 2);
    folder_write(&machine.folder, "texts/more.prom",
                 "# HELP jobs_total Done.\n# TYPE jobs_total counter\njobs_total 3\n");
    round_of(&machine);
    ck_assert_str_eq(fake_sink_find(&machine.sink, "jobs_total")->help, "Done.");
    machine_remove(&machine);
}
END_TEST

START_TEST(times_of_files)
{
    const struct timespec times[] = {{.tv_sec = 1}, {.tv_sec = 1234567890, .tv_nsec = 500}};
    struct machine machine;
    char path[PATH_MAX];

    prepare(&machine);
    snprintf(path, sizeof path, "%s/texts/good.prom", machine.folder.path);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    round_of(&machine);
    ck_assert_double_eq(
        value(&machine, series_of(&machine, "node_textfile_mtime_seconds", "good.prom")->name),
        1234567890);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_bad_file_costs_itself)
{
    static const char *const bad[] = {
        "fine 1\nwhat?\n",           "fine 1\nfine{a=\"1\",a=\"2\"} 2\n",
        "fine 1 1700000000000\n",    "fine 1\nfine{__a=\"1\"} 2\n",
        "fine 1\nfiner 2",           "fine{a=\"1\"",
        "fine 1\n# TYPE fine odd\n",
    };
    struct machine machine;

    prepare(&machine);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        folder_write(&machine.folder, "texts/bad.prom", bad[index]);
        expect_refused(&machine);
    }
    folder_write(&machine.folder, "texts/bad.prom", "fine 1\n");
    round_of(&machine);
    ck_assert_double_eq(value(&machine, ERROR), 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 5);
    machine_remove(&machine);
}
END_TEST

/* Neither a FIFO that nobody writes to, nor what is not there, holds up the others. */
START_TEST(what_is_no_file)
{
    struct machine machine;
    char path[PATH_MAX];

    prepare(&machine);
    snprintf(path, sizeof path, "%s/texts/bad.prom", machine.folder.path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_refused(&machine);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    expect_refused(&machine);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(symlink("nothing", path), 0);
    expect_refused(&machine);
    ck_assert_int_eq(unlink(path), 0);
    machine_remove(&machine);
}
END_TEST

/* A text of lines, or of one comment. The caller frees it. */
static char *long_text(size_t samples, size_t comment)
{
    char *text = malloc(samples * 32 + comment + 8), *at = text;

    ck_assert_ptr_nonnull(text);
    for (size_t index = 0; index < samples; index++)
        at += sprintf(at, "many{number=\"%zu\"} 1\n", index);
    for (size_t index = 0; index < comment; index++)
        *at++ = index % 1000 == 0 ? '\n' : '#';
    strcpy(at, "\n");
    return text;
}

START_TEST(bounds)
{
    struct machine machine;
    char *text;

    prepare(&machine);
    text = long_text(FINDINGS_MAX - 4, 0); /* beside the others, and its own time */
    folder_write(&machine.folder, "texts/bad.prom", text);
    free(text);
    round_of(&machine);
    ck_assert_double_eq(value(&machine, ERROR), 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), FINDINGS_MAX);

    text = long_text(FINDINGS_MAX, 0);
    folder_write(&machine.folder, "texts/bad.prom", text);
    free(text);
    expect_refused(&machine);

    text = long_text(1, (size_t)TEXTFILE_BYTES_MAX);
    folder_write(&machine.folder, "texts/bad.prom", text);
    free(text);
    expect_refused(&machine);
    machine_remove(&machine);
}
END_TEST

START_TEST(files_have_a_bound)
{
    struct machine machine;
    char name[64];

    prepare(&machine);
    for (int index = 0; index < TEXTFILE_FILES_MAX; index++) {
        snprintf(name, sizeof name, "texts/%04d.prom", index);
        folder_write(&machine.folder, name, "");
    }
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -E2BIG);
    ck_assert_double_eq(value(&machine, ERROR), 1);
    machine_remove(&machine);
}
END_TEST

/* On a server that does not answer. */
START_TEST(a_folder_that_does_not_answer_is_shown)
{
    struct machine machine;

    prepare(&machine);
    machine.sink.runner.held = true;
    for (int tick = 0; tick < 5; tick++)
        ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_ptr_nonnull(fake_sink_find(
        &machine.sink,
        "tacho_collector_stuck_since_timestamp_seconds{collector=\"textfile\",target=\".\"}"));
    machine_remove(&machine);
}
END_TEST

/* Its help names the file, which is elsewhere here. */
START_TEST(fixture)
{
    const char *root = fixtures_folder();
    const struct collector_roots roots = {.procfs = "/proc", .sysfs = "/sys", .rootfs = root};
    struct machine machine;
    char help[PATH_MAX];

    if (root == NULL)
        return;
    machine_make(&machine, &textfile_collector);
    ck_assert_int_eq(open_fixture(&roots, &machine.state), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1 + 2 + 4);
    ck_assert_double_eq(value(&machine, ERROR), 0);
    ck_assert_double_eq(value(&machine, "testmetric1_1{foo=\"bar\"}"), 10);
    ck_assert_double_eq(value(&machine, "testmetric2_2{foo=\"baz\"}"), 40);
    ck_assert_int_eq(fake_sink_find(&machine.sink, "testmetric1_2{foo=\"baz\"}")->kind,
                     METRIC_UNTYPED);
    snprintf(help, sizeof help, "Metric read from %s/textfile/two_metric_files/metrics2.prom",
             root);
    ck_assert_str_eq(fake_sink_find(&machine.sink, "testmetric2_1{foo=\"bar\"}")->help, help);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("textfile", without_a_folder_nothing_is_wrong,
                     a_folder_that_is_not_there_is_an_error, samples_are_as_they_stand,
                     what_is_said_of_samples_may_change, times_of_files, a_bad_file_costs_itself,
                     what_is_no_file, bounds, files_have_a_bound,
                     a_folder_that_does_not_answer_is_shown, fixture);
}

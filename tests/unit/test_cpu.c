#include "collectors/system/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/machine.h"

#define GOOD                                                                                       \
    "cpu  110 20 30 4000 50 6 7 8 9 1\n"                                                           \
    "cpu0 100 10 20 3000 40 5 6 7 8 1\n"                                                           \
    "cpu12 10 10 10 1000 10 1 1 1 1 0\n"                                                           \
    "intr 8885917 17 0 0\n"                                                                        \
    "ctxt 38014093\n"

static int parse(const char *text, struct cpu_table *table)
{
    return cpu_parse(text, strlen(text), table);
}

/* Seconds that this many ticks are on the machine that runs the test. */
static double seconds(double ticks)
{
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

static double value(const struct machine *machine, const char *cpu, const char *mode)
{
    char name[128];

    snprintf(name, sizeof name, "node_cpu_seconds_total{cpu=\"%s\",mode=\"%s\"}", cpu, mode);
    return fake_sink_value(&machine->sink, name);
}

static void start(struct machine *machine, const char *text)
{
    machine_make(machine, &cpu_collector);
    folder_write(&machine->folder, "proc/stat", text);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static void next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/stat", text);
    machine_expect_tick(machine);
}

START_TEST(good_text)
{
    struct cpu_table table = {0};

    ck_assert_int_eq(parse(GOOD, &table), 0);
    ck_assert_uint_eq(table.count, 2);
    ck_assert(span_equals(table.rows[0].number, "0"));
    ck_assert_uint_eq(table.rows[0].field_count, CPU_FIELDS);
    ck_assert_uint_eq(table.rows[0].ticks[CPU_USER], 100);
    ck_assert_uint_eq(table.rows[0].ticks[CPU_GUEST_NICE], 1);
    ck_assert(span_equals(table.rows[1].number, "12"));
    ck_assert_uint_eq(table.rows[1].ticks[CPU_IDLE], 1000);
    ck_assert(span_equals(table.rest, "intr 8885917 17 0 0\nctxt 38014093\n"));
    cpu_table_finish(&table);
}
END_TEST

START_TEST(old_and_future_kernels)
{
    struct cpu_table table = {0};

    ck_assert_int_eq(parse("cpu0 1 2 3 4\n", &table), 0);
    ck_assert_uint_eq(table.rows[0].field_count, 4);
    ck_assert_int_eq(parse("cpu0 1 2 3 4 5 6 7 8 9 10 11 12", &table), 0);
    ck_assert_uint_eq(table.rows[0].field_count, CPU_FIELDS);
    ck_assert_uint_eq(table.rows[0].ticks[CPU_GUEST_NICE], 10);
    ck_assert_uint_eq(table.rest.length, 0);
    cpu_table_finish(&table);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "cpu  1 2 3 4\n",
        "intr 1\ncpu0 1 2 3 4\n",
        "cpu0\n",
        "cpu0 1 2 3\n",
        "cpu0 1 2 3 x\n",
        "cpu0 1 2 3 4x\n",
        "cpu0 1 2 3 4 -5\n",
        "cpux 1 2 3 4\n",
        "cpu-1 1 2 3 4\n",
        "cpu0 1 2 3 18446744073709551616\n",
        "cpu99999999999999999999 1 2 3 4\n",
    };
    struct cpu_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    cpu_table_finish(&table);
}
END_TEST

START_TEST(a_bad_line_costs_its_cpu)
{
    struct cpu_table table = {0};

    ck_assert_int_eq(parse("cpu\ncpu0 1 2 3 4\ncpu1 1 2\ncpu2 5 6 7 8\nctxt 9\n", &table),
                     -EBADMSG);
    ck_assert_uint_eq(table.count, 2);
    ck_assert(span_equals(table.rows[0].number, "0"));
    ck_assert(span_equals(table.rows[1].number, "2"));
    ck_assert_uint_eq(table.rows[1].ticks[CPU_IDLE], 8);
    ck_assert(span_equals(table.rest, "ctxt 9\n"));
    ck_assert_int_eq(parse("cpu0 1 2\nctxt 9\n", &table), -EBADMSG);
    ck_assert(span_equals(table.rest, "ctxt 9\n"));
    ck_assert_int_eq(parse("ctxt 9\n", &table), -EBADMSG);
    ck_assert(span_equals(table.rest, "ctxt 9\n"));
    cpu_table_finish(&table);
}
END_TEST

/* A cut line has fewer fields, or a number with fewer digits; never one that was not there. */
static void expect_justified(const char *text, size_t length)
{
    struct cpu_table table = {0};

    if (cpu_parse(text, length, &table) == 0)
        ck_assert_uint_gt(table.count, 0);
    ck_assert_uint_le(table.count, 2);
    if (table.count > 0) {
        ck_assert(span_equals(table.rows[0].number, "0"));
        ck_assert_uint_le(table.rows[0].ticks[CPU_IDLE], 3000);
    }
    cpu_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(GOOD, expect_justified);
}
END_TEST

START_TEST(too_many_cpus)
{
    struct cpu_table table = {0};
    size_t size = (CPU_ROWS_MAX + 1) * sizeof "cpu12345 1 2 3 4";
    char *text = malloc(size);
    size_t used = 0;

    ck_assert_ptr_nonnull(text);
    for (unsigned cpu = 0; cpu <= CPU_ROWS_MAX; cpu++)
        used += (size_t)snprintf(text + used, size - used, "cpu%u 1 2 3 4\n", cpu);
    ck_assert_int_eq(cpu_parse(text, used, &table), -E2BIG);
    ck_assert_uint_eq(table.count, CPU_ROWS_MAX);
    cpu_table_finish(&table);
    free(text);
}
END_TEST

START_TEST(values_are_seconds)
{
    struct machine machine;

    start(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 20 + 2);
    ck_assert_double_eq(value(&machine, "0", "user"), seconds(100));
    ck_assert_double_eq(value(&machine, "0", "iowait"), seconds(40));
    ck_assert_double_eq(value(&machine, "12", "idle"), seconds(1000));
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_cpu_guest_seconds_total{cpu=\"0\",mode=\"user\"}"),
        seconds(8));
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_cpu_guest_seconds_total{cpu=\"0\",mode=\"nice\"}"),
        seconds(1));
    machine_remove(&machine);
}
END_TEST

START_TEST(a_field_that_the_kernel_lacks_has_no_series)
{
    struct machine machine;

    start(&machine, "cpu0 1 2 3 4 5 6 7\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 7);
    ck_assert_ptr_null(
        fake_sink_find(&machine.sink, "node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"}"));
    next(&machine, "cpu0 1 2 3 4 5 6 7 8\n");
    ck_assert_double_eq(value(&machine, "0", "steal"), seconds(8));
    next(&machine, "cpu0 1 2 3 4 5 6 7\n");
    ck_assert(
        fake_sink_is_absent(&machine.sink, "node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"}"));
    machine_remove(&machine);
}
END_TEST

START_TEST(small_steps_back_keep_the_former_value)
{
    struct machine machine;

    start(&machine, "cpu0 100 0 50 100000 40 0 0 0 0 0\n");
    /* iowait and idle go back, the others on. */
    next(&machine, "cpu0 110 0 51 99990 30 0 0 0 0 0\n");
    ck_assert_double_eq(value(&machine, "0", "user"), seconds(110));
    ck_assert_double_eq(value(&machine, "0", "idle"), seconds(100000));
    ck_assert_double_eq(value(&machine, "0", "iowait"), seconds(40));
    next(&machine, "cpu0 110 0 51 100001 39 0 0 0 0 0\n");
    ck_assert_double_eq(value(&machine, "0", "idle"), seconds(100001));
    ck_assert_double_eq(value(&machine, "0", "iowait"), seconds(40));
    next(&machine, "cpu0 110 0 51 100001 41 0 0 0 0 0\n");
    ck_assert_double_eq(value(&machine, "0", "iowait"), seconds(41));
    machine_remove(&machine);
}
END_TEST

START_TEST(idle_jumping_back_starts_afresh)
{
    long jump = 3 * sysconf(_SC_CLK_TCK);
    struct machine machine;
    char text[128];

    start(&machine, "cpu0 100 0 50 100000 40 0 0 0 0 0\n");
    snprintf(text, sizeof text, "cpu0 90 0 40 %ld 30 0 0 0 0 0\n", 100000 - jump + 1);
    next(&machine, text);
    ck_assert_double_eq(value(&machine, "0", "user"), seconds(100));
    snprintf(text, sizeof text, "cpu0 90 0 40 %ld 30 0 0 0 0 0\n", 100000 - jump);
    next(&machine, text);
    ck_assert_double_eq(value(&machine, "0", "idle"), seconds(100000 - (double)jump));
    ck_assert_double_eq(value(&machine, "0", "user"), seconds(90));
    ck_assert_double_eq(value(&machine, "0", "iowait"), seconds(30));
    machine_remove(&machine);
}
END_TEST

START_TEST(a_cpu_leaves_and_returns)
{
    struct machine machine;

    start(&machine, "cpu0 1 1 1 10\ncpu1 100 1 1 20\ncpu2 1 1 1 30\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 12);

    /* The line of cpu2 moves up: it must not be taken for cpu1. */
    next(&machine, "cpu0 1 1 1 11\ncpu2 1 1 1 31\n");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 8);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 8);
    ck_assert_uint_eq(machine.sink.releases, 4);
    ck_assert_double_eq(value(&machine, "2", "idle"), seconds(31));

    /* Lower than before: it was gone, so nothing of it is kept. */
    next(&machine, "cpu0 1 1 1 12\ncpu1 3 1 1 21\ncpu2 1 1 1 32\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 12);
    ck_assert_double_eq(value(&machine, "1", "user"), seconds(3));
    ck_assert_uint_eq(machine.sink.declares, 16);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &cpu_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);

    start(&machine, GOOD);
    folder_write(&machine.folder, "proc/stat", "cpu0 200 2 3 3000\ncpu12 what?\nctxt 7\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4 + 1);
    ck_assert_double_eq(value(&machine, "0", "user"), seconds(200));
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_context_switches_total"), 7);
    next(&machine, GOOD);
    ck_assert_double_eq(value(&machine, "12", "idle"), seconds(1000));

    folder_write(&machine.folder, "proc/stat", "cpu0 what?\nctxt 8\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    folder_write(&machine.folder, "proc/stat", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/stat");
    machine_expect_error(&machine, -ENOENT);
    next(&machine, GOOD);
    ck_assert_double_eq(value(&machine, "0", "user"), seconds(200));
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 20 + 2);
    /* Those of the CPU that was lost for a tick twice. */
    ck_assert_uint_eq(machine.sink.declares, 20 + 2 + 10);
    machine_remove(&machine);
}
END_TEST

START_TEST(refused_series_do_no_harm)
{
    struct machine machine;

    machine_make(&machine, &cpu_collector);
    machine.sink.limit = 5;
    folder_write(&machine.folder, "proc/stat", GOOD);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    next(&machine, "cpu12 10 10 10 1000 10 1 1 1 1 0\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    /* 8 CPUs, with 8 modes and 2 of guests each, and 6 other lines. */
    machine_compare_fixture(&cpu_collector, 80 + 6);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu", good_text, old_and_future_kernels, bad_text, a_bad_line_costs_its_cpu,
                     every_prefix, too_many_cpus, values_are_seconds,
                     a_field_that_the_kernel_lacks_has_no_series,
                     small_steps_back_keep_the_former_value, idle_jumping_back_starts_afresh,
                     a_cpu_leaves_and_returns, errors_cost_what_is_bad_and_pass,
                     refused_series_do_no_harm, fixture_machine);
}

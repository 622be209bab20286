#include "collectors/system/schedstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

#define GOOD                                                                                       \
    "version 15\n"                                                                                 \
    "timestamp 15819019232\n"                                                                      \
    "cpu0 1 0 3 4 5 6 2000000007 8000000000 9\n"                                                   \
    "domain0 00000000,00000003 212499247 210112015\n"                                              \
    "cpu12 1 0 3 4 5 6 10 20 30\n"                                                                 \
    "domain0 00000000,00000003 217653037 215526982\n"

static int parse(const char *text, struct schedstat_table *table)
{
    return schedstat_parse(text, strlen(text), table);
}

static void expect_row(const struct schedstat_row *row, const char *number, uint64_t running,
                       uint64_t waiting, uint64_t timeslices)
{
    ck_assert(span_equals(row->number, number));
    ck_assert_uint_eq(row->fields[SCHEDSTAT_RUNNING], running);
    ck_assert_uint_eq(row->fields[SCHEDSTAT_WAITING], waiting);
    ck_assert_uint_eq(row->fields[SCHEDSTAT_TIMESLICES], timeslices);
}

START_TEST(good_text)
{
    struct schedstat_table table = {0};

    ck_assert_int_eq(parse(GOOD, &table), 0);
    ck_assert_uint_eq(table.count, 2);
    expect_row(&table.rows[0], "0", 2000000007, 8000000000, 9);
    expect_row(&table.rows[1], "12", 10, 20, 30);
    schedstat_table_finish(&table);
}
END_TEST

START_TEST(versions)
{
    static const char *const later[] = {"15", "16", "17", "18"};
    struct schedstat_table table = {0};
    char text[128];

    ck_assert_int_eq(parse("version 14\ncpu0 1 2 3 4 5 6 7 8 9 10 11 12\n", &table), 0);
    expect_row(&table.rows[0], "0", 10, 11, 12);
    ck_assert_int_eq(parse("version 14\ncpu0 1 2 3 4 5 6 7 8 9\n", &table), -EBADMSG);
    for (size_t index = 0; index < sizeof later / sizeof later[0]; index++) {
        snprintf(text, sizeof text, "version %s\ncpu0 1 2 3 4 5 6 7 8 9 10\n", later[index]);
        ck_assert_int_eq(parse(text, &table), 0);
        expect_row(&table.rows[0], "0", 7, 8, 9);
    }
    ck_assert_int_eq(parse("version 11\ncpu0 1 2 3 4 5 6 7 8 9 10 11 12\n", &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 0);
    schedstat_table_finish(&table);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "version 15\n",
        "cpu0 1 0 3 4 5 6 7 8 9\n",
        "version\ncpu0 1 0 3 4 5 6 7 8 9\n",
        "version 15x\ncpu0 1 0 3 4 5 6 7 8 9\n",
        "version 15\ncpu0 1 0 3 4 5 6 7 8\n",
        "version 15\ncpu0 1 0 3 4 5 6 7 8 x\n",
        "version 15\ncpu0 1 0 3 4 5 6 7 8 9x\n",
        "version 15\ncpu0 1 0 3 4 5 6 7 -8 9\n",
        "version 15\ncpu0 1 0 3 4 5 6 7 8 18446744073709551616\n",
        "version 15\ncpu 1 0 3 4 5 6 7 8 9\n",
        "version 15\ncpux 1 0 3 4 5 6 7 8 9\n",
    };
    struct schedstat_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    ck_assert_int_eq(parse(GOOD "cpu13 what?\n", &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 2);
    schedstat_table_finish(&table);
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct schedstat_table table = {0};

    if (schedstat_parse(text, length, &table) == 0)
        ck_assert_uint_gt(table.count, 0);
    ck_assert_uint_le(table.count, 2);
    if (table.count > 0)
        expect_row(&table.rows[0], "0", 2000000007, 8000000000, 9);
    schedstat_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(GOOD, expect_justified);
}
END_TEST

START_TEST(too_many_cpus)
{
    struct schedstat_table table = {0};
    size_t size = 16 + (SCHEDSTAT_ROWS_MAX + 1) * sizeof "cpu1234 1 2 3 4 5 6 7 8 9";
    char *text = malloc(size);
    size_t used;

    ck_assert_ptr_nonnull(text);
    used = (size_t)snprintf(text, size, "version 15\n");
    for (unsigned cpu = 0; cpu <= SCHEDSTAT_ROWS_MAX; cpu++)
        used += (size_t)snprintf(text + used, size - used, "cpu%u 1 2 3 4 5 6 7 8 9\n", cpu);
    ck_assert_int_eq(schedstat_parse(text, used, &table), -E2BIG);
    ck_assert_uint_eq(table.count, SCHEDSTAT_ROWS_MAX);
    schedstat_table_finish(&table);
    free(text);
}
END_TEST

START_TEST(follows_the_file)
{
    struct machine machine;

    machine_make(&machine, &schedstat_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "proc/schedstat", GOOD);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_schedstat_running_seconds_total{cpu=\"0\"}"),
        2.000000007);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_schedstat_waiting_seconds_total{cpu=\"0\"}"), 8);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_schedstat_timeslices_total{cpu=\"12\"}"), 30);

    /* CPU 0 goes offline, and its line with it. */
    folder_write(&machine.folder, "proc/schedstat", "version 15\ncpu12 1 0 3 4 5 6 10 20 31\n");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_schedstat_timeslices_total{cpu=\"12\"}"), 31);
    folder_write(&machine.folder, "proc/schedstat", GOOD "cpu13 what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    folder_write(&machine.folder, "proc/schedstat", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/schedstat");
    machine_expect_error(&machine, -ENOENT);
    ck_assert_uint_eq(machine.sink.declares, 9);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&schedstat_collector, 2 * SCHEDSTAT_FIELDS);
}
END_TEST

int main(void)
{
    return RUN_TESTS("schedstat", good_text, versions, bad_text, every_prefix, too_many_cpus,
                     follows_the_file, fixture_machine);
}

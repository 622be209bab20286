#include "collectors/system/softnet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

#define ZEROS "00000000 00000000 00000000 00000000 00000000 "
/* Of Linux 6: CPU 1 is offline. */
#define GOOD                                                                                       \
    "015a5077 00001e73 00000004 " ZEROS "00000005 00000006 00000007 00000008 00000000 00000009 "   \
    "0000000a\n"                                                                                   \
    "ffffffff 000000ff 00000003 " ZEROS "00000000 00000000 00000000 00000000 00000002 00000000 "   \
    "00000000\n"

static int parse(const char *text, struct softnet_table *table)
{
    return softnet_parse(text, strlen(text), table);
}

static void start(struct machine *machine, const char *text)
{
    machine_make(machine, &softnet_collector);
    folder_write(&machine->folder, "proc/net/softnet_stat", text);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static double processed(const struct machine *machine, const char *cpu)
{
    char name[64];

    snprintf(name, sizeof name, "node_softnet_processed_total{cpu=\"%s\"}", cpu);
    return fake_sink_value(&machine->sink, name);
}

START_TEST(good_text)
{
    static const uint32_t first[SOFTNET_FIELDS] = {0x15a5077, 0x1e73, 4, 5, 6, 7, 8};
    struct softnet_table table = {0};

    ck_assert_int_eq(parse(GOOD, &table), 0);
    ck_assert_uint_eq(table.count, 2);
    ck_assert_uint_eq(table.rows[0].cpu, 0);
    ck_assert_mem_eq(table.rows[0].fields, first, sizeof first);
    ck_assert_uint_eq(table.rows[1].cpu, 2);
    ck_assert_uint_eq(table.rows[1].fields[SOFTNET_PROCESSED], UINT32_MAX);
    softnet_table_finish(&table);
}
END_TEST

/* 9, 10, 11, 13 and 15 columns: by Linux 2.6.23, 2.6.35, 3.11, 5.10 and 6.8. */
START_TEST(columns_by_kernel)
{
    struct softnet_table table = {0};
    char text[512];

    for (unsigned columns = 9; columns <= 16; columns++) {
        size_t used = 0;

        for (unsigned line = 0; line < 2; line++) {
            for (unsigned column = 0; column < columns; column++)
                used += (size_t)snprintf(text + used, sizeof text - used, "%08x%c", column + line,
                                         column + 1 < columns ? ' ' : '\n');
        }
        ck_assert_int_eq(softnet_parse(text, used, &table), 0);
        ck_assert_uint_eq(table.count, 2);
        ck_assert_uint_eq(table.rows[1].fields[SOFTNET_CPU_COLLISION], 8 + 1);
        ck_assert_uint_eq(table.rows[1].fields[SOFTNET_RECEIVED_RPS], columns > 9 ? 9 + 1 : 0);
        ck_assert_uint_eq(table.rows[1].fields[SOFTNET_FLOW_LIMIT_COUNT],
                          columns > 10 ? 10 + 1 : 0);
        ck_assert_uint_eq(table.rows[1].fields[SOFTNET_BACKLOG_LENGTH], columns > 11 ? 11 + 1 : 0);
        ck_assert_uint_eq(table.rows[1].cpu, columns > 12 ? 12 + 1 : 1);
    }
    softnet_table_finish(&table);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        ZEROS "00000000 00000000 00000000\n",
        ZEROS "00000000 00000000 00000000 0000000g\n",
        ZEROS "00000000 00000000 00000000 100000000\n",
        ZEROS "00000000 00000000 00000000 00000000x\n",
        ZEROS "00000000 00000000 00000000 00000000 more\n",
        " " ZEROS "00000000 00000000 00000000 00000000\n",
    };
    struct softnet_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    ck_assert_int_eq(parse("what?\n" GOOD, &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 2);
    softnet_table_finish(&table);
}
END_TEST

/* Cut inside a line there are fewer columns, or a number with fewer digits. */
static void expect_justified(const char *text, size_t length)
{
    struct softnet_table table = {0};

    if (softnet_parse(text, length, &table) == 0)
        ck_assert_uint_gt(table.count, 0);
    ck_assert_uint_le(table.count, 2);
    if (table.count > 0)
        ck_assert_uint_eq(table.rows[0].fields[SOFTNET_PROCESSED], 0x15a5077);
    softnet_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(GOOD, expect_justified);
}
END_TEST

START_TEST(too_many_cpus)
{
    static const char line[] = ZEROS "00000000 00000000 00000000 00000000\n";
    struct softnet_table table = {0};
    size_t size = (SOFTNET_ROWS_MAX + 1) * (sizeof line - 1);
    char *text = malloc(size + 1);

    ck_assert_ptr_nonnull(text);
    for (size_t row = 0; row <= SOFTNET_ROWS_MAX; row++)
        memcpy(text + row * (sizeof line - 1), line, sizeof line);
    ck_assert_int_eq(softnet_parse(text, size, &table), -E2BIG);
    ck_assert_uint_eq(table.count, SOFTNET_ROWS_MAX);
    ck_assert_uint_eq(table.rows[SOFTNET_ROWS_MAX - 1].cpu, SOFTNET_ROWS_MAX - 1);
    softnet_table_finish(&table);
    free(text);
}
END_TEST

START_TEST(a_cpu_leaves_and_returns)
{
    struct machine machine;

    start(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 14);
    ck_assert_double_eq(processed(&machine, "0"), 0x15a5077);
    ck_assert_double_eq(processed(&machine, "2"), UINT32_MAX);
    ck_assert_double_eq(
        fake_sink_find(&machine.sink, "node_softnet_processed_total{cpu=\"0\"}")->wraps_at,
        4294967296.0);

    /* CPU 2 has the first line now. */
    folder_write(&machine.folder, "proc/net/softnet_stat", strchr(GOOD, '\n') + 1);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 7);
    ck_assert_double_eq(processed(&machine, "2"), UINT32_MAX);
    folder_write(&machine.folder, "proc/net/softnet_stat", GOOD);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 14);
    ck_assert_uint_eq(machine.sink.declares, 21);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &softnet_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);

    start(&machine, GOOD);
    folder_write(&machine.folder, "proc/net/softnet_stat", GOOD "what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 14);
    folder_write(&machine.folder, "proc/net/softnet_stat", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/net/softnet_stat");
    machine_expect_error(&machine, -ENOENT);
    folder_write(&machine.folder, "proc/net/softnet_stat", GOOD);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(machine.sink.declares, 14);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&softnet_collector, 4 * SOFTNET_FIELDS);
}
END_TEST

int main(void)
{
    return RUN_TESTS("softnet", good_text, columns_by_kernel, bad_text, every_prefix, too_many_cpus,
                     a_cpu_leaves_and_returns, errors_cost_what_is_bad_and_pass, fixture_machine);
}

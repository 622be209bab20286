#include "collectors/system/memory_numa.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/machine.h"

#define MEMINFO                                                                                    \
    "Node 1 MemTotal:       134182340 kB\n"                                                        \
    "Node 1 Active(anon):      691324 kB\n"                                                        \
    "Node 1 HugePages_Free:      3\n"

static int parse_meminfo(const char *text, struct memory_numa_row *row)
{
    return memory_numa_parse_meminfo(scanner_over(text, strlen(text)), row);
}

static int parse_numastat(const char *text, struct memory_numa_row *row)
{
    return memory_numa_parse_numastat(scanner_over(text, strlen(text)), row);
}

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

START_TEST(good_lines)
{
    struct memory_numa_row row;

    ck_assert_int_eq(parse_meminfo("Node 12 Active(anon):   691324 kB", &row), 0);
    ck_assert_str_eq(row.key.text, "Active_anon");
    ck_assert_double_eq(row.value, 691324.0 * 1024);
    ck_assert(row.in_bytes && !row.cumulative);
    ck_assert_int_eq(parse_meminfo("Node 0 HugePages_Free:     3", &row), 0);
    ck_assert_double_eq(row.value, 3);
    ck_assert(!row.in_bytes);
    ck_assert_int_eq(parse_numastat("numa_hit 193460335812", &row), 0);
    ck_assert_str_eq(row.key.text, "numa_hit_total");
    ck_assert_double_eq(row.value, 193460335812);
    ck_assert(row.cumulative);
}
END_TEST

START_TEST(bad_lines)
{
    static const char *const meminfo[] = {
        "",
        "what?",
        "MemTotal: 1 kB",
        "Node MemTotal: 1 kB",
        "Node 0 MemTotal 1 kB",
        "Node 0 MemTotal:",
        "Node 0 MemTotal: x kB",
        "Node 0 MemTotal: 1 MB",
        "Node 0 MemTotal: 1 kB 2",
        "Node 0 : 1 kB",
        "Node 0 MemTotal: 18446744073709551616 kB",
        "Node 0 ANameOfMoreThanSixtyThreeCharactersWhichIsMoreThanAMetricsNameMayEnd: 1 kB",
    };
    static const char *const numastat[] = {
        "", "numa_hit", "numa_hit ", "numa_hit x", "numa_hit 1 2", "numa-hit 1", " 1",
    };
    struct memory_numa_row row = {.value = 7};

    for (size_t index = 0; index < sizeof meminfo / sizeof meminfo[0]; index++)
        ck_assert_msg(parse_meminfo(meminfo[index], &row) == -EBADMSG, "%s", meminfo[index]);
    for (size_t index = 0; index < sizeof numastat / sizeof numastat[0]; index++)
        ck_assert_msg(parse_numastat(numastat[index], &row) == -EBADMSG, "%s", numastat[index]);
    ck_assert_double_eq(row.value, 7);
}
END_TEST

static void expect_meminfo(const char *text, size_t length)
{
    struct memory_numa_row row;

    if (memory_numa_parse_meminfo(scanner_over(text, length), &row) == 0)
        ck_assert_str_eq(row.key.text, "Active_anon");
}

static void expect_numastat(const char *text, size_t length)
{
    struct memory_numa_row row;

    if (memory_numa_parse_numastat(scanner_over(text, length), &row) == 0)
        ck_assert_str_eq(row.key.text, "numa_hit_total");
}

START_TEST(every_prefix)
{
    each_prefix("Node 12 Active(anon):   691324 kB", expect_meminfo);
    each_prefix("numa_hit 193460335812", expect_numastat);
}
END_TEST

START_TEST(nodes_come_and_go)
{
    const struct fake_series *series;
    struct machine machine;

    machine_make(&machine, &memory_numa_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "sys/devices/system/node/node1/meminfo", MEMINFO);
    folder_write(&machine.folder, "sys/devices/system/node/node1/numastat", "numa_hit 5\n");
    folder_write(&machine.folder, "sys/devices/system/node/power/meminfo", MEMINFO);
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    series = fake_sink_find(&machine.sink, "node_memory_numa_Active_anon{node=\"1\"}");
    ck_assert_ptr_nonnull(series);
    ck_assert_str_eq(series->unit, "bytes");
    ck_assert_str_eq(series->help, "Memory information field Active_anon.");
    ck_assert(
        fake_sink_find(&machine.sink, "node_memory_numa_numa_hit_total{node=\"1\"}")->cumulative);

    folder_write(&machine.folder, "sys/devices/system/node/node2/meminfo",
                 "Node 2 MemFree: 1 kB\nwhat?\n");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_numa_MemFree{node=\"2\"}"),
                        1024);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture)
{
    machine_compare_fixture(&memory_numa_collector, 105);
}
END_TEST

int main(void)
{
    return RUN_TESTS("memory_numa", good_lines, bad_lines, every_prefix, nodes_come_and_go,
                     fixture);
}

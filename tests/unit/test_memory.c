#include "collectors/system/memory.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "collectors/system/arcstats.h"
#include "tests/unit/machine.h"

#define GOOD                                                                                       \
    "MemTotal:        3742148 kB\n"                                                                \
    "MemFree:          225472 kB\n"                                                                \
    "Active(anon):    2020004 kB\n"                                                                \
    "HugePages_Total:       3\n"                                                                   \
    "Hugepagesize:       2048 kB\n"

#define ARC                                                                                        \
    "6 1 0x01 91 4368 5266997922 97951858082072\n"                                                 \
    "name                            type data\n"                                                  \
    "c                               4    1643208777\n"                                            \
    "c_min                           4    33554432\n"                                              \
    "size                            4    1603939792\n"

/* Files are those of a FUSE server, as lxcfs is. */
static bool in_container;

/* In place of the C library's. */
int fstatfs(int fd, struct statfs *out)
{
    long result = syscall(SYS_fstatfs, fd, out);

    if (in_container)
        out->f_type = FUSE_SUPER_MAGIC;
    return (int)result;
}

static int parse(const char *text, struct memory_table *table)
{
    return memory_parse(text, strlen(text), table);
}

static void start(struct machine *machine, const char *text)
{
    machine_make(machine, &memory_collector);
    folder_write(&machine->folder, "proc/meminfo", text);
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static void next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/meminfo", text);
    machine_expect_tick(machine);
}

START_TEST(good_text)
{
    struct memory_table table = {0};

    ck_assert_int_eq(parse(GOOD, &table), 0);
    ck_assert_uint_eq(table.count, 5);
    ck_assert_str_eq(table.rows[2].key.text, "Active_anon_bytes");
    ck_assert_double_eq(table.rows[2].value, 2020004 * 1024.0);
    ck_assert_str_eq(table.rows[3].key.text, "HugePages_Total");
    ck_assert_double_eq(table.rows[3].value, 3);
    ck_assert_int_eq(parse("a-b(c)d e: 1\n", &table), 0);
    ck_assert_str_eq(table.rows[0].key.text, "a_b_cd_e");
    memory_table_finish(&table);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "MemTotal\n",
        "MemTotal: kB\n",
        "MemTotal: -1 kB\n",
        "MemTotal: 1 MB\n",
        "MemTotal: 1 kB more\n",
        "MemTotal: 1.5 kB\n",
        ": 1 kB\n",
        "MemTotal: 18446744073709551616 kB\n",
        "): 1 kB\n",
        "): 1\n",
        "Mem\aTotal: 1 kB\n",
        "A name of sixty-four characters, which is one more than there may be: 1 kB\n",
    };
    struct memory_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    memory_table_finish(&table);
}
END_TEST

START_TEST(a_bad_line_costs_its_field)
{
    struct memory_table table = {0};

    ck_assert_int_eq(parse("MemTotal: 1 kB\n\nMemFree: x kB\nSwapTotal: 2 kB\n", &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 2);
    ck_assert_str_eq(table.rows[0].key.text, "MemTotal_bytes");
    ck_assert_str_eq(table.rows[1].key.text, "SwapTotal_bytes");
    ck_assert_double_eq(table.rows[1].value, 2048);
    memory_table_finish(&table);
}
END_TEST

/* A cut number has fewer digits; a cut unit is an error, or is missing with its blank. */
static void expect_justified(const char *text, size_t length)
{
    struct memory_table table = {0};

    if (memory_parse(text, length, &table) == 0)
        ck_assert_uint_gt(table.count, 0);
    ck_assert_uint_le(table.count, 5);
    if (table.count > 0) {
        ck_assert_int_eq(strncmp(table.rows[0].key.text, "MemTotal", 8), 0);
        ck_assert_double_le(table.rows[0].value, 3742148 * 1024.0);
    }
    memory_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(GOOD, expect_justified);
}
END_TEST

START_TEST(too_many_fields)
{
    struct memory_table table = {0};
    char text[(MEMORY_ROWS_MAX + 1) * sizeof "F1000:1"];
    size_t used = 0;

    for (unsigned field = 0; field <= MEMORY_ROWS_MAX; field++)
        used += (size_t)snprintf(text + used, sizeof text - used, "F%u:1\n", field);
    ck_assert_int_eq(memory_parse(text, used, &table), -E2BIG);
    ck_assert_uint_eq(table.count, MEMORY_ROWS_MAX);
    memory_table_finish(&table);
}
END_TEST

START_TEST(values_are_bytes_or_pages)
{
    const struct fake_series *series;
    struct machine machine;

    start(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_MemTotal_bytes"),
                        3742148 * 1024.0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_Active_anon_bytes"),
                        2020004 * 1024.0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_HugePages_Total"), 3);
    series = fake_sink_find(&machine.sink, "node_memory_Active_anon_bytes");
    ck_assert_str_eq(series->unit, "bytes");
    ck_assert_str_eq(series->help, "Memory information field Active_anon_bytes.");
    ck_assert_int_eq(series->kind, METRIC_GAUGE);
    machine_remove(&machine);
}
END_TEST

START_TEST(fields_come_and_go)
{
    struct machine machine;

    start(&machine, GOOD);
    next(&machine, "MemTotal: 1 kB\nMemAvailable: 3 kB\nMemFree: 2 kB\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_MemFree_bytes"), 2048);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_MemAvailable_bytes"), 3072);
    ck_assert_uint_eq(machine.sink.releases, 3);
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_uint_eq(machine.sink.declares, 5 + 1 + 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(arc_text)
{
    struct arcstats arc;

    ck_assert_int_eq(arcstats_parse(ARC, strlen(ARC), &arc), 0);
    ck_assert_uint_eq(arc.size_bytes, 1603939792);
    ck_assert_uint_eq(arc.min_bytes, 33554432);
    ck_assert_int_eq(arcstats_parse("", 0, &arc), -EBADMSG);
    ck_assert_int_eq(arcstats_parse("size 4 1\n", 9, &arc), -EBADMSG);
    ck_assert_int_eq(arcstats_parse("size 4 x\nc_min 4 1\n", 19, &arc), -EBADMSG);
    ck_assert_int_eq(arcstats_parse("size 4 1 1\nc_min 4 1\n", 21, &arc), -EBADMSG);
    ck_assert_uint_eq(arc.size_bytes, 1603939792);
}
END_TEST

static void ignore_arc(const char *text, size_t length)
{
    struct arcstats arc;

    if (arcstats_parse(text, length, &arc) == 0)
        ck_assert_uint_eq(arc.min_bytes, 33554432);
}

START_TEST(every_prefix_of_arc)
{
    each_prefix(ARC, ignore_arc);
}
END_TEST

START_TEST(arc_comes_and_goes)
{
    struct machine machine;

    start(&machine, GOOD);
    folder_write(&machine.folder, "proc/spl/kstat/zfs/arcstats", ARC);
    for (int tick = 0; tick < OPTIONAL_FILE_RETRY_READS; tick++)
        machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_zfs_arc_size"), 1603939792);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_zfs_arc_c_min"), 33554432);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 7);
    folder_write(&machine.folder, "proc/spl/kstat/zfs/arcstats", "what?\n");
    machine_expect_part(&machine, -EBADMSG); /* what is wrong with it costs nothing else */
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    folder_write(&machine.folder, "proc/spl/kstat/zfs/arcstats", ARC);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_zfs_arc_size"), 1603939792);
    folder_unlink(&machine.folder, "proc/spl/kstat/zfs/arcstats");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 5);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    machine_remove(&machine);
}
END_TEST

/* The memory is the container's, and the cache, which is the host's, may be larger. */
START_TEST(a_container_has_no_arc)
{
    struct machine machine;

    in_container = true;
    machine_make(&machine, &memory_collector);
    folder_write(&machine.folder, "proc/spl/kstat/zfs/arcstats", ARC);
    folder_write(&machine.folder, "proc/meminfo", GOOD);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, "node_zfs_arc_size"));
    /* lxcfs has ended, and its mounts are gone. */
    in_container = false;
    machine_expect_tick(&machine);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_zfs_arc_size"), 1603939792);
    /* It is back. */
    in_container = true;
    folder_unlink(&machine.folder, "proc/meminfo");
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 5);
    in_container = false;
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &memory_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);

    start(&machine, GOOD);
    folder_write(&machine.folder, "proc/meminfo", "MemTotal: 1 kB\nMemFree: what?\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_memory_MemTotal_bytes"), 1024);
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_uint_eq(machine.sink.declares, 5 + 4);
    folder_write(&machine.folder, "proc/meminfo", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/meminfo");
    machine_expect_error(&machine, -ENOENT);
    next(&machine, GOOD);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_uint_eq(machine.sink.declares, 5 + 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    /* 42 fields and two of the ARC. */
    machine_compare_fixture(&memory_collector, 44);
}
END_TEST

int main(void)
{
    return RUN_TESTS("memory", good_text, bad_text, a_bad_line_costs_its_field, every_prefix,
                     too_many_fields, values_are_bytes_or_pages, fields_come_and_go, arc_text,
                     every_prefix_of_arc, arc_comes_and_goes, a_container_has_no_arc,
                     errors_cost_what_is_bad_and_pass, fixture_machine);
}

#include "collectors/system/disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/system/disk_device.h"
#include "tests/unit/machine.h"

#define SDA  "   8       0 sda 10 1 200 3000 20 2 400 5000 6 7000 8000\n"
#define SDA1 "   8       1 sda1 10 1 200 3000 20 2 400 5000 6 7000 8000\n"
#define DM0  " 252       0 dm-0 1 0 8 4 1 0 8 4 0 4 8 5 6 7 8\n"
#define NVME " 259       0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n"

static int parse(const char *text, struct disk_table *table)
{
    return disk_parse(text, strlen(text), table);
}

static double value(const struct machine *machine, const char *metric, const char *device)
{
    char name[128];

    snprintf(name, sizeof name, "node_disk_%s{device=\"%s\"}", metric, device);
    return fake_sink_value(&machine->sink, name);
}

static bool is_in_total(const struct machine *machine, const char *device)
{
    char name[128];
    const struct fake_series *series;

    snprintf(name, sizeof name, "node_disk_read_bytes_total{device=\"%s\"}", device);
    series = fake_sink_find(&machine->sink, name);
    ck_assert_ptr_nonnull(series);
    return series->flags & SERIES_IN_TOTAL;
}

static void prepare(struct machine *machine, const char *text)
{
    machine_make(machine, &disk_collector);
    folder_write(&machine->folder, "proc/diskstats", text);
}

static void start(struct machine *machine)
{
    ck_assert_int_eq(machine_open(machine), 0);
    machine_expect_tick(machine);
}

static void next(struct machine *machine, const char *text)
{
    folder_write(&machine->folder, "proc/diskstats", text);
    machine_expect_tick(machine);
}

START_TEST(good_text)
{
    struct disk_table table = {0};

    ck_assert_int_eq(parse(SDA SDA1 DM0 NVME, &table), 0);
    ck_assert_uint_eq(table.count, 3);
    ck_assert(span_equals(table.rows[0].name, "sda"));
    ck_assert_uint_eq(table.rows[0].major, 8);
    ck_assert_uint_eq(table.rows[0].minor, 0);
    ck_assert_uint_eq(table.rows[0].field_count, 11);
    ck_assert_uint_eq(table.rows[0].fields[DISK_WEIGHTED_TIME], 8000);
    ck_assert_uint_eq(table.rows[1].field_count, 15);
    ck_assert_uint_eq(table.rows[1].fields[DISK_DISCARD_TIME], 8);
    ck_assert_uint_eq(table.rows[2].field_count, 17);
    ck_assert_uint_eq(table.rows[2].fields[DISK_FLUSH_TIME], 17);
    disk_table_finish(&table);
}
END_TEST

START_TEST(columns_come_in_groups)
{
    struct disk_table table = {0};
    char text[256] = "8 0 sda";

    for (unsigned columns = 4; columns < 24; columns++) {
        bool good = columns == 11 || columns == 14 || columns == 18 || columns >= 20;

        strcat(text, " 1");
        ck_assert_msg(parse(text, &table) == (good ? 0 : -EBADMSG), "%u columns", columns);
        ck_assert_uint_eq(table.count, good ? 1 : 0);
    }
    disk_table_finish(&table);
}
END_TEST

START_TEST(no_device_is_an_answer)
{
    struct disk_table table = {0};

    ck_assert_int_eq(parse("", &table), 0);
    ck_assert_uint_eq(table.count, 0);
    ck_assert_int_eq(parse(SDA1, &table), 0);
    ck_assert_uint_eq(table.count, 0);
    disk_table_finish(&table);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "\n",
        "sda 1 2 3\n",
        "8 0\n",
        "8 0 sda\n",
        "8 0 sda 1 2 3 4 5 6 7 8 9 10\n",
        "8 0 sda 1 2 3 4 5 6 7 8 9 10 11x\n",
        "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 junk\n",
        "8 0 sda 1 2 3 4 5 6 7 8 -9 10 11\n",
        "8 0 sda 1 2 3 4 5 6 7 8 9 10 18446744073709551616\n",
        "8 -1 sda 1 2 3 4 5 6 7 8 9 10 11\n",
        "8 0 aNameOfSixtyFourCharactersWhichIsOneMoreThanThereMayBeInTheseFiles 1 2 3 4 5 6 7 8\n",
    };
    struct disk_table table = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        table.count = 7;
        ck_assert_msg(parse(bad[index], &table) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(table.count, 0);
    }
    disk_table_finish(&table);
}
END_TEST

START_TEST(a_bad_line_costs_its_device)
{
    struct disk_table table = {0};

    ck_assert_int_eq(
        parse(SDA "8 16 sdb 1 2 3\n8 32 s\ad 1 2 3 4 5 6 7 8 9 10 11\n\n" NVME, &table), -EBADMSG);
    ck_assert_uint_eq(table.count, 2);
    ck_assert(span_equals(table.rows[0].name, "sda"));
    ck_assert(span_equals(table.rows[1].name, "nvme0n1"));
    ck_assert_uint_eq(table.rows[1].field_count, DISK_FIELDS);
    disk_table_finish(&table);
}
END_TEST

/* A cut line is an error unless it ends between two groups of columns or inside a number. */
static void expect_justified(const char *text, size_t length)
{
    struct disk_table table = {0};

    ck_assert(disk_parse(text, length, &table) != -E2BIG);
    if (table.count > 0) {
        ck_assert_uint_eq(table.rows[0].fields[DISK_READS], 10);
        ck_assert_uint_ge(table.rows[0].field_count, 8);
    }
    disk_table_finish(&table);
}

START_TEST(every_prefix)
{
    each_prefix(SDA DM0 NVME, expect_justified);
}
END_TEST

START_TEST(too_many_devices)
{
    static const char line[] = "8 0 x 1 2 3 4 5 6 7 8\n";
    struct disk_table table = {0};
    size_t size = (DISK_ROWS_MAX + 1) * (sizeof line - 1);
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    for (size_t used = 0; used < size; used += sizeof line - 1)
        memcpy(text + used, line, sizeof line - 1);
    ck_assert_int_eq(disk_parse(text, size, &table), -E2BIG);
    ck_assert_uint_eq(table.count, DISK_ROWS_MAX);
    disk_table_finish(&table);
    free(text);
}
END_TEST

START_TEST(exclusion_is_node_exporters)
{
    static const char *const excluded[] = {
        "ram0",  "zram15", "loop7", "fd0",       "hda1",
        "sda15", "vdb2",   "xvda1", "nvme0n1p1", "nvme10n2p33",
    };
    static const char *const kept[] = {
        "",         "ram",  "sda",   "sdaa", "sdaa1",   "nvme0n1",   "nvme0c0n1",
        "nvme0n1p", "dm-0", "md127", "sr0",  "mmcblk0", "mmcblk0p1", "zzram0",
        "ram0x",    "xda1", "sd1",   "sdA1", "loop",    "nvmen1p1",
    };

    for (size_t index = 0; index < sizeof excluded / sizeof excluded[0]; index++)
        ck_assert_msg(
            disk_device_is_excluded((struct span){excluded[index], strlen(excluded[index])}), "%s",
            excluded[index]);
    for (size_t index = 0; index < sizeof kept / sizeof kept[0]; index++)
        ck_assert_msg(!disk_device_is_excluded((struct span){kept[index], strlen(kept[index])}),
                      "%s", kept[index]);
}
END_TEST

START_TEST(values_are_in_base_units)
{
    struct machine machine;

    prepare(&machine, SDA NVME);
    start(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 11 + 17);
    ck_assert_double_eq(value(&machine, "reads_completed_total", "sda"), 10);
    ck_assert_double_eq(value(&machine, "reads_merged_total", "sda"), 1);
    ck_assert_double_eq(value(&machine, "read_bytes_total", "sda"), 200 * 512);
    ck_assert_double_eq(value(&machine, "read_time_seconds_total", "sda"), 3);
    ck_assert_double_eq(value(&machine, "writes_completed_total", "sda"), 20);
    ck_assert_double_eq(value(&machine, "writes_merged_total", "sda"), 2);
    ck_assert_double_eq(value(&machine, "written_bytes_total", "sda"), 400 * 512);
    ck_assert_double_eq(value(&machine, "write_time_seconds_total", "sda"), 5);
    ck_assert_double_eq(value(&machine, "io_now", "sda"), 6);
    ck_assert_double_eq(value(&machine, "io_time_seconds_total", "sda"), 7);
    ck_assert_double_eq(value(&machine, "io_time_weighted_seconds_total", "sda"), 8);
    ck_assert_double_eq(value(&machine, "discards_completed_total", "nvme0n1"), 12);
    ck_assert_double_eq(value(&machine, "discards_merged_total", "nvme0n1"), 13);
    ck_assert_double_eq(value(&machine, "discarded_sectors_total", "nvme0n1"), 14);
    ck_assert_double_eq(value(&machine, "discard_time_seconds_total", "nvme0n1"), 15 / 1000.0);
    ck_assert_double_eq(value(&machine, "flush_requests_total", "nvme0n1"), 16);
    ck_assert_double_eq(value(&machine, "flush_requests_time_seconds_total", "nvme0n1"),
                        17 / 1000.0);
    machine_remove(&machine);
}
END_TEST

START_TEST(physical_disks_are_in_the_total)
{
    struct machine machine;

    prepare(&machine, SDA DM0 NVME "259 1 nvme0c1n1 1 2 3 4 5 6 7 8 9 10 11\n"
                                   "104 0 cciss/c0d0 1 2 3 4 5 6 7 8 9 10 11\n");
    folder_write(&machine.folder, "sys/block/sda/device/vendor", "ACME\n");
    folder_write(&machine.folder, "sys/block/nvme0n1/device/model", "ACME\n");
    folder_write(&machine.folder, "sys/block/nvme0c1n1/device/model", "ACME\n");
    folder_write(&machine.folder, "sys/block/cciss!c0d0/device/model", "ACME\n");
    folder_write(&machine.folder, "sys/block/dm-0/dm/name", "root\n");
    start(&machine);
    ck_assert(is_in_total(&machine, "sda"));
    ck_assert(is_in_total(&machine, "nvme0n1"));
    ck_assert(is_in_total(&machine, "cciss/c0d0"));
    ck_assert(!is_in_total(&machine, "nvme0c1n1"));
    ck_assert(!is_in_total(&machine, "dm-0"));
    machine_remove(&machine);
}
END_TEST

START_TEST(devices_come_and_go)
{
    struct machine machine;

    prepare(&machine, SDA DM0);
    start(&machine);
    next(&machine, NVME DM0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 17 + 15);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 17 + 15);
    ck_assert_uint_eq(machine.sink.releases, 11);
    ck_assert_double_eq(value(&machine, "discards_completed_total", "dm-0"), 5);
    next(&machine, "");
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    next(&machine, SDA);
    ck_assert_double_eq(value(&machine, "reads_completed_total", "sda"), 10);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_number_is_another_device)
{
    struct machine machine;

    prepare(&machine, SDA DM0);
    start(&machine);
    next(&machine, "8 16 sda 11 1 200 3000 20 2 400 5000 6 7000 8000\n" DM0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 15);
    ck_assert(
        fake_sink_is_absent(&machine.sink, "node_disk_reads_completed_total{device=\"sda\"}"));
    machine_expect_tick(&machine);
    ck_assert_double_eq(value(&machine, "reads_completed_total", "sda"), 11);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(another_diskseq_is_another_device)
{
    struct machine machine;

    prepare(&machine, SDA);
    folder_write(&machine.folder, "sys/block/sda/diskseq", "4\n");
    start(&machine);
    folder_write(&machine.folder, "sys/block/sda/diskseq", "9\n");
    folder_write(&machine.folder, "sys/block/sda/device/vendor", "ACME\n");
    next(&machine, "8 0 sda 1 1 200 3000 20 2 400 5000 6 7000 8000\n");
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    ck_assert(is_in_total(&machine, "sda"));
    machine_expect_tick(&machine);
    ck_assert_double_eq(value(&machine, "reads_completed_total", "sda"), 1);
    /* The series keep their slots. */
    ck_assert_uint_eq(machine.sink.declares, 11 + 11);
    ck_assert_uint_eq(machine.sink.releases, 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(a_counter_that_goes_back_is_the_readers_affair)
{
    struct machine machine;

    prepare(&machine, SDA);
    folder_write(&machine.folder, "sys/block/sda/diskseq", "4\n");
    start(&machine);
    next(&machine, "8 0 sda 1 1 200 3000 20 2 400 5000 6 7000 8000\n");
    ck_assert_double_eq(value(&machine, "reads_completed_total", "sda"), 1);
    ck_assert_uint_eq(machine.sink.declares, 11);
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    machine_make(&machine, &disk_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    machine_remove(&machine);

    prepare(&machine, SDA);
    start(&machine);
    next(&machine, SDA DM0);
    folder_write(&machine.folder, "proc/diskstats", SDA "252 0 dm-0 1 0 8\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 11);
    ck_assert_double_eq(value(&machine, "reads_completed_total", "sda"), 10);
    next(&machine, SDA DM0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 11 + 15);
    next(&machine, SDA);
    folder_write(&machine.folder, "proc/diskstats", "what?\n");
    machine_expect_error(&machine, -EBADMSG);
    folder_unlink(&machine.folder, "proc/diskstats");
    machine_expect_error(&machine, -ENOENT);
    next(&machine, SDA);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 11);
    ck_assert_uint_eq(machine.sink.declares, 11 + 15 + 15);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    /* 15 devices with 11 fields; two of them with 4 more, one of these with another 2. */
    machine_compare_fixture(&disk_collector, 15 * 11 + 2 * 4 + 2);
}
END_TEST

int main(void)
{
    return RUN_TESTS("disk", good_text, columns_come_in_groups, no_device_is_an_answer, bad_text,
                     a_bad_line_costs_its_device, every_prefix, too_many_devices,
                     exclusion_is_node_exporters, values_are_in_base_units,
                     physical_disks_are_in_the_total, devices_come_and_go,
                     another_number_is_another_device, another_diskseq_is_another_device,
                     a_counter_that_goes_back_is_the_readers_affair,
                     errors_cost_what_is_bad_and_pass, fixture_machine);
}

#include "collectors/system/disk_info.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/choice.h"
#include "collectors/system/udev.h"
#include "tests/unit/machine.h"

#define COUNTS " 1 1 1 1 1 1 1 1 0 1 1\n"
#define DISKSTATS                                                                                  \
    "   8       0 sda" COUNTS "   8       1 sda1" COUNTS " 252       0 dm-0" COUNTS                \
    " 254       0 vda" COUNTS
#define UDEV "run/udev/data/"

#define VDA                                                                                        \
    "node_disk_info{device=\"vda\",major=\"254\",minor=\"0\",model=\"\",path=\"\",revision=\"\","  \
    "rotational=\"0\",serial=\"\",wwn=\"\"}"
#define SDA(serial)                                                                                \
    "node_disk_info{device=\"sda\",major=\"8\",minor=\"0\",model=\"A disk\",path=\"pci-0\","       \
    "revision=\"1.0\",rotational=\"1\",serial=\"" serial "\",wwn=\"0x7\"}"

static void start(struct machine *machine)
{
    machine_make(machine, &disk_info_collector);
    folder_write(&machine->folder, "proc/diskstats", DISKSTATS);
    folder_write(&machine->folder, "sys/block/sda/queue/rotational", "1\n");
    folder_write(&machine->folder, UDEV "b8:0",
                 "S:disk/by-id/wwn-0x7\nE:ID_MODEL=A disk\nE:ID_PATH=pci-0\nE:ID_REVISION=1.0\n"
                 "E:ID_WWN=0x7\nE:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short\nE:ID_ATA=1\n"
                 "E:ID_ATA_WRITE_CACHE=1\nE:ID_ATA_ROTATION_RATE_RPM=7200\nE:ID_FS_TYPE=\n");
    folder_write(&machine->folder, UDEV "b8:1", "E:ID_FS_TYPE=ext4\n");
    folder_write(&machine->folder, UDEV "b252:0",
                 "E:DM_NAME=root\nE:DM_LV_LAYER=\nE:DM_UUID=u=1\nE:ID_FS_TYPE=ext4\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(what_udev_knows)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    /* Partitions are left out, as of the collector of disks. */
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 2 + 1 + 1);
    ck_assert_double_eq(value(&machine, VDA), 1);
    ck_assert_double_eq(value(&machine, SDA("short")), 1);
    ck_assert_double_eq(value(&machine, "node_disk_ata_write_cache{device=\"sda\"}"), 1);
    ck_assert_double_eq(value(&machine, "node_disk_ata_rotation_rate_rpm{device=\"sda\"}"), 7200);
    ck_assert_double_eq(value(&machine, "node_disk_filesystem_info{device=\"dm-0\",type=\"ext4\","
                                        "usage=\"\",uuid=\"\",version=\"\"}"),
                        1);
    ck_assert_double_eq(value(&machine,
                              "node_disk_device_mapper_info{device=\"dm-0\",lv_layer=\"\","
                              "lv_name=\"\",name=\"root\",uuid=\"u=1\",vg_name=\"\"}"),
                        1);
    machine_remove(&machine);
}
END_TEST

static enum choice_answer ask_partition(const struct chooser *chooser, enum choice choice,
                                        const char *name)
{
    (void)chooser;
    if (choice != CHOICE_DISK_DEVICE)
        return CHOICE_UNSAID;
    return strcmp(name, "sda1") == 0 ? CHOICE_READ : CHOICE_LEFT;
}

START_TEST(the_configuration_chooses)
{
    static const struct chooser chooser = {.ask = ask_partition};
    struct machine machine;

    start(&machine);
    machine.collector->close(machine.state);
    machine.chooser = &chooser;
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(value(&machine, "node_disk_filesystem_info{device=\"sda1\",type=\"ext4\","
                                        "usage=\"\",uuid=\"\",version=\"\"}"),
                        1);
    machine_remove(&machine);
}
END_TEST

static const char *expected_serial(struct machine *machine, const char *lines)
{
    char text[512];

    snprintf(text, sizeof text,
             "E:ID_MODEL=A disk\nE:ID_PATH=pci-0\nE:ID_REVISION=1.0\nE:ID_WWN=0x7\n%s", lines);
    folder_write(&machine->folder, UDEV "b8:0", text);
    machine_expect_round(machine, 0);
    if (fake_sink_find(&machine->sink, SDA("scsi")) != NULL)
        return "scsi";
    if (fake_sink_find(&machine->sink, SDA("short")) != NULL)
        return "short";
    return fake_sink_find(&machine->sink, SDA("long")) != NULL ? "long" : "none";
}

START_TEST(the_best_serial_number)
{
    struct machine machine;

    start(&machine);
    ck_assert_str_eq(expected_serial(&machine, "E:ID_SERIAL=long\n"), "long");
    ck_assert_str_eq(expected_serial(&machine, "E:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short\n"),
                     "short");
    ck_assert_str_eq(expected_serial(&machine, "E:ID_SERIAL_SHORT=short\n"
                                               "E:SCSI_IDENT_SERIAL=scsi\n"),
                     "scsi");
    machine_remove(&machine);
}
END_TEST

START_TEST(what_is_not_understood_costs_itself)
{
    struct machine machine;
    char text[400];

    start(&machine);
    folder_write(&machine.folder, UDEV "b8:0", "E:ID_ATA=1\nE:ID_ATA_WRITE_CACHE=yes\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 1 + 1);
    folder_write(&machine.folder, UDEV "b8:0", "E:ID_ATA\nE:=1\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 1 + 1);
    snprintf(text, sizeof text, "E:ID_FS_TYPE=%0300d\n", 1);
    folder_write(&machine.folder, UDEV "b8:0", text);
    machine_expect_round(&machine, -E2BIG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 1 + 1);
    machine_remove(&machine);
}
END_TEST

static void count(void *context, struct span key, struct span found)
{
    size_t *sum = context;

    ck_assert_uint_gt(key.length, 0);
    *sum += 1;
    ck_assert_uint_le(found.length, 9);
}

static void expect_two(const char *text, size_t length)
{
    size_t sum = 0;

    (void)!udev_parse(text, length, count, &sum);
    ck_assert_uint_le(sum, 2);
}

START_TEST(properties)
{
    char *text = malloc((UDEV_PROPERTIES_MAX + 1) * strlen("E:A=\n") + 1);
    char *end = text;
    size_t sum = 0;

    ck_assert_int_eq(udev_parse("", 0, count, &sum), 0);
    ck_assert_uint_eq(sum, 0);
    each_prefix("S:cdrom\nE:ID_BUS=usb\nG:seat\nE:A=a=b c ", expect_two);
    ck_assert_ptr_nonnull(text);
    for (size_t index = 0; index <= UDEV_PROPERTIES_MAX; index++)
        end = stpcpy(end, "E:A=\n");
    ck_assert_int_eq(udev_parse(text, (size_t)(end - text), count, &sum), -E2BIG);
    ck_assert_uint_eq(sum, UDEV_PROPERTIES_MAX);
    free(text);
}
END_TEST

static void link_to(const struct machine *machine, const char *path, const char *root,
                    const char *what)
{
    char target[PATH_MAX], place[PATH_MAX];

    snprintf(target, sizeof target, "%s/%s", root, what);
    snprintf(place, sizeof place, "%s/%s", machine->folder.path, path);
    if (symlink(target, place) != 0)
        err(EXIT_FAILURE, "%s", place);
}

/* Its udev data is put where a machine has it. */
START_TEST(fixture_machine)
{
    const char *root = fixtures_folder();
    struct machine machine;
    char path[PATH_MAX];
    char *exposition;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/e2e-output.txt", root);
    exposition = file_text(path);
    machine_make(&machine, &disk_info_collector);
    folder_write(&machine.folder, "run/udev/of_the_test", "");
    link_to(&machine, "run/udev/data", root, "udev/data");
    link_to(&machine, "proc", root, "proc");
    link_to(&machine, "sys", root, "sys");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 15 + 10 + 6 + 9);
    fake_sink_compare(&machine.sink, exposition);
    machine_remove(&machine);
    free(exposition);
}
END_TEST

int main(void)
{
    return RUN_TESTS("disk_info", what_udev_knows, the_configuration_chooses,
                     the_best_serial_number, what_is_not_understood_costs_itself, properties,
                     fixture_machine);
}

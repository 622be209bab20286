/* Collectors read what is chosen, in place of their defaults. */
#include "collectors/choice.h"

#include <string.h>

#include "collectors/system/disk.h"
#include "tests/unit/mount_machine.h"
#include "tests/unit/net_machine.h"

/* Says of one choice that names with a text in them are read, and no others. */
struct picky {
    struct chooser chooser; /* first */
    enum choice choice;
    const char *part;
};

/* How often, of names that there are. */
static int asked;

static enum choice_answer ask(const struct chooser *chooser, enum choice choice, const char *name)
{
    const struct picky *picky = (const struct picky *)chooser;

    if (choice != picky->choice)
        return CHOICE_UNSAID;
    asked += *name != '\0';
    return strstr(name, picky->part) ? CHOICE_READ : CHOICE_LEFT;
}

static struct picky choose(enum choice choice, const char *part)
{
    asked = 0;
    return (struct picky){{ask}, choice, part};
}

#define DISK(number, name) "   8 " number " " name " 1 2 3 4 5 6 7 8 9 10 11\n"
#define DISK_SERIES        11

static bool has_disk(const struct machine *machine, const char *labels)
{
    char name[128] = "node_disk_reads_completed_total";

    return fake_sink_find(&machine->sink, strcat(name, labels)) != NULL;
}

START_TEST(disks)
{
    struct picky picky = choose(CHOICE_DISK_DEVICE, "1");
    struct machine machine;

    machine_make(&machine, &disk_collector);
    folder_write(&machine.folder, "proc/diskstats",
                 DISK("0", "sda") DISK("1", "sda1") DISK("2", "loop1"));
    machine.chooser = &picky.chooser;
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2 * DISK_SERIES);
    ck_assert(has_disk(&machine, "{device=\"sda1\"}"));
    ck_assert(has_disk(&machine, "{device=\"loop1\"}"));
    ck_assert_int_eq(asked, 3);
    /* One that goes and comes again is asked about again. */
    folder_write(&machine.folder, "proc/diskstats", DISK("0", "sda"));
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    folder_write(&machine.folder, "proc/diskstats", DISK("0", "sda") DISK("1", "sda1"));
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), DISK_SERIES);
    ck_assert_int_eq(asked, 4);
    machine_remove(&machine);
}
END_TEST

START_TEST(disks_without_a_choice_are_the_default)
{
    struct picky picky = choose(CHOICE_NETDEV_DEVICE, "1");
    struct machine machine;

    machine_make(&machine, &disk_collector);
    folder_write(&machine.folder, "proc/diskstats", DISK("0", "sda") DISK("1", "sda1"));
    machine.chooser = &picky.chooser;
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), DISK_SERIES);
    ck_assert(has_disk(&machine, "{device=\"sda\"}"));
    machine_remove(&machine);
}
END_TEST

#define NET_ROW(name) name ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"

START_TEST(network_devices)
{
    struct picky picky = choose(CHOICE_NETDEV_DEVICE, "lo");
    struct machine machine;

    net_machine_make(&machine, NET_DEV_HEADING NET_ROW("eth0") NET_ROW("lo"));
    machine.chooser = &picky.chooser;
    net_machine_start(&machine);
    ck_assert_double_eq(net_value(&machine, "receive_bytes_total", "lo"), 1);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 16);
    net_machine_next(&machine, NET_DEV_HEADING NET_ROW("eth0"));
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 0);
    ck_assert_uint_eq(machine.sink.declares, 16);
    ck_assert_int_eq(asked, 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(network_class_devices)
{
    struct picky picky = choose(CHOICE_NETCLASS_DEVICE, "1");
    struct machine machine;

    net_class_prepare(&machine);
    net_add_whole(&machine, "eth1");
    machine.chooser = &picky.chooser;
    net_class_start(&machine);
    ck_assert_uint_eq(machine.sink.runner.submitted, 1);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    ck_assert_double_eq(net_value(&machine, "up", "eth1"), 1);
    net_class_round(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), NET_WHOLE_SERIES);
    ck_assert_int_eq(asked, 2);
    machine_remove(&machine);
}
END_TEST

#define DEVICES "40 27 0:5 / /dev rw - devtmpfs udev rw\n"
#define AUTOFS  "41 27 0:6 / /data rw - autofs systemd-1 rw\n"

/* The values of a machine with these mounts once they have answered. */
static size_t count_mounts(struct picky *picky, const char *mounts, const char *labels)
{
    struct machine machine;
    size_t values;

    mount_prepare(&machine, mounts);
    folder_write(&machine.folder, "dev/file", "");
    machine.chooser = &picky->chooser;
    ck_assert_int_eq(machine_open(&machine), 0);
    if (machine_tick(&machine) == COLLECTOR_AGAIN)
        machine_expect_tick(&machine);
    values = fake_sink_values(&machine.sink);
    if (labels)
        ck_assert_ptr_nonnull(mount_series(&machine, "size_bytes", labels));
    machine_remove(&machine);
    return values;
}

START_TEST(mounts)
{
    struct picky data = choose(CHOICE_FILESYSTEM_MOUNT, "/data");
    struct picky dev = choose(CHOICE_FILESYSTEM_MOUNT, "/dev");

    ck_assert_uint_eq(count_mounts(&data, ROOT DATA DEVICES, DATA_LABELS), MOUNT_SERIES);
    /* The default of types still counts. */
    ck_assert_uint_eq(count_mounts(&dev, ROOT DATA DEVICES, NULL), 0);
}
END_TEST

START_TEST(filesystem_types)
{
    struct picky fuse = choose(CHOICE_FILESYSTEM_TYPE, "fuse");
    struct picky all = choose(CHOICE_FILESYSTEM_TYPE, "");

    ck_assert_uint_eq(count_mounts(&fuse, ROOT DATA DEVICES, DATA_LABELS), MOUNT_SERIES);
    /* That of mount points does too, and nobody is made to mount what an autofs stands for. */
    ck_assert_uint_eq(count_mounts(&all, ROOT DEVICES AUTOFS, ROOT_LABELS), MOUNT_SERIES);
}
END_TEST

int main(void)
{
    return RUN_TESTS("choice", disks, disks_without_a_choice_are_the_default, network_devices,
                     network_class_devices, mounts, filesystem_types);
}

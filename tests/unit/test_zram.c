#include "collectors/system/zram.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define MM_STAT                                                                                    \
    "  4096000  1024000  1228800        0  1300000       17        5       23        9\n"
#define ZRAM "sys/block/zram0/"

static void start(struct machine *machine)
{
    machine_make(machine, &zram_collector);
    folder_write(&machine->folder, ZRAM "mm_stat", MM_STAT);
    folder_write(&machine->folder, ZRAM "disksize", "8192000\n");
    folder_write(&machine->folder, "sys/block/sda/size", "7\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

static double value(const struct machine *machine, const char *name)
{
    return fake_sink_value(&machine->sink, name);
}

START_TEST(a_device)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), ZRAM_COLUMNS + 1);
    ck_assert_double_eq(value(&machine, "tacho_zram_disk_bytes{device=\"zram0\"}"), 8192000);
    ck_assert_double_eq(value(&machine, "tacho_zram_original_bytes{device=\"zram0\"}"), 4096000);
    ck_assert_double_eq(value(&machine, "tacho_zram_compressed_bytes{device=\"zram0\"}"), 1024000);
    ck_assert_double_eq(value(&machine, "tacho_zram_used_bytes{device=\"zram0\"}"), 1228800);
    ck_assert_double_eq(value(&machine, "tacho_zram_limit_bytes{device=\"zram0\"}"), 0);
    ck_assert_double_eq(value(&machine, "tacho_zram_used_max_bytes{device=\"zram0\"}"), 1300000);
    ck_assert_double_eq(value(&machine, "tacho_zram_same_pages{device=\"zram0\"}"), 17);
    ck_assert_double_eq(value(&machine, "tacho_zram_compacted_pages_total{device=\"zram0\"}"), 5);
    ck_assert_double_eq(value(&machine, "tacho_zram_incompressible_pages{device=\"zram0\"}"), 23);
    machine_remove(&machine);
}
END_TEST

START_TEST(an_older_kernel_and_a_text_that_is_not_understood)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, ZRAM "mm_stat", "1 2 3 4 5 6 7\n");
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), ZRAM_COLUMNS);
    folder_write(&machine.folder, ZRAM "mm_stat", "1 2 3 4 5 6\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "1 2 3 4 5 6\n",
        "1 2 3 4 5 6 x\n",
        "1 2 3 4 5 6 -7\n",
        "1 2 3 4 5 6 7\n8\n",
        "1 2 3 4 5 6 18446744073709551616\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct zram_memory memory = {.column_count = 77};

        ck_assert_msg(zram_parse(bad[index], strlen(bad[index]), &memory) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(memory.column_count, 77);
    }
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct zram_memory memory;

    if (zram_parse(text, length, &memory) == 0) {
        ck_assert_uint_ge(memory.column_count, 7);
        ck_assert_uint_eq(memory.columns[ZRAM_USED], 1228800);
    }
}

START_TEST(every_prefix)
{
    each_prefix(MM_STAT, expect_justified);
}
END_TEST

int main(void)
{
    return RUN_TESTS("zram", a_device, an_older_kernel_and_a_text_that_is_not_understood, bad_text,
                     every_prefix);
}

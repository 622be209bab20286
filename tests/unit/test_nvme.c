#include "collectors/system/nvme.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define NVME "sys/class/nvme/nvme0/"
#define INFO(state)                                                                                \
    "node_nvme_info{cntlid=\"7\",device=\"nvme0\",firmware_revision=\"1.0\",model=\"An SSD\","     \
    "serial=\"S1\",state=\"" state "\"}"
#define SPACE(name, space) "node_nvme_namespace_" name "{device=\"nvme0\",nsid=\"" space "\"}"

static void start(struct machine *machine)
{
    machine_make(machine, &nvme_collector);
    folder_write(&machine->folder, NVME "firmware_rev", "1.0     \n");
    folder_write(&machine->folder, NVME "model", "An SSD          \n");
    folder_write(&machine->folder, NVME "serial", "S1   \n");
    folder_write(&machine->folder, NVME "state", "live\n");
    folder_write(&machine->folder, NVME "cntlid", "7\n");
    folder_write(&machine->folder, NVME "nvme0n2/size", "1000\n");
    folder_write(&machine->folder, NVME "nvme0n2/nuse", "500\n");
    folder_write(&machine->folder, NVME "nvme0n2/queue/logical_block_size", "512\n");
    folder_write(&machine->folder, NVME "hwmon0/name", "nvme\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

START_TEST(names_of_namespaces)
{
    static const char *const others[] = {"",      "nvme0",   "nvme0n",   "nvme0n1p1", "nvmen1",
                                         "ng0n1", "nvme0c1", "nvme0cn1", "nvme0c1n",  "hwmon0n1"};
    struct span number = {"", 0};

    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        ck_assert_msg(!nvme_namespace_number(others[index], &number), "%s", others[index]);
    ck_assert_uint_eq(number.length, 0);
    ck_assert(nvme_namespace_number("nvme10n12", &number));
    ck_assert(span_equals(number, "12"));
    ck_assert(nvme_namespace_number("nvme0c2n3", &number));
    ck_assert(span_equals(number, "3"));
}
END_TEST

START_TEST(a_controller_and_its_namespace)
{
    struct machine machine;
    struct fake_sink *sink = &machine.sink;

    start(&machine);
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_values(sink), 6);
    ck_assert_double_eq(fake_sink_value(sink, INFO("live")), 1);
    ck_assert_double_eq(fake_sink_value(sink, SPACE("size_bytes", "2")), 512000);
    ck_assert_double_eq(fake_sink_value(sink, SPACE("capacity_bytes", "2")), 512000);
    ck_assert_double_eq(fake_sink_value(sink, SPACE("used_bytes", "2")), 256000);
    ck_assert_double_eq(fake_sink_value(sink, SPACE("logical_block_size_bytes", "2")), 512);
    ck_assert_double_eq(fake_sink_value(sink, "node_nvme_namespace_info{ana_state=\"unknown\","
                                              "device=\"nvme0\",nsid=\"2\"}"),
                        1);
    machine_remove(&machine);
}
END_TEST

START_TEST(what_changes_and_what_goes)
{
    struct machine machine;

    start(&machine);
    machine_expect_round(&machine, 0);
    folder_write(&machine.folder, NVME "state", "resetting\n");
    folder_write(&machine.folder, NVME "nvme0n2/nuse", "?\n");
    machine_expect_round(&machine, -EBADMSG);
    ck_assert_ptr_null(fake_sink_find(&machine.sink, INFO("live")));
    ck_assert_double_eq(fake_sink_value(&machine.sink, INFO("resetting")), 1);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 5);
    folder_unlink(&machine.folder, NVME "nvme0n2/queue/logical_block_size");
    machine_expect_round(&machine, 0);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&nvme_collector, 6);
}
END_TEST

int main(void)
{
    return RUN_TESTS("nvme", names_of_namespaces, a_controller_and_its_namespace,
                     what_changes_and_what_goes, fixture_machine);
}

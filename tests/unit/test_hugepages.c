#include "collectors/system/hugepages.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/machine.h"

#define POOL       "sys/kernel/mm/hugepages/hugepages-2048kB/"
#define HUGE       "sys/kernel/mm/hugepages/hugepages-1048576kB/"
#define NODE(node) "sys/devices/system/node/node" node "/hugepages/hugepages-2048kB/"
#define SIZE       "size_bytes=\"2097152\"}"

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

static double of(const struct machine *machine, const char *end)
{
    char name[128];

    snprintf(name, sizeof name, "tacho_hugepages_%s", end);
    return fake_sink_value(&machine->sink, name);
}

static void prepare(struct machine *machine)
{
    machine_make(machine, &hugepages_collector);
    folder_write(&machine->folder, POOL "nr_hugepages", "10\n");
    folder_write(&machine->folder, POOL "free_hugepages", "7\n");
    folder_write(&machine->folder, POOL "resv_hugepages", "2\n");
    folder_write(&machine->folder, POOL "surplus_hugepages", "1\n");
    folder_write(&machine->folder, HUGE "nr_hugepages", "3\n");
    folder_write(&machine->folder, "sys/kernel/mm/hugepages/other/nr_hugepages", "3\n");
    folder_write(&machine->folder, NODE("0") "nr_hugepages", "6\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

START_TEST(pools_by_size)
{
    struct machine machine;

    prepare(&machine);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5); /* the one node says nothing new */
    ck_assert_double_eq(of(&machine, "pool{" SIZE), 10);
    ck_assert_double_eq(of(&machine, "free{" SIZE), 7);
    ck_assert_double_eq(of(&machine, "reserved{" SIZE), 2);
    ck_assert_double_eq(of(&machine, "surplus{" SIZE), 1);
    ck_assert_double_eq(of(&machine, "pool{size_bytes=\"1073741824\"}"), 3);
    machine_remove(&machine);
}
END_TEST

START_TEST(nodes)
{
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, NODE("1") "nr_hugepages", "4\n");
    folder_write(&machine.folder, NODE("1") "free_hugepages", "3\n");
    folder_write(&machine.folder, NODE("1") "surplus_hugepages", "0\n");
    folder_write(&machine.folder, NODE("1") "resv_hugepages", "0\n"); /* no kernel has it */
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5 + 1 + 3);
    ck_assert_double_eq(of(&machine, "node_pool{node=\"0\"," SIZE), 6);
    ck_assert_double_eq(of(&machine, "node_free{node=\"1\"," SIZE), 3);
    ck_assert_double_eq(of(&machine, "node_surplus{node=\"1\"," SIZE), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(trouble_costs_its_own)
{
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, POOL "free_hugepages", "what?\n");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_double_eq(of(&machine, "pool{" SIZE), 10);
    machine_remove(&machine);
}
END_TEST

START_TEST(without_them)
{
    struct machine machine;

    machine_make(&machine, &hugepages_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("hugepages", pools_by_size, nodes, trouble_costs_its_own, without_them);
}

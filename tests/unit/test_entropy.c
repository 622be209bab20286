#include "collectors/system/entropy.h"

#include <errno.h>

#include "tests/unit/machine.h"

#define AVAILABLE "proc/sys/kernel/random/entropy_avail"
#define POOL      "proc/sys/kernel/random/poolsize"

START_TEST(follows_the_files)
{
    struct machine machine;

    machine_make(&machine, &entropy_collector);
    folder_write(&machine.folder, AVAILABLE, "255\n");
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, POOL, "256\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_entropy_available_bits"), 255);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_entropy_pool_size_bits"), 256);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "node_entropy_available_bits")->interval_ms,
                      10000);

    folder_write(&machine.folder, AVAILABLE, "many\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    folder_unlink(&machine.folder, POOL);
    machine_expect_error(&machine, -EBADMSG);
    folder_write(&machine.folder, AVAILABLE, "254\n");
    machine_expect_part(&machine, -ENOENT);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_entropy_available_bits"), 254);
    ck_assert_uint_eq(machine.sink.declares, 2);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&entropy_collector, 2);
}
END_TEST

int main(void)
{
    return RUN_TESTS("entropy", follows_the_files, fixture_machine);
}

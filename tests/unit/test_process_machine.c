#include "collectors/system/process_machine.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "tests/unit/support.h"

#define SECOND INT64_C(1000000000)
#define STAT   "cpu  100 20 30 400 50 6 7 8 9 10\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5 6\n"

START_TEST(a_stat)
{
    static const char *const bad[] = {
        "",
        "cpu 1 2 3 4 5 6 7\n",
        "cpu  1 2 3 4 5 6\ncpu0 1\n",
        "cpu  1 x 3 4 5 6 7\ncpu0 1\n",
        ("intr 5\n" STAT),
    };
    struct process_machine_cpus cpus;

    ck_assert_int_eq(process_machine_parse(STAT, strlen(STAT), &cpus), 0);
    ck_assert_uint_eq(cpus.count, 2);
    ck_assert_uint_eq(cpus.ticks[0], 100);
    ck_assert_uint_eq(cpus.ticks[2], 30);
    ck_assert_uint_eq(cpus.ticks[3], 6);
    ck_assert_uint_eq(cpus.ticks[4], 7);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        cpus.count = 77;
        ck_assert_msg(process_machine_parse(bad[index], strlen(bad[index]), &cpus) == -EBADMSG,
                      "%s", bad[index]);
        ck_assert_uint_eq(cpus.count, 77);
    }
}
END_TEST

START_TEST(what_is_busy)
{
    struct process_machine machine;
    struct folder folder;

    folder_make(&folder);
    folder_write(&folder, "stat", STAT);
    folder_write(&folder, "loadavg", "0.21 0.37 0.39 1/719 19737\n");
    ck_assert_int_eq(process_machine_init(&machine, folder.path), 0);
    ck_assert(isnan(process_machine_busy(&machine, SECOND)));
    ck_assert_uint_eq(process_machine_threads(&machine), 719);
    /* 50 of user, 10 of softirq; idle does not count, and what steps back is nothing. */
    folder_write(&folder, "stat", "cpu  150 20 30 900 50 3 17 8 9 10\ncpu0 1 2 3\n");
    ck_assert_double_eq_tol(process_machine_busy(&machine, 3 * SECOND), 0.3, 1e-9);
    ck_assert_uint_eq(machine.cpus.count, 1);
    folder_unlink(&folder, "stat");
    ck_assert(isnan(process_machine_busy(&machine, 4 * SECOND)));
    folder_write(&folder, "stat", STAT);
    ck_assert(isnan(process_machine_busy(&machine, 5 * SECOND)));
    ck_assert_double_eq_tol(process_machine_busy(&machine, 6 * SECOND), 0, 1e-9);
    folder_write(&folder, "loadavg", "0.21\n");
    ck_assert_uint_eq(process_machine_threads(&machine), 0);
    process_machine_finish(&machine);
    folder_remove(&folder);
}
END_TEST

START_TEST(without_either_file)
{
    struct process_machine machine;
    struct folder folder;

    folder_make(&folder);
    ck_assert_int_eq(process_machine_init(&machine, folder.path), 0);
    ck_assert(isnan(process_machine_busy(&machine, SECOND)));
    ck_assert(isnan(process_machine_busy(&machine, 2 * SECOND)));
    ck_assert_uint_eq(process_machine_threads(&machine), 0);
    ck_assert_uint_ge(machine.cpus.count, 1);
    process_machine_finish(&machine);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_machine", a_stat, what_is_busy, without_either_file);
}

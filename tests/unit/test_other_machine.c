/*
 * Machines whose kernel counts otherwise: what is in clock ticks or pages on this one, where there
 * are 100 a second and of 4 KiB each, is in others there.
 */
#include <stdio.h>
#include <unistd.h>

#include "collectors/system/cpu.h"
#include "collectors/system/sockstat.h"
#include "tests/unit/machine.h"

/* Of the machine that a test is on; 0: this one's. */
static long ticks_per_second;
static long page_bytes;

long __sysconf(int name);

/* Stands before the C library's; a sanitizer that begins asks it too, before it is there itself. */
__attribute__((no_sanitize("thread"))) long sysconf(int name)
{
    if (name == _SC_CLK_TCK && ticks_per_second > 0)
        return ticks_per_second;
    if (name == _SC_PAGESIZE && page_bytes > 0)
        return page_bytes;
    return __sysconf(name);
}

START_TEST(clock_ticks)
{
    static const long rates[] = {24, 100, 250, 300, 1000, 1024};

    for (size_t index = 0; index < sizeof rates / sizeof rates[0]; index++) {
        struct machine machine;

        machine_make(&machine, &cpu_collector);
        folder_write(&machine.folder, "proc/stat", "cpu0 12345 0 24 2400\n");
        ticks_per_second = rates[index];
        ck_assert_int_eq(machine_open(&machine), 0);
        machine_expect_tick(&machine);
        ck_assert_double_eq(
            fake_sink_value(&machine.sink, "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}"),
            12345 / (double)rates[index]);
        /* An idle time that jumps back by 3 s is that of a CPU which was offline, by less is not.
         */
        for (long back = 3 * rates[index] - 1; back <= 3 * rates[index]; back++) {
            char text[128];

            folder_write(&machine.folder, "proc/stat", "cpu0 12345 0 24 9000\n");
            machine_expect_tick(&machine);
            snprintf(text, sizeof text, "cpu0 12345 0 24 %ld\n", 9000 - back);
            folder_write(&machine.folder, "proc/stat", text);
            machine_expect_tick(&machine);
            ck_assert_double_eq(
                fake_sink_value(&machine.sink, "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}"),
                (double)(back < 3 * rates[index] ? 9000 : 9000 - back) / (double)rates[index]);
        }
        ticks_per_second = 0;
        machine_remove(&machine);
    }
}
END_TEST

START_TEST(pages)
{
    static const long sizes[] = {4096, 16384, 65536};

    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        struct machine machine;

        machine_make(&machine, &sockstat_collector);
        folder_write(&machine.folder, "proc/net/sockstat", "TCP: inuse 4 mem 3\n");
        page_bytes = sizes[index];
        ck_assert_int_eq(machine_open(&machine), 0);
        machine_expect_tick(&machine);
        ck_assert_double_eq(fake_sink_value(&machine.sink, "node_sockstat_TCP_mem"), 3);
        ck_assert_double_eq(fake_sink_value(&machine.sink, "node_sockstat_TCP_mem_bytes"),
                            3 * (double)sizes[index]);
        page_bytes = 0;
        machine_remove(&machine);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("other_machine", clock_ticks, pages);
}

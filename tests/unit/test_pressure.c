#include "collectors/system/pressure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "collectors/optional_file.h"
#include "tests/unit/machine.h"

#define SOME "some avg10=0.18 avg60=0.34 avg300=0.10 total=159886802\n"
#define FULL "full avg10=0.18 avg60=0.34 avg300=0.10 total=1250000\n"

/* What the paths of the files hold whose reading fails, as that of PSI which is switched off. */
static const char *switched_off;

/* Stands before the C library's. */
ssize_t pread(int fd, void *buffer, size_t bytes, off_t offset)
{
    char link[64], path[PATH_MAX] = "";

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (switched_off != NULL && readlink(link, path, sizeof path - 1) > 0 &&
        strstr(path, switched_off) != NULL) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (ssize_t)syscall(SYS_pread64, fd, buffer, bytes, offset);
}

static int parse(const char *text, struct pressure *out)
{
    return pressure_parse(text, strlen(text), out);
}

static void put(struct machine *machine, const char *resource, const char *text)
{
    char path[64];

    snprintf(path, sizeof path, "proc/pressure/%s", resource);
    folder_write(&machine->folder, path, text);
}

/* A machine of Linux 6.1 or later. */
static void make(struct machine *machine)
{
    machine_make(machine, &pressure_collector);
    put(machine, "cpu", SOME FULL);
    put(machine, "io", SOME FULL);
    put(machine, "memory", SOME FULL);
    put(machine, "irq", FULL);
}

START_TEST(good_text)
{
    struct pressure pressure;

    ck_assert_int_eq(parse(SOME FULL, &pressure), 0);
    ck_assert(pressure.present[PRESSURE_SOME] && pressure.present[PRESSURE_FULL]);
    ck_assert_uint_eq(pressure.total_us[PRESSURE_SOME], 159886802);
    ck_assert_uint_eq(pressure.total_us[PRESSURE_FULL], 1250000);
    ck_assert_int_eq(parse("most total=1\nfull new=x total=7 avg900=0.1", &pressure), 0);
    ck_assert(!pressure.present[PRESSURE_SOME]);
    ck_assert_uint_eq(pressure.total_us[PRESSURE_FULL], 7);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "",
        "\n",
        "most total=1\n",
        "some\n",
        "some avg10=0.00\n",
        "some total=\n",
        "some total=-1\n",
        "some total=1.5\n",
        "some total=18446744073709551616\n",
        "some total= 1\n",
        "sometotal=1\n",
        SOME "\n",
        SOME "full avg10=0.00\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct pressure pressure = {.total_us = {7}};

        ck_assert_msg(parse(bad[index], &pressure) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(pressure.total_us[PRESSURE_SOME], 7);
    }
}
END_TEST

/* A cut number has fewer digits. */
static void expect_justified(const char *text, size_t length)
{
    struct pressure pressure;

    if (pressure_parse(text, length, &pressure) == 0) {
        ck_assert(pressure.present[PRESSURE_SOME]);
        ck_assert_uint_le(pressure.total_us[PRESSURE_SOME], 159886802);
    }
}

START_TEST(every_prefix)
{
    each_prefix(SOME FULL, expect_justified);
}
END_TEST

START_TEST(values_are_seconds)
{
    const struct fake_series *series;
    struct machine machine;

    make(&machine);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_pressure_cpu_waiting_seconds_total"),
                        159.886802);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_pressure_io_waiting_seconds_total"),
                        159.886802);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_pressure_io_stalled_seconds_total"),
                        1.25);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_pressure_memory_stalled_seconds_total"), 1.25);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_pressure_irq_stalled_seconds_total"),
                        1.25);
    series = fake_sink_find(&machine.sink, "node_pressure_memory_waiting_seconds_total");
    ck_assert_str_eq(series->unit, "seconds");
    ck_assert_int_eq(series->kind, METRIC_COUNTER);
    ck_assert(series->cumulative);
    machine_remove(&machine);
}
END_TEST

/* Linux before 5.13: no line "full" of cpu, no irq. */
START_TEST(old_kernel)
{
    struct machine machine;

    make(&machine);
    put(&machine, "cpu", SOME);
    folder_unlink(&machine.folder, "proc/pressure/irq");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    put(&machine, "irq", FULL);
    for (int tick = 0; tick < OPTIONAL_FILE_RETRY_READS; tick++)
        machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    put(&machine, "io", SOME);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 5);
    machine_remove(&machine);
}
END_TEST

START_TEST(no_psi)
{
    struct machine machine;

    machine_make(&machine, &pressure_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);
}
END_TEST

START_TEST(psi_is_switched_off)
{
    struct machine machine;

    make(&machine);
    switched_off = "/pressure/";
    ck_assert_int_eq(machine_open(&machine), -EOPNOTSUPP);
    ck_assert_ptr_null(machine.state);
    /* One file less that is switched off is one that is not there. */
    folder_unlink(&machine.folder, "proc/pressure/irq");
    ck_assert_int_eq(machine_open(&machine), -EOPNOTSUPP);
    switched_off = NULL;
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    switched_off = "/pressure/";
    machine_expect_error(&machine, -EOPNOTSUPP);
    switched_off = NULL;
    machine_remove(&machine);
}
END_TEST

/* irq alone is switched off where the time of interrupts is not counted. */
START_TEST(one_is_switched_off)
{
    struct machine machine;

    make(&machine);
    switched_off = "/pressure/irq";
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 5);
    switched_off = NULL;
    machine_remove(&machine);
}
END_TEST

START_TEST(errors_cost_what_is_bad_and_pass)
{
    struct machine machine;

    make(&machine);
    put(&machine, "io", "what?\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_pressure_cpu_waiting_seconds_total"),
                        159.886802);
    ck_assert_double_eq(
        fake_sink_value(&machine.sink, "node_pressure_memory_stalled_seconds_total"), 1.25);
    put(&machine, "io", SOME FULL);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 6);
    ck_assert_uint_eq(machine.sink.declares, 6);
    /* What is wrong with one is told though another is not there. */
    put(&machine, "io", "what?\n");
    folder_unlink(&machine.folder, "proc/pressure/irq");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3);
    put(&machine, "cpu", "");
    put(&machine, "memory", "");
    machine_expect_error(&machine, -EBADMSG);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture_machine)
{
    machine_compare_fixture(&pressure_collector, 6);
}
END_TEST

int main(void)
{
    return RUN_TESTS("pressure", good_text, bad_text, every_prefix, values_are_seconds, old_kernel,
                     no_psi, psi_is_switched_off, one_is_switched_off,
                     errors_cost_what_is_bad_and_pass, fixture_machine);
}

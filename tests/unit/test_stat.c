#include "collectors/system/stat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/system/cpu.h"
#include "tests/unit/machine.h"

#define CPU "cpu0 1 2 3 4\n"
#define REST                                                                                       \
    "intr 8885917 17 0 0 0\n"                                                                      \
    "ctxt 38014093\n"                                                                              \
    "btime 1418183276\n"                                                                           \
    "processes 26442\n"                                                                            \
    "procs_running 2\n"                                                                            \
    "procs_blocked 1\n"                                                                            \
    "softirq 5057579 250191 1481983\n"

static int parse(const char *text, struct stat_lines *out)
{
    return stat_parse(text, strlen(text), out);
}

START_TEST(good_text)
{
    static const uint64_t wanted[] = {
        [STAT_INTERRUPTS] = 8885917,
        [STAT_CONTEXT_SWITCHES] = 38014093,
        [STAT_BOOT_TIME] = 1418183276,
        [STAT_FORKS] = 26442,
        [STAT_RUNNING] = 2,
        [STAT_BLOCKED] = 1,
    };
    struct stat_lines lines;

    ck_assert_int_eq(parse(CPU REST, &lines), 0);
    ck_assert_uint_eq(lines.present, (1U << STAT_LINES) - 1);
    for (unsigned which = 0; which < STAT_LINES; which++)
        ck_assert_uint_eq(lines.values[which], wanted[which]);
}
END_TEST

START_TEST(lines_may_be_missing_or_new)
{
    struct stat_lines lines;

    ck_assert_int_eq(parse("", &lines), 0);
    ck_assert_uint_eq(lines.present, 0);
    ck_assert_int_eq(parse("\n\nswap 0 0\nctxt2 7\nctx 7\n ctxt 7\n", &lines), 0);
    ck_assert_uint_eq(lines.present, 0);
    ck_assert_int_eq(parse("what? no\nprocesses 7\n", &lines), 0);
    ck_assert_uint_eq(lines.present, 1U << STAT_FORKS);
    ck_assert_uint_eq(lines.values[STAT_FORKS], 7);
}
END_TEST

START_TEST(bad_text)
{
    static const char *const bad[] = {
        "intr",
        "intr\n",
        "intr \n",
        "intr x\n",
        "intr 1x 2\n",
        "ctxt\n",
        "ctxt -1\n",
        "ctxt 1 2\n",
        "ctxt 1 \n",
        "ctxt 1.5\n",
        "btime x\n",
        "btime 0x10\n",
        "processes\n",
        "procs_running ?\n",
        "procs_blocked +1\n",
        "ctxt 18446744073709551616\n",
    };

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct stat_lines lines = {.present = 77};

        ck_assert_msg(parse(bad[index], &lines) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(lines.present, 0);
    }
}
END_TEST

START_TEST(a_bad_line_costs_its_value)
{
    struct stat_lines lines;

    ck_assert_int_eq(parse("ctxt 5\nprocesses x\nprocs_running 2\n", &lines), -EBADMSG);
    ck_assert_uint_eq(lines.present, 1U << STAT_CONTEXT_SWITCHES | 1U << STAT_RUNNING);
    ck_assert_uint_eq(lines.values[STAT_CONTEXT_SWITCHES], 5);
    ck_assert_uint_eq(lines.values[STAT_RUNNING], 2);
}
END_TEST

/* A cut line is without a number or has fewer of its digits. */
static void expect_justified(const char *text, size_t length)
{
    struct stat_lines lines;

    if (stat_parse(text, length, &lines) == 0) {
        /* They come in this order. */
        ck_assert_uint_eq(lines.present & (lines.present + 1), 0);
        if (lines.present & 1U << STAT_CONTEXT_SWITCHES)
            ck_assert_uint_eq(lines.values[STAT_INTERRUPTS], 8885917);
        ck_assert_uint_le(lines.values[STAT_BOOT_TIME], 1418183276);
    }
}

START_TEST(every_prefix)
{
    each_prefix(REST, expect_justified);
}
END_TEST

/* What 500 CPUs make of it. */
START_TEST(thousands_of_interrupts)
{
    enum { COUNT = 40000 };
    char *text = malloc(2 * COUNT + 64);
    struct stat_lines lines;
    size_t used = 0;

    ck_assert_ptr_nonnull(text);
    used += (size_t)sprintf(text, "intr 12345");
    for (unsigned i = 0; i < COUNT; i++)
        used += (size_t)sprintf(text + used, " 7");
    used += (size_t)sprintf(text + used, "\nctxt 5\n");
    ck_assert_int_eq(stat_parse(text, used, &lines), 0);
    ck_assert_uint_eq(lines.values[STAT_INTERRUPTS], 12345);
    ck_assert_uint_eq(lines.values[STAT_CONTEXT_SWITCHES], 5);
    free(text);
}
END_TEST

START_TEST(the_cpu_collector_shows_them)
{
    struct machine machine;

    machine_make(&machine, &cpu_collector);
    folder_write(&machine.folder, "proc/stat", CPU REST);
    ck_assert_int_eq(machine_open(&machine), 0);
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4 + STAT_LINES);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_intr_total"), 8885917);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_boot_time_seconds"), 1418183276);
    ck_assert(fake_sink_find(&machine.sink, "node_forks_total")->cumulative);
    ck_assert(!fake_sink_find(&machine.sink, "node_procs_running")->cumulative);

    folder_write(&machine.folder, "proc/stat", CPU "ctxt 38014094\nbtime 1418183276\n");
    machine_expect_tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4 + 2);
    ck_assert(fake_sink_is_absent(&machine.sink, "node_procs_blocked"));
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_context_switches_total"), 38014094);

    folder_write(&machine.folder, "proc/stat", CPU "procs_running x\nctxt 38014095\n");
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 4 + 1);
    ck_assert(fake_sink_is_absent(&machine.sink, "node_procs_running"));
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_context_switches_total"), 38014095);
    folder_write(&machine.folder, "proc/stat", CPU REST);
    machine_expect_tick(&machine);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_procs_blocked"), 1);
    ck_assert_uint_eq(machine.sink.declares, 4 + STAT_LINES);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("stat", good_text, lines_may_be_missing_or_new, bad_text,
                     a_bad_line_costs_its_value, every_prefix, thousands_of_interrupts,
                     the_cpu_collector_shows_them);
}

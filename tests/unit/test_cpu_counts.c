#include "collectors/system/cpu_counts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support.h"

#define GOOD                                                                                       \
    "           CPU0       CPU2       \n"                                                          \
    "  0:         18          0  IR-IO-APIC-edge      timer\n"                                     \
    "NMI:         47       5031   Non-maskable interrupts\n"                                       \
    "IPI0:2768808080 2844211768       Rescheduling interrupts  \n"                                 \
    "ERR:          0\n"                                                                            \
    "TIMER:        1          2\n"

static int parse(const char *text, struct cpu_counts *counts)
{
    return cpu_counts_parse(text, strlen(text), counts);
}

static void expect_row(const struct cpu_counts *counts, size_t index, const char *kind,
                       uint64_t first, uint64_t second, const char *rest)
{
    const struct cpu_counts_row *row = &counts->rows[index];

    ck_assert_uint_lt(index, counts->row_count);
    ck_assert(span_equals(row->kind, kind));
    ck_assert_uint_eq(counts->counts[row->first], first);
    ck_assert_uint_eq(counts->counts[row->first + 1], second);
    ck_assert_msg(span_equals(row->rest, rest), "%.*s", (int)row->rest.length, row->rest.at);
}

START_TEST(good_text)
{
    struct cpu_counts counts = {0};

    ck_assert_int_eq(parse(GOOD, &counts), 0);
    ck_assert_uint_eq(counts.cpu_count, 2);
    ck_assert_uint_eq(counts.cpus[0], 0);
    ck_assert_uint_eq(counts.cpus[1], 2);
    ck_assert_uint_eq(counts.row_count, 4);
    expect_row(&counts, 0, "0", 18, 0, "IR-IO-APIC-edge      timer");
    expect_row(&counts, 1, "NMI", 47, 5031, "Non-maskable interrupts");
    expect_row(&counts, 2, "IPI0", 2768808080, 2844211768, "Rescheduling interrupts");
    expect_row(&counts, 3, "TIMER", 1, 2, "");
    cpu_counts_finish(&counts);
}
END_TEST

START_TEST(lines_without_a_count_for_each_cpu)
{
    struct cpu_counts counts = {0};

    ck_assert_int_eq(parse("CPU0 CPU1\nERR:\nERR: \nMIS: 7\nERR: 7 \n\n   \nA: 1 2", &counts), 0);
    ck_assert_uint_eq(counts.row_count, 1);
    expect_row(&counts, 0, "A", 1, 2, "");
    cpu_counts_finish(&counts);
}
END_TEST

START_TEST(no_row_is_an_answer)
{
    struct cpu_counts counts = {0};

    ck_assert_int_eq(parse("CPU0", &counts), 0);
    ck_assert_uint_eq(counts.cpu_count, 1);
    ck_assert_uint_eq(counts.row_count, 0);
    cpu_counts_finish(&counts);
}
END_TEST

START_TEST(bad_headings)
{
    static const char *const bad[] = {
        "",        "\n",          "NMI: 1 2\n",  "CPU\n",        "CPU0 1\n",
        "CPU0x\n", "CPU0 CPU0\n", "CPU1 CPU0\n", "CPU0CPU1\n",   "CPU4294967296\n",
        "CPU-1\n", "cpu0 cpu1\n", "CPU0 CPUx\n", "CPU 0 CPU1\n", "0: 1\nCPU0\n",
    };
    struct cpu_counts counts = {0};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        counts.row_count = 7;
        counts.cpu_count = 7;
        ck_assert_msg(parse(bad[index], &counts) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(counts.row_count, 0);
        ck_assert_uint_eq(counts.cpu_count, 0);
    }
    cpu_counts_finish(&counts);
}
END_TEST

START_TEST(a_bad_line_costs_itself)
{
    static const char *const bad[] = {
        "what?",      ": 1 2",
        "X: 1 x",     "X: 1 2x",
        "X: 1x 2",    "X: 1 -2",
        "X: x",       "X: 1 2.5 y",
        "X\x01: 1 2", "X: 1 18446744073709551616",
        "X: 1 text",  "a_name_that_is_much_longer_than_any_kind_of_interrupt_that_there_is_: 1 2",
    };
    struct cpu_counts counts = {0};
    char text[256];

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        snprintf(text, sizeof text, "CPU0 CPU1\nA: 3 4 a\n%s\nB: 5 6\n", bad[index]);
        ck_assert_msg(parse(text, &counts) == -EBADMSG, "%s", bad[index]);
        ck_assert_uint_eq(counts.row_count, 2);
        expect_row(&counts, 0, "A", 3, 4, "a");
        expect_row(&counts, 1, "B", 5, 6, "");
    }
    cpu_counts_finish(&counts);
}
END_TEST

START_TEST(a_long_rest)
{
    char text[CPU_COUNTS_REST_MAX + 32];
    struct cpu_counts counts = {0};
    int head = snprintf(text, sizeof text, "CPU0\n0: 1 ");

    memset(text + head, 'x', CPU_COUNTS_REST_MAX + 1);
    ck_assert_int_eq(cpu_counts_parse(text, (size_t)head + CPU_COUNTS_REST_MAX, &counts), 0);
    ck_assert_uint_eq(counts.rows[0].rest.length, CPU_COUNTS_REST_MAX);
    ck_assert_int_eq(cpu_counts_parse(text, (size_t)head + CPU_COUNTS_REST_MAX + 1, &counts),
                     -EBADMSG);
    ck_assert_uint_eq(counts.row_count, 0);
    cpu_counts_finish(&counts);
}
END_TEST

/* Cut inside a line there are fewer counts, or the last one has fewer digits. */
static void expect_justified(const char *text, size_t length)
{
    struct cpu_counts counts = {0};
    int result = cpu_counts_parse(text, length, &counts);

    ck_assert(result == 0 || result == -EBADMSG);
    ck_assert_uint_le(counts.cpu_count, 2);
    ck_assert_uint_le(counts.row_count, 4);
    if (counts.row_count > 0 && counts.cpu_count == 2)
        ck_assert_uint_eq(counts.counts[0], 18);
    cpu_counts_finish(&counts);
}

START_TEST(every_prefix)
{
    each_prefix(GOOD, expect_justified);
}
END_TEST

/* A text of so many CPUs and kinds, each with a count of its own. */
static char *big_text(unsigned cpus, unsigned kinds, size_t *length)
{
    size_t size = (size_t)(kinds + 1) * (cpus + 2) * 16;
    char *text = malloc(size);
    size_t used = 0;

    ck_assert_ptr_nonnull(text);
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        used += (size_t)snprintf(text + used, size - used, " CPU%-7u", cpu);
    used += (size_t)snprintf(text + used, size - used, "\n");
    for (unsigned kind = 0; kind < kinds; kind++) {
        used += (size_t)snprintf(text + used, size - used, "%3u:", kind);
        for (unsigned cpu = 0; cpu < cpus; cpu++)
            used += (size_t)snprintf(text + used, size - used, " %10u", kind * cpus + cpu);
        used += (size_t)snprintf(text + used, size - used, "  IO-APIC %u-edge dev\n", kind);
    }
    *length = used;
    return text;
}

START_TEST(five_hundred_cpus)
{
    struct cpu_counts counts = {0};
    size_t length;
    char *text = big_text(500, 112, &length);

    ck_assert_uint_gt(length, 600000);
    ck_assert_int_eq(cpu_counts_parse(text, length, &counts), 0);
    ck_assert_uint_eq(counts.cpu_count, 500);
    ck_assert_uint_eq(counts.row_count, 112);
    for (unsigned count = 0; count < 500 * 112; count++)
        ck_assert_uint_eq(counts.counts[count], count);
    ck_assert(span_equals(counts.rows[111].rest, "IO-APIC 111-edge dev"));
    cpu_counts_finish(&counts);
    free(text);
}
END_TEST

START_TEST(too_many_counts)
{
    struct cpu_counts counts = {0};
    size_t length;
    char *text = big_text(1000, 66, &length);

    ck_assert_int_eq(cpu_counts_parse(text, length, &counts), -E2BIG);
    ck_assert_uint_eq(counts.row_count, CPU_COUNTS_MAX / 1000);
    free(text);
    text = big_text(CPU_COUNTS_CPUS_MAX + 1, 1, &length);
    ck_assert_int_eq(cpu_counts_parse(text, length, &counts), -EBADMSG);
    ck_assert_uint_eq(counts.row_count, 0);
    cpu_counts_finish(&counts);
    free(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu_counts", good_text, lines_without_a_count_for_each_cpu,
                     no_row_is_an_answer, bad_headings, a_bad_line_costs_itself, a_long_rest,
                     every_prefix, five_hundred_cpus, too_many_counts);
}

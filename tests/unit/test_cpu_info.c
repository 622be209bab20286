#include "collectors/system/cpu_info.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/choice.h"
#include "tests/unit/machine.h"

static int parse(const char *text, struct cpu_info_list *list)
{
    return cpu_info_parse(text, strlen(text), list);
}

static bool has(const struct cpu_info_list *list, size_t cpu, enum cpu_info_field field,
                const char *wanted)
{
    ck_assert_uint_lt(cpu, list->count);
    return span_equals(list->cpus[cpu].fields[field], wanted);
}

START_TEST(x86)
{
    struct cpu_info_list list = {0};

    ck_assert_int_eq(parse("processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
                           "model\t\t: 142\nmodel name\t: A CPU: fast\nstepping\t: 10\n"
                           "microcode\t: 0xb4\ncpu MHz\t\t: 799.998\ncache size\t: 8192 KB\n"
                           "physical id\t: 1\ncore id\t\t: 2\nflags\t\t: fpu vme\nbugs\t\t: mds\n"
                           "power management:\n\nprocessor\t: 1\nflags\t\t: other\nbugs\t\t:\n",
                           &list),
                     0);
    ck_assert_uint_eq(list.count, 2);
    ck_assert(has(&list, 0, CPU_INFO_NUMBER, "0"));
    ck_assert(has(&list, 0, CPU_INFO_PACKAGE, "1"));
    ck_assert(has(&list, 0, CPU_INFO_CORE, "2"));
    ck_assert(has(&list, 0, CPU_INFO_VENDOR, "GenuineIntel"));
    ck_assert(has(&list, 0, CPU_INFO_FAMILY, "6"));
    ck_assert(has(&list, 0, CPU_INFO_MODEL, "142"));
    ck_assert(has(&list, 0, CPU_INFO_MODEL_NAME, "A CPU: fast"));
    ck_assert(has(&list, 0, CPU_INFO_MICROCODE, "0xb4"));
    ck_assert(has(&list, 0, CPU_INFO_STEPPING, "10"));
    ck_assert(has(&list, 0, CPU_INFO_CACHE_SIZE, "8192 KB"));
    ck_assert(has(&list, 0, CPU_INFO_MHZ, "799.998"));
    ck_assert(has(&list, 1, CPU_INFO_NUMBER, "1"));
    ck_assert(has(&list, 1, CPU_INFO_VENDOR, ""));
    ck_assert(span_equals(list.flags, "fpu vme"));
    ck_assert(span_equals(list.bugs, "mds"));
    cpu_info_finish(&list);
}
END_TEST

START_TEST(other_architectures)
{
    struct cpu_info_list list = {0};

    /* arm, before and since Linux 3.8 */
    ck_assert_int_eq(parse("Processor\t: ARMv7 rev 4 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 38.40\n\n"
                           "processor\t: 1\n\nFeatures\t: half thumb\n",
                           &list),
                     0);
    ck_assert(has(&list, 1, CPU_INFO_MODEL_NAME, "ARMv7 rev 4 (v7l)"));
    ck_assert(span_equals(list.flags, "half thumb"));
    /* s390 */
    ck_assert_int_eq(parse("vendor_id       : IBM/S390\nfeatures\t: esan3 zarch\n"
                           "processor 0: version = FF, machine = 2964\n"
                           "processor 1: version = FF, machine = 2964\n\n"
                           "cpu number      : 1\ncpu MHz dynamic : 5000\n",
                           &list),
                     0);
    ck_assert_uint_eq(list.count, 2);
    ck_assert(has(&list, 0, CPU_INFO_MHZ, "") && has(&list, 1, CPU_INFO_MHZ, "5000"));
    ck_assert(has(&list, 1, CPU_INFO_VENDOR, "IBM/S390"));
    ck_assert(span_equals(list.flags, "esan3 zarch"));
    /* powerpc, riscv */
    ck_assert_int_eq(parse("processor\t: 0\ncpu\t\t: POWER7\nclock\t\t: 3425.000000MHz\n", &list),
                     0);
    ck_assert(has(&list, 0, CPU_INFO_MHZ, "3425.000000"));
    ck_assert(has(&list, 0, CPU_INFO_MODEL_NAME, "POWER7"));
    ck_assert_int_eq(parse("processor\t: 0\nhart\t\t: 2\nuarch\t\t: sifive,u74-mc\n", &list), 0);
    ck_assert(has(&list, 0, CPU_INFO_CORE, "2"));
    cpu_info_finish(&list);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    struct cpu_info_list list = {0};
    char text[400];
    char *many = malloc((size_t)20 * (CPU_INFO_CPUS_MAX + 1));
    size_t length = 0;

    ck_assert_int_eq(parse("", &list), -EBADMSG);
    ck_assert_int_eq(parse("\n\n", &list), -EBADMSG);
    ck_assert_int_eq(parse("model name: x\n", &list), -EBADMSG);
    ck_assert_int_eq(parse("processor : x\n", &list), -EBADMSG);
    ck_assert_int_eq(parse("processor : 0\ntrailing junk\n\x01\xff", &list), 0);
    ck_assert_uint_eq(list.count, 1);
    snprintf(text, sizeof text, "processor : 0\nmodel name : %0*d\n", CPU_INFO_VALUE_MAX, 0);
    ck_assert_int_eq(parse(text, &list), 0);
    snprintf(text, sizeof text, "processor : 0\nmodel name : %0*d\n", CPU_INFO_VALUE_MAX + 1, 0);
    ck_assert_int_eq(parse(text, &list), -EBADMSG);
    ck_assert_uint_eq(list.count, 0);
    for (int cpu = 0; cpu < CPU_INFO_CPUS_MAX; cpu++)
        length += (size_t)sprintf(many + length, "processor : %d\n", cpu);
    ck_assert_int_eq(cpu_info_parse(many, length, &list), 0);
    ck_assert_uint_eq(list.count, CPU_INFO_CPUS_MAX);
    length += (size_t)sprintf(many + length, "processor : 9\n");
    ck_assert_int_eq(cpu_info_parse(many, length, &list), -E2BIG);
    ck_assert_uint_eq(list.count, 0);
    cpu_info_finish(&list);
    free(many);
}
END_TEST

/* As node_exporter was run. */
static enum choice_answer ask(const struct chooser *chooser, enum choice choice, const char *name)
{
    (void)chooser;
    if (choice == CHOICE_CPU_FLAG)
        return strcmp(name, "aes") == 0 || strcmp(name, "avx") == 0 || strcmp(name, "avx2") == 0 ||
                       strcmp(name, "constant_tsc") == 0
                   ? CHOICE_READ
                   : CHOICE_LEFT;
    return strcmp(name, "cpu_meltdown") == 0 || strncmp(name, "spectre_", 8) == 0 ||
                   strcmp(name, "mds") == 0
               ? CHOICE_READ
               : CHOICE_LEFT;
}

START_TEST(the_fixture)
{
    const struct chooser chooser = {ask};

    machine_compare_chosen(&cpu_info_collector, &chooser, 24);
    machine_compare_fixture(&cpu_info_collector, 16);
}
END_TEST

START_TEST(a_machine_without_it)
{
    struct machine machine;

    machine_make(&machine, &cpu_info_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, "proc/cpuinfo", "nothing\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_error(&machine, -EBADMSG);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu_info", x86, other_architectures, what_cannot_be_is_refused, the_fixture,
                     a_machine_without_it);
}

#include "collectors/system/cpu_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collectors/system/cpu_vulnerabilities.h"
#include "tests/unit/support.h"

static int parse(const char *text, struct cpu_set *set)
{
    return cpu_set_parse(text, strlen(text), set);
}

static void expect_cpus(const char *text, const unsigned *cpus, size_t count)
{
    struct cpu_set set = {{false}};
    size_t found = 0;

    ck_assert_int_eq(parse(text, &set), 0);
    for (size_t cpu = 0; cpu <= CPU_NUMBER_MAX; cpu++)
        found += set.has[cpu];
    ck_assert_uint_eq(found, count);
    for (size_t index = 0; index < count; index++)
        ck_assert(set.has[cpus[index]]);
}

START_TEST(lists_of_cpus)
{
    expect_cpus("", NULL, 0);
    expect_cpus("0", (const unsigned[]){0}, 1);
    expect_cpus("1,3-5,9", (const unsigned[]){1, 3, 4, 5, 9}, 5);
    expect_cpus("7-7,8191", (const unsigned[]){7, 8191}, 2);
}
END_TEST

START_TEST(what_is_no_list_changes_nothing)
{
    static const char *const wrong[] = {",",  "1,",   "-1",  "1-",  "5-3",  "a",
                                        "1a", "1,,2", "1 2", "1\n", "1-2-3"};
    struct cpu_set set = {{[3] = true}};

    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++)
        ck_assert_msg(parse(wrong[index], &set) == -EBADMSG, "%s", wrong[index]);
    ck_assert_int_eq(parse("8192", &set), -E2BIG);
    ck_assert_int_eq(parse("0-18446744073709551615", &set), -E2BIG);
    ck_assert_int_eq(parse("0-18446744073709551616", &set), -EBADMSG);
    ck_assert(set.has[3] && !set.has[0] && !set.has[1]);
}
END_TEST

START_TEST(names_of_cpus)
{
    static const char *const others[] = {"cpu",   "cpu0a",   "cpufreq", "cpuidle", "cpu-1",
                                         "cpu 1", "cpu8192", "xcpu1",   "1",       ""};

    ck_assert(cpu_folder_is_cpu("cpu0"));
    ck_assert(cpu_folder_is_cpu("cpu8191"));
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++)
        ck_assert_msg(!cpu_folder_is_cpu(others[index]), "%s", others[index]);
}
END_TEST

START_TEST(folders_of_cpus)
{
    struct cpu_set set = {{false}};
    struct folder folder;
    struct collector_roots roots = {0};
    int fd;

    folder_make(&folder);
    folder_write(&folder, CPU_FOLDER "/cpu0/cpufreq/x", "");
    folder_write(&folder, CPU_FOLDER "/cpu11/x", "");
    folder_write(&folder, CPU_FOLDER "/cpuidle/x", "");
    roots.sysfs = folder.path;
    ck_assert_int_eq(cpu_folder_check(&roots, "cpufreq"), 0);
    ck_assert_int_eq(cpu_folder_check(&roots, "thermal_throttle"), -ENOENT);
    fd = open(folder.path, O_PATH | O_DIRECTORY);
    ck_assert_int_eq(cpu_folder_list(fd, &set), 0);
    ck_assert(!set.has[0]);
    close(fd);
    ck_assert_int_eq(cpu_folder_list(fd, &set), -EBADF);
    ck_assert_int_eq(chdir(folder.path), 0);
    fd = open(CPU_FOLDER, O_PATH | O_DIRECTORY);
    ck_assert_int_eq(cpu_folder_list(fd, &set), 0);
    ck_assert(set.has[0] && set.has[11] && !set.has[1]);
    close(fd);
    ck_assert_int_eq(chdir("/"), 0);
    folder_remove(&folder);
}
END_TEST

static void expect_vulnerability(const char *text, const char *state, const char *mitigation)
{
    struct cpu_vulnerability found;

    ck_assert_int_eq(cpu_vulnerability_parse(text, strlen(text), &found), 0);
    ck_assert_str_eq(found.state, state);
    ck_assert_msg(span_equals(found.mitigation, mitigation), "%s", text);
}

START_TEST(vulnerabilities)
{
    struct cpu_vulnerability found = {.state = "old"};

    expect_vulnerability("Not affected", "not affected", "");
    expect_vulnerability("Vulnerable", "vulnerable", "");
    expect_vulnerability("Vulnerable: No microcode", "vulnerable", "No microcode");
    expect_vulnerability("Mitigation: PTI", "mitigation", "PTI");
    expect_vulnerability("KVM: Mitigation: VMX disabled", "mitigation", "VMX disabled");
    expect_vulnerability("Unknown: No mitigations", "unknown", "No mitigations");
    ck_assert_int_eq(cpu_vulnerability_parse("", 0, &found), -EBADMSG);
    ck_assert_int_eq(cpu_vulnerability_parse("Mitigatio", 9, &found), -EBADMSG);
    ck_assert_int_eq(cpu_vulnerability_parse("fine", 4, &found), -EBADMSG);
    ck_assert_str_eq(found.state, "old");
}
END_TEST

int main(void)
{
    return RUN_TESTS("cpu_folder", lists_of_cpus, what_is_no_list_changes_nothing, names_of_cpus,
                     folders_of_cpus, vulnerabilities);
}

#include "collectors/system/os_release.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

/* node_exporter's machine. */
#define UBUNTU                                                                                     \
    "NAME=\"Ubuntu\"\n"                                                                            \
    "VERSION=\"20.04.2 LTS (Focal Fossa)\"\n"                                                      \
    "ID=ubuntu\n"                                                                                  \
    "ID_LIKE=debian\n"                                                                             \
    "PRETTY_NAME=\"Ubuntu 20.04.2 LTS\"\n"                                                         \
    "VERSION_ID=\"20.04\"\n"                                                                       \
    "HOME_URL=\"https://www.ubuntu.com/\"\n"                                                       \
    "VERSION_CODENAME=focal\n"

#define VERSION_OF(name) "node_os_version{id=\"" name "\",id_like=\"\",name=\"\"}"

static int parse(const char *text, struct os_release *out)
{
    return os_release_parse(text, strlen(text), out);
}

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

START_TEST(good_text)
{
    struct os_release release;

    ck_assert_int_eq(parse(UBUNTU, &release), 0);
    ck_assert_str_eq(release.values[OS_RELEASE_NAME], "Ubuntu");
    ck_assert_str_eq(release.values[OS_RELEASE_VERSION], "20.04.2 LTS (Focal Fossa)");
    ck_assert_str_eq(release.values[OS_RELEASE_VERSION_CODENAME], "focal");
    ck_assert_str_eq(release.values[OS_RELEASE_BUILD_ID], "");
    ck_assert_str_eq(release.values[OS_RELEASE_SUPPORT_END], "");
    ck_assert_int_eq(parse("", &release), 0);
    ck_assert_str_eq(release.values[OS_RELEASE_NAME], "");
}
END_TEST

START_TEST(quotes_are_a_shells)
{
    static const struct {
        const char *text, *value;
    } good[] = {
        {"NAME=", ""},
        {"NAME=\"\"", ""},
        {"NAME=a\\ b", "a b"},
        {"NAME='a\\b\"'", "a\\b\""},
        {"NAME=\"a \\\"b\\\" \\\\ \\$ \\` '\"", "a \"b\" \\ $ ` '"},
        {"NAME=a'b'\"c\"d", "abcd"},
        {"  NAME=a # really", "a"},
        {"# NAME=b\n\nNAME=a", "a"},
        {"NAME=b\nNAME=a", "a"},
        {"NAME_IT=b\nNAME=a=b", "a=b"},
    };
    struct os_release release;

    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        ck_assert_msg(parse(good[index].text, &release) == 0, "%s", good[index].text);
        ck_assert_str_eq(release.values[OS_RELEASE_NAME], good[index].value);
    }
}
END_TEST

START_TEST(a_bad_line_costs_itself)
{
    static const char *const bad[] = {"what?",    "=a",       "NAME=\"a",  "NAME='a",
                                      "NAME=a b", "NAME=a\\", "NAME=\"a\\"};
    struct os_release release;
    char text[64];

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        snprintf(text, sizeof text, "ID=x\n%s\nVERSION_ID=3\n", bad[index]);
        ck_assert_msg(parse(text, &release) == -EBADMSG, "%s", bad[index]);
        ck_assert_str_eq(release.values[OS_RELEASE_ID], "x");
        ck_assert_str_eq(release.values[OS_RELEASE_NAME], "");
        ck_assert_str_eq(release.values[OS_RELEASE_VERSION_ID], "3");
    }
    ck_assert_int_eq(os_release_parse("NAME=\0a\n", 8, &release), -EBADMSG);
}
END_TEST

START_TEST(longest_text)
{
    char *text = malloc(OS_RELEASE_FILE_MAX + 2);
    struct os_release release;

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', OS_RELEASE_FILE_MAX + 1);
    memcpy(text, "ID=", 3);
    ck_assert_int_eq(os_release_parse(text, OS_RELEASE_FILE_MAX, &release), 0);
    ck_assert_uint_eq(strlen(release.values[OS_RELEASE_ID]), OS_RELEASE_FILE_MAX - 3);
    ck_assert_int_eq(os_release_parse(text, OS_RELEASE_FILE_MAX + 1, &release), -E2BIG);
    ck_assert_str_eq(release.values[OS_RELEASE_ID], "");
    free(text);
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    struct os_release release;
    int result = os_release_parse(text, length, &release);

    const char *name = release.values[OS_RELEASE_NAME];

    ck_assert(result == 0 || result == -EBADMSG);
    ck_assert_int_eq(strncmp(name, "Ubuntu", strlen(name)), 0);
}

START_TEST(every_prefix)
{
    each_prefix(UBUNTU, expect_justified);
}
END_TEST

START_TEST(versions)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"12", 12}, {"20.04", 20.04}, {"12.4.1", 12.4}, {"13-beta", 13}, {"9.", 9}};
    double value = 7;

    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        ck_assert_int_eq(os_release_parse_version(good[index].text, &value), 0);
        ck_assert_double_eq(value, good[index].value);
    }
    value = 7;
    ck_assert_int_eq(os_release_parse_version("", &value), -EBADMSG);
    ck_assert_int_eq(os_release_parse_version("rawhide", &value), -EBADMSG);
    ck_assert_int_eq(os_release_parse_version("-1", &value), -EBADMSG);
    ck_assert_double_eq(value, 7);
}
END_TEST

START_TEST(dates)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1970-01-01", 0},           {"1969-12-31", -86400},     {"2000-02-29", 951782400},
                {"2000-03-01", 951868800},   {"2029-04-30", 1872201600}, {"2100-03-01", 4107542400},
                {"9999-12-31", 253402214400}};
    static const char *const bad[] = {
        "",           "2029",        "2029-04",     "2029-4-30",  "2029-04-31",
        "2023-02-29", "2100-02-29",  "2029-13-01",  "2029-00-01", "2029-01-00",
        "0000-01-01", "2029-04-30 ", "20290-01-01", "2029/04/30", "2029-04-3a"};
    double value;

    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        ck_assert_int_eq(os_release_parse_date(good[index].text, &value), 0);
        ck_assert_double_eq(value, good[index].value);
    }
    value = 7;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++)
        ck_assert_msg(os_release_parse_date(bad[index], &value) == -EBADMSG, "%s", bad[index]);
    ck_assert_double_eq(value, 7);
}
END_TEST

START_TEST(etc_comes_before_usr)
{
    struct machine machine;

    machine_make(&machine, &os_release_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    ck_assert_ptr_null(machine.state);
    folder_write(&machine.folder, "usr/lib/os-release", "ID=vendor\nVERSION_ID=1.5\n");
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, VERSION_OF("vendor")), 1.5);

    folder_write(&machine.folder, "etc/os-release",
                 "ID=own\nVERSION_ID=2\nSUPPORT_END=1970-01-02\n");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_live(&machine.sink), 3);
    ck_assert_double_eq(fake_sink_value(&machine.sink, VERSION_OF("own")), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "node_os_support_end_timestamp_seconds"),
                        86400);

    folder_write(&machine.folder, "etc/os-release", "ID=rolling\nSUPPORT_END=never\n");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    machine_remove(&machine);
}
END_TEST

START_TEST(fixture)
{
    const char *root = fixtures_folder();
    struct machine machine;
    char path[4096];
    char *exposition;

    if (root == NULL)
        return;
    snprintf(path, sizeof path, "%s/e2e-output.txt", root);
    exposition = file_text(path);
    machine_make(&machine, &os_release_collector);
    folder_write(&machine.folder, "usr/lib/os-release", UBUNTU);
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 2);
    fake_sink_compare(&machine.sink, exposition);
    free(exposition);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("os_release", good_text, quotes_are_a_shells, a_bad_line_costs_itself,
                     longest_text, every_prefix, versions, dates, etc_comes_before_usr, fixture);
}

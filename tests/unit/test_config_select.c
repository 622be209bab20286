/* What the configuration lets collectors choose from, and which of them run. */
#include "daemon/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_show.h"
#include "tests/unit/support.h"

/* Reads a text as x.json. */
static int read_text(const char *text, struct config *config, char error[CONFIG_ERROR_BYTES])
{
    char *copy = strdup(text);
    int result;

    ck_assert_ptr_nonnull(copy);
    *config = (struct config){.interval_ms = 1000,
                              .http_threads = 1,
                              .max_connections_per_address = 1,
                              .statsd_max_series = 1};
    error[0] = '\0';
    result = config_file_parse("x.json", copy, strlen(text), config, error);
    free(copy);
    return result;
}

static struct config expect_good(const char *text)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, &config, error) == 0, "%s", error);
    return config;
}

static void expect_error(const char *text, const char *wanted)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, &config, error) == -EINVAL, "%s", text);
    ck_assert_msg(strstr(error, wanted) == error, "%s:\n%s", text, error);
    config_finish(&config);
}

#define EACH_CHOICE                                                                                \
    "{\"listen\": [\"unix:/x\"], \"select\": {\"arp_devices\": {\"include\": \"0\"}, "             \
    "\"cpu_bugs\": {\"include\": \"1\"}, "                                                         \
    "\"cpu_flags\": {\"include\": \"2\"}, \"disk_devices\": {\"include\": \"3\"}, "                \
    "\"mounts\": {\"include\": \"4\"}, \"filesystem_types\": {\"include\": \"5\"}, "               \
    "\"hwmon_chips\": {\"include\": \"6\"}, \"network_class_devices\": {\"include\": \"7\"}, "     \
    "\"network_devices\": {\"include\": \"8\", \"exclude\": \"x\"}, "                              \
    "\"power_supplies\": {\"exclude\": \"y\"}}, \"textfile\": {\"directory\": \"/a\"}}"

static void expect_each(const struct config *config)
{
    static const enum choice order[] = {
        CHOICE_ARP_DEVICE,  CHOICE_CPU_BUG,          CHOICE_CPU_FLAG,
        CHOICE_DISK_DEVICE, CHOICE_FILESYSTEM_MOUNT, CHOICE_FILESYSTEM_TYPE,
        CHOICE_HWMON_CHIP,  CHOICE_NETCLASS_DEVICE,  CHOICE_NETDEV_DEVICE};

    for (unsigned i = 0; i < sizeof order / sizeof *order; i++) {
        const struct choose_patterns *patterns = &config->select[order[i]];
        const char wanted[] = {(char)('0' + i), '\0'};

        ck_assert_str_eq(patterns->include, wanted);
        ck_assert((patterns->exclude != NULL) == (order[i] == CHOICE_NETDEV_DEVICE));
    }
    ck_assert_str_eq(config->select[CHOICE_NETDEV_DEVICE].exclude, "x");
    ck_assert_ptr_null(config->select[CHOICE_POWER_SUPPLY].include);
    ck_assert_str_eq(config->select[CHOICE_POWER_SUPPLY].exclude, "y");
    ck_assert_str_eq(config->textfiles, "/a");
    ck_assert_ptr_eq(config->roots.textfiles, config->textfiles);
}

START_TEST(each_choice_is_taken_and_printed)
{
    struct config config = expect_good(EACH_CHOICE), again;
    char *printed = config_show(&config);

    expect_each(&config);
    again = expect_good(printed);
    expect_each(&again);
    config_finish(&again);
    config_finish(&config);
    ck_assert_ptr_null(config.select[CHOICE_NETDEV_DEVICE].exclude);
    ck_assert_ptr_null(config.roots.textfiles);
    free(printed);
}
END_TEST

START_TEST(what_is_not_said_is_not_printed)
{
    struct config config = expect_good("{\"select\": {\"mounts\": {}}}");
    char *printed = config_show(&config);

    ck_assert_ptr_null(strstr(printed, "select"));
    ck_assert_ptr_null(strstr(printed, "\"textfile\":\t{"));
    config_finish(&config);
    free(printed);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
    expect_error("{\"select\": {\n  \"disk_devices\": {\"exclude\": \"a(\"}}}",
                 "x.json:2:20: select.disk_devices.exclude: \"a(\": allowed: an object with "
                 "include, exclude or both, each a regular expression, such as {\"exclude\": "
                 "\"^veth\"}; at byte 2 of it: missing closing parenthesis");
    expect_error("{\"select\": {\"mounts\": {\"include\": 1}}}",
                 "x.json:1:24: select.mounts.include: 1: allowed: an object with include");
    expect_error("{\"select\": {\"mounts\": {\"includes\": \"a\"}}}",
                 "x.json:1:24: select.mounts.includes: there is no such key; allowed: exclude, "
                 "include");
    expect_error("{\"select\": {\"mounts\": {\"include\": \"a\", \"include\": \"b\"}}}",
                 "x.json:1:40: select.mounts.include: this key stands here twice");
    expect_error("{\"select\": {\"mounts\": \"a\"}}",
                 "x.json:1:13: select.mounts: \"a\": allowed: an object with include");
    expect_error("{\"select\": {\"mount\": {}}}",
                 "x.json:1:13: select.mount: there is no such key; allowed: arp_devices, "
                 "cpu_bugs, cpu_flags, disk_devices, filesystem_types, hwmon_chips, mounts, "
                 "network_class_devices, network_devices, power_supplies");
    expect_error("{\"select\": []}", "x.json:1:2: select: allowed: an object with arp_devices");
    expect_error("{\"textfile\": {\"directory\": \"\"}}",
                 "x.json:1:15: textfile.directory: \"\": allowed: the path of a directory");
}
END_TEST

START_TEST(both_take_a_restart)
{
    struct config one = expect_good("{\"listen\": [\"unix:/x\"]}"),
                  other = expect_good(EACH_CHOICE);
    char changed[512];

    config_list_changed(&one, &other, changed, sizeof changed);
    ck_assert_str_eq(changed, "select.arp_devices, select.cpu_bugs, select.cpu_flags, "
                              "select.disk_devices, select.filesystem_types, "
                              "select.hwmon_chips, select.mounts, "
                              "select.network_class_devices, select.network_devices, "
                              "select.power_supplies, textfile.directory");
    config_finish(&one);
    one = expect_good(EACH_CHOICE);
    config_list_changed(&one, &other, changed, sizeof changed);
    ck_assert_str_eq(changed, "");
    config_finish(&one);
    config_finish(&other);
}
END_TEST

/* Those that are off by default too. */
START_TEST(each_collector_is_switched_on_and_off)
{
    char text[4096];

    for (int on = 0; on < 2; on++) {
        struct config config;
        size_t used = (size_t)snprintf(text, sizeof text, "{\"collectors\": {");

        for (size_t i = 0; i < collector_registry_count; i++)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\": %s", i > 0 ? ", " : "",
                                 collector_registry[i]->name, on ? "true" : "false");
        snprintf(text + used, sizeof text - used, "}}");
        config = expect_good(text);
        for (size_t i = 0; i < collector_registry_count; i++)
            ck_assert(config.collectors[i].off == !on);
        config_finish(&config);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("config_select", each_choice_is_taken_and_printed,
                     what_is_not_said_is_not_printed, what_is_wrong_is_named, both_take_a_restart,
                     each_collector_is_switched_on_and_off);
}

/* What the configuration says of StatsD. */
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
    *config = (struct config){.interval_ms = 1000, .statsd_max_series = CONFIG_STATSD_SERIES};
    error[0] = '\0';
    result = config_file_parse("x.json", copy, strlen(text), config, error);
    free(copy);
    return result;
}

static void expect_error(const char *text, const char *wanted)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, &config, error) == -EINVAL, "%s", text);
    ck_assert_msg(strstr(error, wanted) == error, "%s:\n%s", text, error);
    config_finish(&config);
}

START_TEST(both_keys)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];

    ck_assert_int_eq(read_text("{\"statsd\": {\"listen\": [\"udp:[::1]:8125\", \"unix:/run/y\"], "
                               "\"max_series\": 6000}}",
                               &config, error),
                     0);
    ck_assert_uint_eq(config.statsd_listen_count, 2);
    ck_assert_str_eq(config.statsd_listen[0], "udp:[::1]:8125");
    ck_assert_str_eq(config.statsd_listen[1], "unix:/run/y");
    ck_assert_uint_eq(config.statsd_max_series, 6000);
    config_finish(&config);
    ck_assert_uint_eq(config.statsd_listen_count, 0);
    ck_assert_int_eq(read_text("{\"statsd\": {\"listen\": []}}", &config, error), 0);
    ck_assert_uint_eq(config.statsd_listen_count, 0);
    ck_assert_uint_eq(config.statsd_max_series, CONFIG_STATSD_SERIES);
    config_finish(&config);
}
END_TEST

START_TEST(wrong_values_are_refused_with_what_is_allowed)
{
    static const char *const addresses[] = {"127.0.0.1:8125", "udp:localhost:8125",
                                            "unix:", "tcp:127.0.0.1:1", "udp:127.0.0.1:65536"};
    char text[256], wanted[256];

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        snprintf(text, sizeof text, "{\"statsd\": {\"listen\": [\"%s\"]}}", addresses[i]);
        snprintf(
            wanted, sizeof wanted,
            "x.json:1:24: statsd.listen[0]: \"%s\": allowed: a list of up to 8 of udp:ADDR:PORT",
            addresses[i]);
        expect_error(text, wanted);
    }
    expect_error("{\"statsd\": {\"listen\": \"udp:127.0.0.1:1\"}}", "x.json:1:13: statsd.listen: ");
    expect_error("{\"statsd\": {\"max_series\": 0}}", "x.json:1:13: statsd.max_series: 0: ");
    expect_error("{\"statsd\": {\"max_series\": 6001}}",
                 "x.json:1:13: statsd.max_series: 6001: allowed: a whole number from 1 to 6000");
    expect_error("{\"statsd\": {\"port\": 1}}",
                 "x.json:1:13: statsd.port: there is no such key; allowed: listen, max_series");
    expect_error("{\"statsd\": []}", "x.json:1:2: statsd: allowed: an object with listen, max_");
}
END_TEST

START_TEST(more_addresses_than_there_may_be)
{
    char text[512] = "{\"statsd\": {\"listen\": [\"unix:/0\"";
    struct config config;
    char error[CONFIG_ERROR_BYTES];

    for (int i = 1; i < CONFIG_STATSD_LISTEN_MAX; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), ", \"unix:/%d\"", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), ", \"unix:/x\"]}}");
    ck_assert_int_eq(read_text(text, &config, error), -EINVAL);
    ck_assert_ptr_nonnull(
        strstr(error, "statsd.listen[8]: \"unix:/x\": allowed: a list of up to 8"));
    config_finish(&config);
}
END_TEST

START_TEST(both_take_a_restart)
{
    struct config one, other;
    char error[CONFIG_ERROR_BYTES], changed[128];

    ck_assert_int_eq(read_text("{}", &one, error), 0);
    ck_assert_int_eq(
        read_text("{\"statsd\": {\"listen\": [\"unix:/x\"], \"max_series\": 7}}", &other, error),
        0);
    config_list_changed(&one, &other, changed, sizeof changed);
    ck_assert_str_eq(changed, "statsd.listen, statsd.max_series");
    config_finish(&one);
    config_finish(&other);
}
END_TEST

int main(void)
{
    return RUN_TESTS("config_statsd", both_keys, wrong_values_are_refused_with_what_is_allowed,
                     more_addresses_than_there_may_be, both_take_a_restart);
}

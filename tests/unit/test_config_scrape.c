#include "daemon/config_scrape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_file.h"
#include "daemon/config_show.h"
#include "tests/unit/support.h"

/* As the start of the daemon reads a file of this text, at an interval of 500 ms. */
static int read_text(const char *text, struct config *config, char error[CONFIG_ERROR_BYTES])
{
    size_t length = strlen(text);
    char *copy = malloc(length);
    int result;

    *config = (struct config){.interval_ms = 500,
                              .http_threads = 1,
                              .max_connections_per_address = 1,
                              .statsd_max_series = 1,
                              .file = "x.json"};
    memcpy(copy, text, length);
    error[0] = '\0';
    result = config_file_parse("x.json", copy, length, config, error);
    free(copy);
    return result < 0 ? result : config_scrape_complete(config, error);
}

static void expect_good(const char *text, struct config *config)
{
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, config, error) == 0, "%s: %s", text, error);
}

static void expect_error(const char *text, const char *wanted)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, &config, error) == -EINVAL, "%s", text);
    ck_assert_msg(strncmp(error, wanted, strlen(wanted)) == 0, "%s:\n%s", text, error);
    config_finish(&config);
}

START_TEST(each_key_is_taken)
{
    struct config config;
    const struct scrape_config *target;

    expect_good("{\"scrape\": [{\"url\": \"https://App.example/x?a=b\", \"job\": \"app\",\n"
                "\"interval\": \"15s\", \"timeout\": \"1s\", \"labels\": {\"env\": \"test\", "
                "\"_zone2\": \"\xc3\xa4\"}, \"token_file\": \"/run/token\", \"max_bytes\": 1024, "
                "\"max_series\": 6000},\n {\"unix\": \"/run/app/x.sock\", \"path\": \"/m?x=1\"}]}",
                &config);
    ck_assert_uint_eq(config.scrape_count, 2);
    target = &config.scrape[0];
    ck_assert_str_eq(target->url, "https://App.example/x?a=b");
    ck_assert_str_eq(target->host, "App.example");
    ck_assert_uint_eq(target->port, 443);
    ck_assert(!target->numeric);
    ck_assert_str_eq(target->job, "app");
    ck_assert_str_eq(target->instance, "App.example:443");
    ck_assert_str_eq(target->token_file, "/run/token");
    ck_assert_int_eq(target->interval_ms, 15000);
    ck_assert_int_eq(target->timeout_ms, 1000);
    ck_assert_uint_eq(target->max_bytes, 1024);
    ck_assert_uint_eq(target->max_series, 6000);
    ck_assert_uint_eq(target->label_count, 2);
    ck_assert_str_eq(target->labels[1].key, "_zone2");
    ck_assert_str_eq(target->labels[1].value, "\xc3\xa4");
    target = &config.scrape[1];
    ck_assert_ptr_null(target->url);
    ck_assert_str_eq(target->unix_path, "/run/app/x.sock");
    ck_assert_str_eq(target->path, "/m?x=1");
    ck_assert_str_eq(target->job, "x.sock");
    ck_assert_str_eq(target->instance, "/run/app/x.sock");
    ck_assert_uint_eq(target->place.line, 3);
    ck_assert_uint_eq(target->place.column, 2);
    config_finish(&config);
    ck_assert_uint_eq(config.scrape_count, 0);
}
END_TEST

START_TEST(the_rest_has_defaults)
{
    struct config config;
    const struct scrape_config *target;

    expect_good("{\"scrape\": [{\"url\": \"http://[::1]:9100\"}, "
                "{\"url\": \"http://10.0.0.1\", \"interval\": \"1m\"}, {\"unix\": \"/a\"}]}",
                &config);
    target = &config.scrape[0];
    ck_assert_str_eq(target->url, "http://[::1]:9100/metrics");
    ck_assert_str_eq(target->instance, "[::1]:9100");
    ck_assert_str_eq(target->host, "::1");
    ck_assert_str_eq(target->job, "::1");
    ck_assert(target->numeric);
    ck_assert_int_eq(target->interval_ms, 1000);
    ck_assert_int_eq(target->timeout_ms, 1000);
    ck_assert_uint_eq(target->max_bytes, 16 << 20);
    ck_assert_uint_eq(target->max_series, 2000);
    ck_assert_str_eq(config.scrape[1].instance, "10.0.0.1:80");
    ck_assert_int_eq(config.scrape[1].timeout_ms, 10000);
    ck_assert_str_eq(config.scrape[2].path, "/metrics");
    config_finish(&config);
    expect_good("{}", &config);
    ck_assert_uint_eq(config.scrape_count, 0);
    config_finish(&config);
}
END_TEST

#define TARGET "{\"scrape\": [{\"url\": \"http://a/\"}, {"

START_TEST(wrong_values_are_refused_with_what_is_allowed)
{
    static const char *const cases[][2] = {
        {"{\"scrape\": {}}", "x.json:1:2: scrape: {}: allowed: a list of up to 64 objects"},
        {"{\"scrape\": [\"http://a\"]}", "x.json:1:13: scrape[0]: \"http://a\": allowed: a list"},
        {"{\"scrape\": [{}]}", "x.json:1:13: scrape[0]: allowed: an object with either url or "},
        {TARGET "\"url\": \"http://b/\", \"unix\": \"/b\"}]}",
         "x.json:1:35: scrape[1]: allowed: an object with either url or unix"},
        {TARGET "\"url\": \"http://b/\", \"path\": \"/b\"}]}",
         "x.json:1:35: scrape[1]: allowed: an object with path only where"},
        {TARGET "\n\"timeout\": 5}]}", "x.json:2:1: scrape[1].timeout: 5: allowed: a duration"},
        {TARGET "\"timeout\": \"9ms\"}]}", "x.json:1:36: scrape[1].timeout: \"9ms\": allowed: "},
        {TARGET "\"interval\": \"7s\"}]}", "x.json:1:36: scrape[1].interval: \"7s\": allowed: "},
        {TARGET "\"interval\": \"2h\"}]}", "x.json:1:36: scrape[1].interval: \"2h\": allowed: "},
        {TARGET "\"max_bytes\": 1023}]}", "x.json:1:36: scrape[1].max_bytes: 1023: allowed: "},
        {TARGET "\"max_series\": 0}]}", "x.json:1:36: scrape[1].max_series: 0: allowed: "},
        {TARGET "\"max_series\": 6001}]}", "x.json:1:36: scrape[1].max_series: 6001: allowed: "},
        {TARGET "\"job\": \"\"}]}", "x.json:1:36: scrape[1].job: \"\": allowed: "},
        {TARGET "\"unix\": \"a\"}]}", "x.json:1:36: scrape[1].unix: \"a\": allowed: "},
        {TARGET "\"unix\": \"/a/\"}]}", "x.json:1:36: scrape[1].unix: \"/a/\": allowed: "},
        {TARGET "\"token_file\": \"a\"}]}", "x.json:1:36: scrape[1].token_file: \"a\": allowed: "},
        {TARGET "\"path\": \"metrics\"}]}", "x.json:1:36: scrape[1].path: \"metrics\": allowed: "},
        {TARGET "\"path\": \"/m m\"}]}", "x.json:1:36: scrape[1].path: \"/m m\": allowed: "},
        {TARGET "\"path\": \"/m#m\"}]}", "x.json:1:36: scrape[1].path: \"/m#m\": allowed: "},
        {TARGET "\"path\": \"/\x7f\"}]}", "x.json:1:36: scrape[1].path: \"/?\": allowed: "},
        {TARGET "\"labels\": []}]}", "x.json:1:36: scrape[1].labels: []: allowed: an object of "},
        {TARGET "\"labels\": {\"a\": \"b\",\n\"c\": 1}}]}",
         "x.json:2:1: scrape[1].labels.c: 1: allowed: an object of up to 16 labels"},
        {TARGET "\"nope\": 1}]}", "x.json:1:36: scrape[1].nope: there is no such key; allowed: "
                                  "interval, job, labels, max_bytes, max_series, path, timeout, "
                                  "token_file, unix, url"},
        {TARGET "\"job\": \"a\", \"job\": \"a\"}]}",
         "x.json:1:48: scrape[1].job: this key stands here twice"},
        {TARGET "\"labels\": {\"a\": \"b\", \"a\": \"b\"}}]}",
         "x.json:1:57: scrape[1].labels.a: this key stands here twice"},
        {"{\"scrape\": [], \"scrape\": []}", "x.json:1:16: scrape: this key stands here twice"},
        {TARGET "\"url\": \"http://b/\", \"timeout\": \"2s\"}]}",
         "x.json:1:56: scrape[1].timeout: \"2s\": allowed: a duration from 10ms to the interval, "
         "which is 1s by default: say a longer interval too"},
        {TARGET "\"url\": \"http://b/\",\n\"timeout\": \"10s\", \"interval\": \"1500ms\"}]}",
         "x.json:2:1: scrape[1].timeout: \"10s\": allowed: a duration from 10ms to the interval, "
         "which is 1500ms"},
        {TARGET "\"url\": \"http://a:80/other\"}]}",
         "x.json:1:35: scrape[1]: allowed: another job, instance or labels than scrape[0] has"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i][0], cases[i][1]);
}
END_TEST

START_TEST(wrong_urls_and_labels_are_refused)
{
    static const char *const urls[] = {"a",
                                       "/metrics",
                                       "127.0.0.1:9100",
                                       "ftp://a/",
                                       "file:///etc/passwd",
                                       "http://",
                                       "http://a/#b",
                                       "http://a:0x/",
                                       "http://a:0/",
                                       "http://a:65536/",
                                       "http://a b/",
                                       "http://a/ b",
                                       "http://[::1/",
                                       "http://[fe80::1%25eth0]/",
                                       ""};
    static const char *const names[] = {"job", "instance", "__a", "",
                                        "0a",  "a-b",      "a.b", "\xc3\xa4"};
    char text[256], wanted[64];

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        snprintf(text, sizeof text, "{\"scrape\": [{\"url\": \"%s\"}]}", urls[i]);
        snprintf(wanted, sizeof wanted, "x.json:1:14: scrape[0].url: \"%s\": allowed: ", urls[i]);
        expect_error(text, wanted);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(text, sizeof text, "{\"scrape\": [{\"labels\": {\"%s\": \"x\"}}]}", names[i]);
        snprintf(wanted, sizeof wanted, "x.json:1:25: scrape[0].labels.%s: \"x\": ", names[i]);
        expect_error(text, wanted);
    }
}
END_TEST

/* Errors are logged, and so hold no password; whatever else is wrong, or where it stands. */
START_TEST(secrets_are_not_repeated)
{
    static const char *const values[] = {
        "\"http://u:secret@a/\"",       "\"http://secret@a/\"",
        "\"http:\\/\\/u:secret@a\\/\"", "\"http://u:secret\\u0040a/\"",
        "\"ftp://u:secret@a:99999/\"",  "\"http://u:sec/secret#@a/\"",
        "[\"http://u:secret@a/\"]",     "\"http://u:secret%zz@[::1/\"",
    };
    static const char *const places[][2] = {
        {"{\"scrape\": [{\"url\": ", "}]}"}, {"{\"scrape\": [", "]}"}, {"{\"scrape\": ", "}"}};
    char text[256], error[CONFIG_ERROR_BYTES];
    struct config config;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            snprintf(text, sizeof text, "%s%s%s", places[j][0], values[i], places[j][1]);
            ck_assert_int_eq(read_text(text, &config, error), -EINVAL);
            ck_assert_msg(!strstr(error, "secret"), "%s", error);
            ck_assert_msg(strstr(error, ": a URL with a user or password, not repeated here: "
                                        "allowed: ") != NULL,
                          "%s: %s", text, error);
            config_finish(&config);
        }
    }
    expect_error("{\"scrape\": [{\"unix\": \"a@b\"}]}", "x.json:1:14: scrape[0].unix: \"a@b\": ");
}
END_TEST

START_TEST(lists_are_bounded)
{
    char text[8192] = "{\"scrape\": [", item[64];
    struct config config;

    for (int i = 0; i < SCRAPE_TARGETS_MAX; i++) {
        snprintf(item, sizeof item, "%s{\"url\": \"http://a:%d\"}", i > 0 ? "," : "", i + 1);
        memcpy(text + strlen(text), item, strlen(item) + 1);
    }
    memcpy(text + strlen(text), "]}", 3);
    expect_good(text, &config);
    ck_assert_uint_eq(config.scrape_count, SCRAPE_TARGETS_MAX);
    config_finish(&config);
    memcpy(text + strlen(text) - 2, ",\n{\"unix\": \"/a\"}]}", 19);
    expect_error(text, "x.json:2:1: scrape[64]: {\"unix\": \"/a\"}: allowed: a list of up to 64");

    snprintf(text, sizeof text, "%s", "{\"scrape\": [{\"labels\": {");
    for (int i = 0; i <= SCRAPE_LABELS_MAX; i++) {
        snprintf(item, sizeof item, "%s\n\"l%d\": \"x\"", i > 0 ? "," : "", i);
        memcpy(text + strlen(text), item, strlen(item) + 1);
    }
    memcpy(text + strlen(text), "}}]}", 5);
    expect_error(text, "x.json:18:1: scrape[0].labels.l16: \"x\": allowed: an object of up to 16");
}
END_TEST

START_TEST(what_is_printed_reads_back)
{
    struct config config, again;
    char *printed, *second;

    expect_good("{\"listen\": [\"[::1]:0\"], \"scrape\": [{\"url\": \"http://a\", \"labels\": "
                "{\"b\": \"c\"}, "
                "\"token_file\": \"/t\", \"timeout\": \"50ms\"}, {\"unix\": \"/a\"}]}",
                &config);
    printed = config_show(&config);
    expect_good(printed, &again);
    second = config_show(&again);
    ck_assert_str_eq(second, printed);
    ck_assert_uint_eq(again.scrape_count, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert(scrape_config_equals(&again.scrape[i], &config.scrape[i]));
    ck_assert(!scrape_config_equals(&again.scrape[0], &config.scrape[1]));
    again.scrape[0].timeout_ms++;
    ck_assert(!scrape_config_equals(&again.scrape[0], &config.scrape[0]));
    ck_assert(scrape_config_collides(&again.scrape[0], &config.scrape[0]));
    config_finish(&config);
    config_finish(&again);
    free(printed);
    free(second);
}
END_TEST

START_TEST(keys_are_sorted)
{
    const struct config_key_table *table = &config_scrape_keys;

    for (size_t i = 1; i < table->count; i++)
        ck_assert_int_lt(strcmp(table->keys[i - 1].path, table->keys[i].path), 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("config_scrape", each_key_is_taken, the_rest_has_defaults,
                     wrong_values_are_refused_with_what_is_allowed,
                     wrong_urls_and_labels_are_refused, secrets_are_not_repeated, lists_are_bounded,
                     what_is_printed_reads_back, keys_are_sorted);
}

#include "daemon/config_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config_key.h"
#include "daemon/config_show.h"
#include "tests/unit/support.h"

static struct config empty(void)
{
    return (struct config){.interval_ms = 1000,
                           .log_level = LOG_LEVEL_INFO,
                           .http_threads = 1,
                           .max_connections_per_address = 256,
                           .statsd_max_series = 2000};
}

/* Reads a text as x.json over a configuration; the error is empty where there is none. */
static int read_text(const char *text, struct config *config, char error[CONFIG_ERROR_BYTES])
{
    size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1); /* no terminator: it is not to be relied on */
    int result;

    memcpy(copy, text, length);
    error[0] = '\0';
    result = config_file_parse("x.json", copy, length, config, error);
    free(copy);
    return result;
}

static void expect_good(const char *text, struct config *config)
{
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, config, error) == 0, "%s", error);
    ck_assert_str_eq(error, "");
}

static void expect_error(const char *text, const char *wanted)
{
    struct config config = empty();
    char error[CONFIG_ERROR_BYTES];

    ck_assert_msg(read_text(text, &config, error) == -EINVAL, "%s", text);
    ck_assert_msg(strncmp(error, wanted, strlen(wanted)) == 0, "%s:\n%s", text, error);
    config_finish(&config);
}

START_TEST(each_key_is_taken)
{
    struct config config = empty();

    expect_good(
        "// all there is\n"
        "{\"listen\": [\"0.0.0.0:80\", \"[::1]:0\", \"unix:/run/x\"], \"interval\": \"500ms\",\n"
        " \"log_level\": \"debug\", /* open */ \"auth\": \"none\",\n"
        " \"http\": {\"max_connections\": 100, \"threads\": 8, "
        "\"max_connections_per_address\": 9, \"hosts\": [\"a\", \"b.example.\"]},\n"
        " \"collectors\": {\"netclass\": false, \"cpu\": true}}",
        &config);
    ck_assert_uint_eq(config.listen_count, 3);
    ck_assert_str_eq(config.listen[0], "0.0.0.0:80");
    ck_assert_str_eq(config.listen[2], "unix:/run/x");
    ck_assert_int_eq(config.interval_ms, 500);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_DEBUG);
    ck_assert(config.auth_none);
    ck_assert_uint_eq(config.max_connections, 100);
    ck_assert_uint_eq(config.max_connections_per_address, 9);
    ck_assert_uint_eq(config.http_threads, 8);
    ck_assert_uint_eq(config.host_count, 2);
    ck_assert_str_eq(config.hosts[1], "b.example.");
    for (size_t i = 0; i < collector_registry_count; i++)
        ck_assert(config.collectors[i].off ==
                  (strcmp(collector_registry[i]->name, "netclass") == 0));
    config_finish(&config);
    ck_assert_uint_eq(config.listen_count, 0);
}
END_TEST

START_TEST(what_is_not_said_stays)
{
    static const char *const texts[] = {"",         " \n", "// nothing\n",
                                        "/* {} */", "{}",  "{\"http\":{}}"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config config = empty();

        config.interval_ms = 7;
        config.max_connections = 9;
        expect_good(texts[i], &config);
        ck_assert_int_eq(config.interval_ms, 7);
        ck_assert_uint_eq(config.max_connections, 9);
        ck_assert(!config.auth_none);
        ck_assert_uint_eq(config.listen_count, 0);
    }
}
END_TEST

START_TEST(wrong_values_are_refused_with_what_is_allowed)
{
    static const char *const cases[][2] = {
        {"{\n    \"interval\": \"5x\"}",
         "x.json:2:5: interval: \"5x\": allowed: a duration from 100ms"},
        {"{\"interval\": 5}", "x.json:1:2: interval: 5: allowed: a duration"},
        {"{\"interval\": [\"1s\"]}", "x.json:1:2: interval: [\"1s\"]: allowed: a duration"},
        {"{\"interval\": null}", "x.json:1:2: interval: null: allowed: a duration"},
        {"{\"log_level\": \"loud\"}", "x.json:1:2: log_level: \"loud\": allowed: \"error\", "},
        {"{\"auth\": \"password\"}", "x.json:1:2: auth: \"password\": allowed: \"none\""},
        {"{\"auth\": false}", "x.json:1:2: auth: false: allowed: \"none\""},
        {"{\"listen\": \"127.0.0.1:0\"}",
         "x.json:1:2: listen: \"127.0.0.1:0\": allowed: a list of 1 to 16"},
        {"{\"listen\": []}", "x.json:1:2: listen: []: allowed: a list of 1 to 16"},
        {"{\"listen\": [\"127.0.0.1:0\",\n\"localhost:0\"]}",
         "x.json:2:1: listen[1]: \"localhost:0\": allowed: "},
        {"{\"listen\": [\"127.0.0.1:0\", 80]}", "x.json:1:28: listen[1]: 80: allowed: "},
        {"{\"listen\": [\"unix:\"]}", "x.json:1:13: listen[0]: \"unix:\": allowed: "},
        {"{\"http\": {\"hosts\": [\"a:80\"]}}",
         "x.json:1:21: http.hosts[0]: \"a:80\": allowed: a list of"},
        {"{\"http\": {\"hosts\": {\"a\": 1}}}",
         "x.json:1:11: http.hosts: {\"a\": 1}: allowed: a list"},
        {"{\"http\": {\"max_connections\": 0}}",
         "x.json:1:11: http.max_connections: 0: allowed: a whole number from 1 to 16384"},
        {"{\"http\": {\"max_connections\": 16385}}", "x.json:1:11: http.max_connections: 16385: "},
        {"{\"http\": {\"max_connections\": -1}}", "x.json:1:11: http.max_connections: -1: "},
        {"{\"http\": {\"max_connections\": 1.5}}", "x.json:1:11: http.max_connections: 1.5: "},
        {"{\"http\": {\"max_connections\": 1e999}}", "x.json:1:11: http.max_connections: 1e999: "},
        {"{\"http\": {\"max_connections\": \"9\"}}", "x.json:1:11: http.max_connections: \"9\": "},
        {"{\"http\": {\"max_connections_per_address\": 0}}",
         "x.json:1:11: http.max_connections_per_address: 0: allowed: a whole number from 1 to "
         "16384"},
        {"{\"http\": {\"max_connections_per_address\": 16385}}",
         "x.json:1:11: http.max_connections_per_address: 16385: "},
        {"{\"http\": {\"threads\": 0}}",
         "x.json:1:11: http.threads: 0: allowed: a whole number from 1 to 8"},
        {"{\"http\": {\"threads\": 9}}", "x.json:1:11: http.threads: 9: "},
        {"{\"http\": {\"threads\": 1.5}}", "x.json:1:11: http.threads: 1.5: "},
        {"{\"http\": {\"threads\": \"2\"}}", "x.json:1:11: http.threads: \"2\": "},
        {"{\"http\": []}", "x.json:1:2: http: allowed: an object with hosts, max_connections"},
        {"{\"collectors\": [\"cpu\"]}",
         "x.json:1:2: collectors: [\"cpu\"]: allowed: an object with true or false for "},
        {"{\"collectors\": true}", "x.json:1:2: collectors: true: allowed: an object with true"},
        {"{\"collectors\": {\"cpu\": true,\n \"disk\": \"no\"}}",
         "x.json:2:2: collectors.disk: \"no\": allowed: an object with true or false for "},
        {"{\"collectors\": {\"cpu\": null}}", "x.json:1:17: collectors.cpu: null: allowed: "},
        {"{\"collectors\": {\"cpu\": 0}}", "x.json:1:17: collectors.cpu: 0: allowed: "},
        {"{\"collectors\": {\"cpu\": {}}}", "x.json:1:17: collectors.cpu: {}: allowed: "},
        {"{\"interval\": \"0123456789012345678901234567890123456789012345678901234567890\"}",
         "x.json:1:2: interval: "
         "\"01234567890123456789012345678901234567890123456789012345678...: "},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i][0], cases[i][1]);
}
END_TEST

START_TEST(unknown_keys_and_those_twice_are_refused)
{
    static const char all[] =
        "there is no such key; allowed: auth, collectors, history, http, interval, "
        "listen, log_level, processes, scrape, select, statsd, textfile";
    static const char *const cases[][2] = {
        {"{\"http.hosts\": []}", "x.json:1:2: http.hosts: there is no such key; allowed: auth, "},
        {"{\"Interval\": \"1s\"}", "x.json:1:2: Interval: there is no such key"},
        {"{\"inter\": \"1s\"}", "x.json:1:2: inter: there is no such key"},
        {"{\"\": 1}", "x.json:1:2: : there is no such key"},
        {"{\"http\": {\"interval\": \"1s\"}}",
         "x.json:1:11: http.interval: there is no such key; allowed: hosts, max_connections"},
        {"{\"interval\": \"1s\",\n \"interval\": \"1s\"}",
         "x.json:2:2: interval: this key stands here twice"},
        {"{\"interval\": \"1s\", \"\\u0069nterval\": \"1s\"}",
         "x.json:1:20: interval: this key stands here twice"},
        {"{\"http\": {\"hosts\": [], \"hosts\": []}}",
         "x.json:1:24: http.hosts: this key stands here"},
        {"{\"http\": {}, \"http\": {}}", "x.json:1:14: http: this key stands here twice"},
        {"{\"collectors\": {\"cpu\": true,\n\"cpu\": true}}",
         "x.json:2:1: collectors.cpu: this key stands here twice"},
        {"{\"collectors\": {\"CPU\": true}}",
         "x.json:1:17: collectors.CPU: there is no such key; allowed: "},
        {"{\"collectors\": {\"cpu.\": true}}", "x.json:1:17: collectors.cpu.: there is no such"},
        {"{\"collectors\": {\"\": true}}", "x.json:1:17: collectors.: there is no such key"},
        {"{\"collectors.cpu\": true}", "x.json:1:2: collectors.cpu: there is no such key; "},
    };
    struct config config = empty();
    char error[CONFIG_ERROR_BYTES];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i][0], cases[i][1]);
    ck_assert_int_eq(read_text("{\"horses\": {}}", &config, error), -EINVAL);
    ck_assert_str_eq(strstr(error, "there is"), all);
    /* All that there are, and whole. */
    ck_assert_int_eq(read_text("{\"collectors\": {\"x\": true}}", &config, error), -EINVAL);
    for (size_t i = 0; i < collector_registry_count; i++)
        ck_assert_ptr_nonnull(strstr(error, collector_registry[i]->name));
    ck_assert_str_eq(strrchr(error, ' ') + 1,
                     collector_registry[collector_registry_count - 1]->name);
}
END_TEST

START_TEST(what_is_no_json_is_refused_with_its_place)
{
    expect_error("[]", "x.json:1:1: allowed: an object");
    expect_error(" 1", "x.json:1:2: allowed: an object");
    expect_error("{\n  \"interval\": \"1s\"\n  \"auth\": \"none\"\n}",
                 "x.json:3:3: expected a comma or }");
    expect_error("{\"interval\": \"1s\",}", "x.json:1:19: expected a key in double quotes");
    expect_error("{}\n/* ", "x.json:2:1: this comment does not end");
    expect_error("{\"interval\": \"1s}\n", "x.json:1:14: this text has no closing quote");
    expect_error("{\"a\":[[[[[[[[[[[[[[[[[[", "x.json:1:21: nested too deeply");
}
END_TEST

START_TEST(lists_are_bounded)
{
    char text[8192] = "{\"listen\": [\"127.0.0.1:0\"";
    struct config config = empty();
    char error[CONFIG_ERROR_BYTES];

    for (int i = 1; i < LISTENING_MAX; i++)
        memcpy(text + strlen(text), ",\"127.0.0.1:0\"", 15);
    memcpy(text + strlen(text), "]}", 3);
    expect_good(text, &config);
    ck_assert_uint_eq(config.listen_count, LISTENING_MAX);
    config_finish(&config);
    memcpy(text + strlen(text) - 2, ",\"127.0.0.1:0\"]}", 17);
    ck_assert_int_eq(read_text(text, &config, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "listen[16]: \"127.0.0.1:0\": allowed: a list of 1 to 16"));
    config_finish(&config);
    snprintf(text, sizeof text, "%s", "{\"http\": {\"hosts\": [\"a\"");
    for (int i = 1; i <= CONFIG_HOSTS_MAX; i++)
        memcpy(text + strlen(text), ",\"a\"", 5);
    memcpy(text + strlen(text), "]}}", 4);
    ck_assert_int_eq(read_text(text, &config, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "http.hosts[64]: \"a\": allowed: a list of up to 64"));
    config_finish(&config);
}
END_TEST

START_TEST(files_are_read_and_bounded)
{
    struct config config = empty();
    char error[CONFIG_ERROR_BYTES], path[128];
    char *text = calloc(1, CONFIG_FILE_MAX_BYTES + 2);
    struct folder folder;

    folder_make(&folder);
    snprintf(path, sizeof path, "%s/x.json", folder.path);
    memset(text, ' ', CONFIG_FILE_MAX_BYTES);
    memcpy(text + CONFIG_FILE_MAX_BYTES - 19, "{\"interval\": \"2s\"}\n", 19);
    folder_write(&folder, "x.json", text);
    ck_assert_int_eq(config_file_read(path, &config, error), 0);
    ck_assert_int_eq(config.interval_ms, 2000);
    text[CONFIG_FILE_MAX_BYTES] = ' ';
    folder_write(&folder, "x.json", text);
    ck_assert_int_eq(config_file_read(path, &config, error), -EFBIG);
    ck_assert_ptr_nonnull(strstr(error, "x.json: it is larger than 1 MiB"));
    ck_assert_int_eq(config_file_read("/dev/zero", &config, error), -EFBIG);
    ck_assert_int_eq(config_file_read(folder.path, &config, error), -EISDIR);
    ck_assert_ptr_nonnull(strstr(error, "cannot read "));
    folder_unlink(&folder, "x.json");
    ck_assert_int_eq(config_file_read(path, &config, error), -ENOENT);
    folder_remove(&folder);
    free(text);
}
END_TEST

/* None of these is waited for. */
START_TEST(what_is_no_file_is_told)
{
    struct config config = empty();
    char error[CONFIG_ERROR_BYTES], path[128];
    struct folder folder;
    int ends[2];

    folder_make(&folder);
    snprintf(path, sizeof path, "%s/fifo", folder.path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(config_file_read(path, &config, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "/fifo: it is a pipe, not a file"));
    folder_unlink(&folder, "fifo");
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    ck_assert_int_eq(config_file_read(path, &config, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "it is a pipe"));
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(config_file_read("/dev/null", &config, error), 0);
    ck_assert_int_eq(config_file_read("/nothing\n\x1b[2J", &config, error), -ENOENT);
    ck_assert_str_eq(error, "cannot read /nothing??[2J: No such file or directory");
    folder_remove(&folder);
}
END_TEST

/* Whatever the file holds, and a character is shown whole or not at all. */
START_TEST(an_error_is_one_line)
{
    char text[400];

    expect_error("{\"listen\": {\n\"a\": 1,\r\n\t\"b\x7f\": 2}}",
                 "x.json:1:2: listen: {?\"a\": 1,???\"b?\": 2}: allowed: ");
    expect_error("{\"a\\u001b\\nb\": 1}", "x.json:1:2: a??b: there is no such key");
    for (int before = 54; before <= 60; before++) {
        const char *shown = before + 4 <= 60 ? "😀" : "";
        char wanted[200], as[64];

        memset(as, 'a', sizeof as);
        snprintf(text, sizeof text, "{\"%.*s😀😀\": 1}", before, as);
        snprintf(wanted, sizeof wanted, "x.json:1:2: %.*s%s: there is", before, as, shown);
        expect_error(text, wanted);
        /* Of a value the quotation mark before it is shown too. */
        snprintf(text, sizeof text, "{\"interval\": \"%.*s😀😀\"}", before - 1, as);
        snprintf(wanted, sizeof wanted, "x.json:1:2: interval: \"%.*s%s...: allowed", before - 1,
                 as, shown);
        expect_error(text, wanted);
    }
}
END_TEST

START_TEST(a_long_name_leaves_room_for_the_error)
{
    char name[3000], text[] = "{\"nonsense\": 1}", error[CONFIG_ERROR_BYTES];
    struct config config = empty();

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(config_file_parse(name, text, strlen(text), &config, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, ":1:2: nonsense: there is no such key"));
}
END_TEST

START_TEST(what_is_printed_reads_back)
{
    static const char text[] =
        "{\"auth\": \"none\", \"collectors\": {\"cpu\": false}, \"http\": {\"hosts\": [\"a\"], "
        "\"max_connections\": 5, \"max_connections_per_address\": 6, \"threads\": 7}, "
        "\"interval\": \"100ms\", "
        "\"listen\": [\"unix:/run/\\\"\xff\\u00e4\"], \"log_level\": \"error\"}";
    struct config config = empty(), again = empty();
    char *printed, *second;

    expect_good(text, &config);
    printed = config_show(&config);
    ck_assert_ptr_nonnull(printed);
    expect_good(printed, &again);
    second = config_show(&again);
    ck_assert_str_eq(second, printed);
    ck_assert_str_eq(again.listen[0], "unix:/run/\"\xff\xc3\xa4");
    ck_assert_uint_eq(again.max_connections, 5);
    ck_assert_uint_eq(again.max_connections_per_address, 6);
    ck_assert_uint_eq(again.http_threads, 7);
    ck_assert(again.auth_none);
    for (size_t i = 0; i < collector_registry_count; i++)
        ck_assert(again.collectors[i].off == (strcmp(collector_registry[i]->name, "cpu") == 0));
    config_finish(&config);
    config_finish(&again);
    free(printed);
    free(second);
}
END_TEST

static void expect_changed(const char *text, const char *wanted)
{
    struct config started = empty(), config = empty();
    char changed[256];

    expect_good("{\"listen\": [\"127.0.0.1:1\"]}", &started);
    expect_good(text, &config);
    config_list_changed(&started, &config, changed, sizeof changed);
    ck_assert_str_eq(changed, wanted);
    config_list_changed(&config, &started, changed, sizeof changed);
    ck_assert_str_eq(changed, wanted);
    config_finish(&started);
    config_finish(&config);
}

START_TEST(what_only_a_start_puts_in_force_is_listed)
{
    expect_changed("{\"listen\": [\"127.0.0.1:1\"]}", "");
    expect_changed("{\"listen\": [\"127.0.0.1:2\"]}", "listen");
    expect_changed("{\"listen\": [\"127.0.0.1:1\", \"127.0.0.1:2\"]}", "listen");
    expect_changed("{\"listen\": [\"127.0.0.1:1\"], \"log_level\": \"debug\", "
                   "\"collectors\": {\"cpu\": false}, \"http\": {\"hosts\": [\"a\"]}}",
                   "");
    expect_changed("{\"http\": {\"max_connections_per_address\": 7, \"threads\": 2}}",
                   "http.max_connections_per_address, http.threads, listen");
    expect_changed("{\"http\": {\"max_connections_per_address\": 256, \"threads\": 1}, "
                   "\"listen\": [\"127.0.0.1:1\"]}",
                   "");
    expect_changed("{\"http\": {\"max_connections\": 7}, \"auth\": \"none\", "
                   "\"interval\": \"2s\"}",
                   "auth, http.max_connections, interval, listen");
}
END_TEST

START_TEST(keys_are_sorted)
{
    for (size_t i = 1; i < config_keys.count; i++)
        ck_assert_int_lt(strcmp(config_keys.keys[i - 1].path, config_keys.keys[i].path), 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "config_file", each_key_is_taken, what_is_not_said_stays,
        wrong_values_are_refused_with_what_is_allowed, unknown_keys_and_those_twice_are_refused,
        what_is_no_json_is_refused_with_its_place, lists_are_bounded, files_are_read_and_bounded,
        what_is_no_file_is_told, an_error_is_one_line, a_long_name_leaves_room_for_the_error,
        what_is_printed_reads_back, what_only_a_start_puts_in_force_is_listed, keys_are_sorted);
}

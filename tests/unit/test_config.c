#include "daemon/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/model.h"

#define ARGUMENTS_MAX 40

/* What config_parse() made of a command line. */
struct parsed {
    struct config config;
    enum config_result result;
    char *printed, *errors;
    char *argv[ARGUMENTS_MAX + 3]; /* what the configuration's strings belong to */
    char **order;                  /* the same, as getopt(3) has put them */
};

/*
 * Arguments behind the program's name; NULL ends them. A file among them is read in place of an
 * empty one, else this machine's own would be.
 */
static struct parsed parse(const char *const *arguments)
{
    struct parsed parsed = {.argv = {strdup("tachod"), strdup("-c/dev/null")}};
    struct capture printed, errors;
    int argc = 2;

    for (; arguments[argc - 2] != NULL; argc++) {
        ck_assert_int_lt(argc, ARGUMENTS_MAX + 2);
        parsed.argv[argc] = strdup(arguments[argc - 2]);
    }
    parsed.order = malloc(sizeof parsed.argv);
    memcpy(parsed.order, parsed.argv, sizeof parsed.argv);
    capture_begin(&printed, 1);
    capture_begin(&errors, 2);
    parsed.result = config_parse(argc, parsed.order, &parsed.config);
    parsed.errors = capture_end(&errors);
    parsed.printed = capture_end(&printed);
    return parsed;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void forget(struct parsed *parsed)
{
    config_finish(&parsed->config);
    free(parsed->printed);
    free(parsed->errors);
    free(parsed->order);
    for (size_t i = 0; parsed->argv[i] != NULL; i++)
        free(parsed->argv[i]);
}

START_TEST(without_options_there_are_defaults)
{
    struct parsed parsed = parse((const char *const[]){NULL});
    const struct config *config = &parsed.config;

    ck_assert_int_eq(parsed.result, CONFIG_RUN);
    ck_assert_uint_eq(config->listen_count, 2);
    ck_assert_str_eq(config->listen[0], "127.0.0.1:8224");
    ck_assert_str_eq(config->listen[1], "[::1]:8224");
    ck_assert(config->listen_default);
    ck_assert_int_eq(config->interval_ms, 1000);
    ck_assert_str_eq(config->roots.procfs, "/proc");
    ck_assert_str_eq(config->roots.sysfs, "/sys");
    ck_assert_str_eq(config->roots.rootfs, "/");
    ck_assert_ptr_null(config->static_dir);
    ck_assert_int_eq(config->log_level, LOG_LEVEL_INFO);
    ck_assert(!config->once);
    for (size_t i = 0; i < collector_registry_count; i++)
        ck_assert(config->collectors[i].off == collector_registry[i]->off_by_default);
    ck_assert_str_eq(parsed.printed, "");
    ck_assert_str_eq(parsed.errors, "");
    forget(&parsed);
}
END_TEST

START_TEST(each_option_is_taken)
{
    struct parsed parsed = PARSE("-l", "127.0.0.1:0", "--listen=unix:/run/x", "-i500ms", "--once",
                                 "--path.procfs", "/p", "--path.sysfs=/s", "--path.rootfs", "/r",
                                 "--static-dir", "static", "--log-level", "debug");
    const struct config *config = &parsed.config;

    ck_assert_int_eq(parsed.result, CONFIG_RUN);
    ck_assert_uint_eq(config->listen_count, 2);
    ck_assert_str_eq(config->listen[0], "127.0.0.1:0");
    ck_assert_str_eq(config->listen[1], "unix:/run/x");
    ck_assert(!config->listen_default);
    ck_assert_int_eq(config->interval_ms, 500);
    ck_assert(config->once);
    ck_assert_str_eq(config->roots.procfs, "/p");
    ck_assert_str_eq(config->roots.sysfs, "/s");
    ck_assert_str_eq(config->roots.rootfs, "/r");
    ck_assert_str_eq(config->static_dir, "static");
    ck_assert_int_eq(config->log_level, LOG_LEVEL_DEBUG);
    ck_assert_str_eq(parsed.errors, "");
    forget(&parsed);
}
END_TEST

START_TEST(the_last_of_an_option_wins)
{
    struct parsed parsed =
        PARSE("-i", "2s", "--interval", "5s", "--log-level=debug", "--log-level=error");

    ck_assert_int_eq(parsed.result, CONFIG_RUN);
    ck_assert_int_eq(parsed.config.interval_ms, 5000);
    ck_assert_int_eq(parsed.config.log_level, LOG_LEVEL_ERROR);
    forget(&parsed);
}
END_TEST

START_TEST(intervals)
{
    static const struct {
        const char *text;
        int64_t ms; /* 0: refused */
    } cases[] = {
        {"100ms", 100}, {"250ms", 250}, {"1s", 1000}, {"60s", 60000}, {"1m", 60000},
        {"99ms", 0},    {"0s", 0},      {"64s", 0},   {"80ms", 0},    {"2m", 0},
        {"1h", 0},      {"7s", 0}, /* a day has no whole number of these */
        {"333ms", 0},   {"1", 0},       {"", 0},      {"-1s", 0},     {"1.5s", 0},
        {"1s ", 0},     {"x", 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed parsed = PARSE("-i", cases[i].text);

        if (cases[i].ms != 0) {
            ck_assert_int_eq(parsed.result, CONFIG_RUN);
            ck_assert_int_eq(parsed.config.interval_ms, cases[i].ms);
        } else {
            ck_assert_msg(parsed.result == CONFIG_WRONG, "%s", cases[i].text);
            ck_assert_ptr_nonnull(strstr(parsed.errors, "--interval"));
            ck_assert_ptr_nonnull(strstr(parsed.errors, "100ms to 60s"));
        }
        forget(&parsed);
    }
}
END_TEST

START_TEST(addresses_are_bounded)
{
    const char *arguments[2 * (LISTENING_MAX + 1) + 1];
    struct parsed parsed;

    for (size_t i = 0; i <= LISTENING_MAX; i++) {
        arguments[2 * i] = "-l";
        arguments[2 * i + 1] = "127.0.0.1:0";
    }
    arguments[2 * LISTENING_MAX] = NULL;
    parsed = parse(arguments);
    ck_assert_int_eq(parsed.result, CONFIG_RUN);
    ck_assert_uint_eq(parsed.config.listen_count, LISTENING_MAX);
    forget(&parsed);
    arguments[2 * LISTENING_MAX] = "-l";
    arguments[2 * LISTENING_MAX + 2] = NULL;
    parsed = parse(arguments);
    ck_assert_int_eq(parsed.result, CONFIG_WRONG);
    ck_assert_ptr_nonnull(strstr(parsed.errors, "at most 16 addresses"));
    forget(&parsed);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
    static const struct {
        const char *arguments[3];
        const char *part;
    } cases[] = {
        {{"--nonsense", NULL, NULL}, "nonsense"},
        {{"-x", NULL, NULL}, "x"},
        {{"--interval", NULL, NULL}, "interval"},
        {{"--once=yes", NULL, NULL}, "once"},
        {{"--log-level", "loud", NULL}, "\"loud\": allowed: error, warning, info, debug"},
        {{"--log-level", "", NULL}, "error, warning, info, debug"},
        {{"extra", NULL, NULL}, "unexpected argument \"extra\""},
        {{"--", "-x", NULL}, "unexpected argument \"-x\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed parsed = parse(cases[i].arguments);

        ck_assert_int_eq(parsed.result, CONFIG_WRONG);
        ck_assert_msg(strstr(parsed.errors, cases[i].part) != NULL, "%s", parsed.errors);
        ck_assert_ptr_nonnull(strstr(parsed.errors, "try tachod --help\n"));
        ck_assert_str_eq(parsed.printed, "");
        forget(&parsed);
    }
}
END_TEST

START_TEST(help_and_version_are_printed)
{
    static const char *const options[] = {
        "--config",       "--listen",      "--interval",   "--once",        "--check-config",
        "--print-config", "--path.procfs", "--path.sysfs", "--path.rootfs", "--static-dir",
        "--log-level",    "--version",     "--help"};
    struct parsed parsed = PARSE("--help");

    ck_assert_int_eq(parsed.result, CONFIG_DONE);
    ck_assert_str_eq(parsed.errors, "");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        ck_assert_msg(strstr(parsed.printed, options[i]) != NULL, "%s", options[i]);
    forget(&parsed);
    parsed = PARSE("-V", "--nonsense");
    ck_assert_int_eq(parsed.result, CONFIG_DONE);
    ck_assert_str_eq(parsed.printed, "tachod " TACHO_VERSION "\n");
    forget(&parsed);
}
END_TEST

/* --- with a file --- */

/* A folder with the file x.json of this text, whose path it gives. */
static const char *write_file(struct folder *folder, const char *text)
{
    static char path[128];

    folder_make(folder);
    folder_write(folder, "x.json", text);
    snprintf(path, sizeof path, "%s/x.json", folder->path);
    return path;
}

static const char whole_file[] = "{\"listen\": [\"127.0.0.1:1\", \"127.0.0.1:2\"], "
                                 "\"interval\": \"2s\", \"log_level\": \"debug\"}";

START_TEST(the_command_line_wins_over_the_file)
{
    struct folder folder;
    const char *path = write_file(&folder, whole_file);
    struct parsed parsed = PARSE("-c", path);

    ck_assert_int_eq(parsed.result, CONFIG_RUN);
    ck_assert_uint_eq(parsed.config.listen_count, 2);
    ck_assert_str_eq(parsed.config.listen[1], "127.0.0.1:2");
    ck_assert(!parsed.config.listen_default);
    ck_assert_int_eq(parsed.config.interval_ms, 2000);
    ck_assert_int_eq(parsed.config.log_level, LOG_LEVEL_DEBUG);
    forget(&parsed);
    /* Wherever -c stands. */
    parsed = PARSE("-l", "unix:/run/x", "-i", "5s", "-c", path, "--log-level", "error");
    ck_assert_int_eq(parsed.result, CONFIG_RUN);
    ck_assert_uint_eq(parsed.config.listen_count, 1);
    ck_assert_str_eq(parsed.config.listen[0], "unix:/run/x");
    ck_assert_int_eq(parsed.config.interval_ms, 5000);
    ck_assert_int_eq(parsed.config.log_level, LOG_LEVEL_ERROR);
    forget(&parsed);
    folder_remove(&folder);
}
END_TEST

START_TEST(usage_errors_come_before_those_of_the_file)
{
    struct parsed parsed = PARSE("-c", "/nonexistent/x.json", "--nonsense");

    ck_assert_int_eq(parsed.result, CONFIG_WRONG);
    ck_assert_ptr_null(strstr(parsed.errors, "x.json"));
    forget(&parsed);
    parsed = PARSE("-c", "/nonexistent/x.json");
    ck_assert_int_eq(parsed.result, CONFIG_REFUSED);
    ck_assert_str_eq(parsed.errors, "tachod: error: cannot read /nonexistent/x.json: "
                                    "No such file or directory\n");
    forget(&parsed);
    parsed = PARSE("-c", "/nonexistent/x.json", "--help");
    ck_assert_int_eq(parsed.result, CONFIG_DONE);
    forget(&parsed);
}
END_TEST

START_TEST(checking_says_nothing_or_what_is_wrong)
{
    struct folder folder;
    const char *path = write_file(&folder, whole_file);
    struct parsed parsed = PARSE("-c", path, "--check-config");

    ck_assert_int_eq(parsed.result, CONFIG_DONE);
    ck_assert_str_eq(parsed.printed, "");
    ck_assert_str_eq(parsed.errors, "");
    forget(&parsed);
    parsed = PARSE("--check-config", "-l", "0.0.0.0:0");
    ck_assert_int_eq(parsed.result, CONFIG_REFUSED);
    ck_assert_ptr_nonnull(strstr(parsed.errors, "\"auth\": \"none\""));
    forget(&parsed);
    folder_write(&folder, "x.json", "{\n \"interval\": \"5x\"}");
    parsed = PARSE("-c", path, "--check-config");
    ck_assert_int_eq(parsed.result, CONFIG_REFUSED);
    ck_assert_ptr_nonnull(strstr(parsed.errors, "x.json:2:2: interval: \"5x\": allowed: "));
    forget(&parsed);
    folder_write(&folder, "x.json", "{\"auth\": \"none\"}");
    parsed = PARSE("-c", path, "--check-config", "-l", "0.0.0.0:0");
    ck_assert_int_eq(parsed.result, CONFIG_DONE);
    forget(&parsed);
    folder_remove(&folder);
}
END_TEST

START_TEST(what_is_printed_is_a_file_that_says_the_same)
{
    struct folder folder;
    const char *path = write_file(&folder, "");
    struct parsed defaults = PARSE("--print-config"), again;

    ck_assert_int_eq(defaults.result, CONFIG_DONE);
    ck_assert_str_eq(defaults.errors, "");
    folder_write(&folder, "x.json", defaults.printed);
    again = PARSE("-c", path, "--print-config");
    ck_assert_str_eq(again.printed, defaults.printed);
    /* A machine without IPv6 still has the other default. */
    ck_assert(again.config.listen_default);
    forget(&again);
    forget(&defaults);
    folder_remove(&folder);
}
END_TEST

/* --- again, for a reload --- */

START_TEST(read_again_is_what_a_start_would_make_of_it)
{
    struct folder folder;
    const char *path = write_file(&folder, whole_file);
    struct parsed parsed = PARSE("--log-level", "error", "-c", path);
    struct config again;
    char error[CONFIG_ERROR_BYTES];

    ck_assert_int_eq(config_read_again(&parsed.config, &again, error), 0);
    ck_assert_uint_eq(again.listen_count, 2);
    ck_assert_int_eq(again.interval_ms, 2000);
    config_finish(&again);
    /* What the file says no more is the default again; the command line still wins. */
    folder_write(&folder, "x.json", "{\"http\": {\"hosts\": [\"a\"]}, \"log_level\": \"debug\"}");
    ck_assert_int_eq(config_read_again(&parsed.config, &again, error), 0);
    ck_assert_str_eq(again.listen[0], "127.0.0.1:8224");
    ck_assert(again.listen_default);
    ck_assert_int_eq(again.interval_ms, 1000);
    ck_assert_int_eq(again.log_level, LOG_LEVEL_ERROR);
    ck_assert_str_eq(again.hosts[0], "a");
    ck_assert_uint_eq(parsed.config.host_count, 0);
    config_finish(&again);
    forget(&parsed);
    folder_remove(&folder);
}
END_TEST

START_TEST(read_again_says_what_is_wrong)
{
    static const char *const cases[][2] = {
        {"{\"interval\": \"2s\", \"nonsense\": 1}", "x.json:1:20: nonsense: there is no such key"},
        {"{\"listen\": [\"0.0.0.0:0\"]}", "cannot listen on 0.0.0.0:0: beyond loopback"},
    };
    struct folder folder;
    const char *path = write_file(&folder, whole_file);
    struct parsed parsed = PARSE("-c", path);
    struct config again;
    char error[CONFIG_ERROR_BYTES];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(&folder, "x.json", cases[i][0]);
        ck_assert_int_lt(config_read_again(&parsed.config, &again, error), 0);
        ck_assert_msg(strstr(error, cases[i][1]) != NULL, "%s", error);
    }
    folder_unlink(&folder, "x.json");
    ck_assert_int_eq(config_read_again(&parsed.config, &again, error), -ENOENT);
    ck_assert_ptr_nonnull(strstr(error, "cannot read "));
    ck_assert_str_eq(parsed.errors, "");
    forget(&parsed);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "config", without_options_there_are_defaults, each_option_is_taken,
        the_last_of_an_option_wins, intervals, addresses_are_bounded, what_is_wrong_is_named,
        help_and_version_are_printed, the_command_line_wins_over_the_file,
        usage_errors_come_before_those_of_the_file, checking_says_nothing_or_what_is_wrong,
        what_is_printed_is_a_file_that_says_the_same, read_again_is_what_a_start_would_make_of_it,
        read_again_says_what_is_wrong);
}

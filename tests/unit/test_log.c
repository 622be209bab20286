#include "daemon/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/model.h"

/* Everything that one message of this text makes; to be freed. */
static char *written(enum log_level level, const char *text)
{
    struct capture capture;

    capture_begin(&capture, 2);
    log_write(level, "%s", text);
    return capture_end(&capture);
}

static void expect_line(enum log_level level, const char *text, const char *wanted)
{
    char *line = written(level, text);

    ck_assert_str_eq(line, wanted);
    free(line);
}

START_TEST(lines_begin_with_their_level)
{
    log_set_level(LOG_LEVEL_DEBUG);
    expect_line(LOG_LEVEL_ERROR, "x", "tachod: error: x\n");
    expect_line(LOG_LEVEL_WARNING, "x", "tachod: warning: x\n");
    expect_line(LOG_LEVEL_INFO, "x", "tachod: x\n");
    expect_line(LOG_LEVEL_DEBUG, "x", "tachod: debug: x\n");
    log_set_level(LOG_LEVEL_INFO);
}
END_TEST

/* What systemd.exec(5) sets when standard error is the journal. */
static void announce_journal(void)
{
    struct stat status;
    char stream[64];

    ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
}

/* sd-daemon(3): "<3>" is error, 4 warning, 6 info, 7 debug. */
START_TEST(under_the_journal_they_begin_with_a_priority)
{
    static const char *const wanted[] = {"<3>x\n", "<4>x\n", "<6>x\n", "<7>x\n"};

    log_set_level(LOG_LEVEL_DEBUG);
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        struct capture capture;
        char *line;

        capture_begin(&capture, 2);
        announce_journal();
        log_write((enum log_level)level, "%s", "x");
        line = capture_end(&capture);
        ck_assert_str_eq(line, wanted[level]);
        free(line);
    }
    /* Another stream's: the variable was inherited from a unit. */
    setenv("JOURNAL_STREAM", "8:12345", 1);
    expect_line(LOG_LEVEL_ERROR, "x", "tachod: error: x\n");
    log_set_level(LOG_LEVEL_INFO);
    unsetenv("JOURNAL_STREAM");
}
END_TEST

START_TEST(what_is_less_important_is_left_out)
{
    for (int lowest = LOG_LEVEL_ERROR; lowest <= LOG_LEVEL_DEBUG; lowest++) {
        log_set_level((enum log_level)lowest);
        for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
            char *line = written((enum log_level)level, "x");

            ck_assert_int_eq(*line != '\0', level <= lowest);
            free(line);
        }
    }
    log_set_level(LOG_LEVEL_INFO);
}
END_TEST

START_TEST(a_message_is_one_line_of_printable_text)
{
    expect_line(LOG_LEVEL_INFO, "a\nb\r\tc\x1b[31m\x7f d", "tachod: a?b??c?[31m? d\n");
    expect_line(LOG_LEVEL_INFO, "gr\xc3\xbc\xc3\x9f e", "tachod: gr\xc3\xbc\xc3\x9f e\n");
    expect_line(LOG_LEVEL_INFO, "", "tachod: \n");
    expect_line(LOG_LEVEL_INFO, "100 %s %n", "tachod: 100 %s %n\n");
}
END_TEST

START_TEST(a_long_message_is_cut)
{
    char text[5000], *line;

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_INFO; level++) {
        size_t length;

        line = written((enum log_level)level, text);
        length = strlen(line);
        ck_assert_uint_le(length, 1024);
        ck_assert_int_eq(line[length - 1], '\n');
        /* A thousand bytes of the text are there. */
        ck_assert_uint_ge(length - 1 - (size_t)(strchr(line, 'x') - line), 1000);
        free(line);
    }
}
END_TEST

START_TEST(levels_have_names)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    static const char *const wrong[] = {"", "warn", "Error", "errors", " info", "4"};
    enum log_level level = LOG_LEVEL_DEBUG;

    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(log_parse_level(names[i], &level), 0);
        ck_assert_int_eq(level, i);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(log_parse_level(wrong[i], &level), -EINVAL);
    ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
}
END_TEST

static void *write_many(void *arg)
{
    for (int i = 0; i < 500; i++)
        log_info("%.*s", 300, (const char *)arg);
    return NULL;
}

START_TEST(lines_of_several_threads_do_not_mix)
{
    char texts[4][301];
    pthread_t threads[4];
    struct capture capture;
    char *all, *rest, *line;
    size_t count = 0;

    capture_begin(&capture, 2);
    for (size_t i = 0; i < 4; i++) {
        memset(texts[i], 'a' + (int)i, 300);
        texts[i][300] = '\0';
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_many, texts[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    all = rest = capture_end(&capture);
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        ck_assert_uint_eq(strlen(line), strlen("tachod: ") + 300);
        ck_assert_int_ge(line[8], 'a');
        ck_assert_int_le(line[8], 'd');
        ck_assert_str_eq(line + 8, texts[line[8] - 'a']);
        count++;
    }
    ck_assert_uint_eq(count, 2000);
    free(all);
}
END_TEST

int main(void)
{
    unsetenv("JOURNAL_STREAM");
    return RUN_TESTS("log", lines_begin_with_their_level,
                     under_the_journal_they_begin_with_a_priority,
                     what_is_less_important_is_left_out, a_message_is_one_line_of_printable_text,
                     a_long_message_is_cut, levels_have_names, lines_of_several_threads_do_not_mix);
}

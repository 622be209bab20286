#include "daemon/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 1024

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const int syslog_priorities[] = {3, 4, 6, 7};
static _Atomic int lowest_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&lowest_level, (int)level, memory_order_relaxed);
}

int log_parse_level(const char *text, enum log_level *out)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

/* systemd.exec(5): a child of a unit inherits the variable, perhaps with another standard error. */
static bool goes_to_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char own[64];
    struct stat status;

    if (!stream || fstat(STDERR_FILENO, &status) < 0)
        return false;
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return strcmp(own, stream) == 0;
}

void log_write(enum log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    int prefix, text;
    size_t length;
    va_list arguments;

    if ((int)level > atomic_load_explicit(&lowest_level, memory_order_relaxed))
        return;
    if (goes_to_journal())
        prefix = snprintf(line, sizeof line, "<%d>", syslog_priorities[level]);
    else
        prefix = snprintf(line, sizeof line, "tachod: %s%s",
                          level == LOG_LEVEL_INFO ? "" : level_names[level],
                          level == LOG_LEVEL_INFO ? "" : ": ");
    va_start(arguments, format);
    text = vsnprintf(line + prefix, sizeof line - (size_t)prefix - 1, format, arguments);
    va_end(arguments);
    if (text < 0)
        return;
    length = strlen(line);
    for (size_t i = (size_t)prefix; i < length; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?';
    }
    line[length++] = '\n';
    /* One write, so that lines of several threads do not mix. Nothing can be done if it fails. */
    if (write(STDERR_FILENO, line, length) < 0)
        return;
}

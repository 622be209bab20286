/*
 * Messages to standard error, one line each. If that is the journal (JOURNAL_STREAM) a line begins
 * with its syslog priority as sd-daemon(3) says, otherwise with the level's name. Any thread.
 */
#ifndef TACHO_DAEMON_LOG_H
#define TACHO_DAEMON_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* The least important level that is still written; info at first. Any thread. */
void log_set_level(enum log_level level);

/* "error", "warning", "info" or "debug"; 0 or -EINVAL. */
int log_parse_level(const char *text, enum log_level *out);
const char *log_level_name(enum log_level level);

/* A line is cut at 1,023 bytes; control characters in it are shown as '?'. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif

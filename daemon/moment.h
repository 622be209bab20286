/* Durations and moments as people write them. Pure; text needs no terminator. */
#ifndef TACHO_DAEMON_MOMENT_H
#define TACHO_DAEMON_MOMENT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/scope.h"

/* "500ms", "10s", "5m", "1h" or "2d" in milliseconds, at most some 10^13; 0 or -EBADMSG. */
int duration_parse(const char *text, size_t length, int64_t *out_ms) MUST_CHECK;

/*
 * RFC 3339 ("2026-11-22T14:30:00Z", with any offset and fraction), "now", "-15m" before now, Unix
 * seconds, or from 10^11 on Unix milliseconds; years 1970 to 9999, and what is further before now
 * than that is the beginning of 1970. 0 or -EBADMSG.
 */
int moment_parse(const char *text, size_t length, int64_t now_ms, int64_t *out_ms) MUST_CHECK;

/* "2026-11-22T14:30:00.250Z" with its NUL. */
#define MOMENT_TEXT_BYTES 25

/* RFC 3339 in UTC, of times from 1970 to the year 9999. */
void moment_format(int64_t time_ms, char out[MOMENT_TEXT_BYTES]);

#endif

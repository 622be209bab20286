/*
 * A streaming JSON writer for numbers in quantity. Commas come by themselves; the caller sees to
 * it that what it begins it ends. Text that is not UTF-8 leaves with U+FFFD in place of each wrong
 * byte, so the output is valid JSON whatever a label holds.
 */
#ifndef TACHO_DAEMON_ENCODE_JSON_H
#define TACHO_DAEMON_ENCODE_JSON_H

#include <stdint.h>

#include "daemon/buffer.h"
#include "daemon/series.h"
#include "daemon/tick.h"

struct json {
    struct buffer *out;
    bool comma; /* the next value or key follows another */
};

/* How many digits a double gets. */
enum json_digits { JSON_DIGITS_6, JSON_DIGITS_ALL };

void json_begin_object(struct json *json);
void json_end_object(struct json *json);
void json_begin_array(struct json *json);
void json_end_array(struct json *json);

/* key is a constant that needs no escape. */
void json_key(struct json *json, const char *key);

/* What was encoded before: members of the object begun, the last of which is a key without value.
 */
void json_members(struct json *json, const char *text, size_t length);

void json_string(struct json *json, const char *text);
void json_u64(struct json *json, uint64_t value);
void json_i64(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);

/* A row's word: null if it is absent, a NaN or infinite. */
void json_word(struct json *json, uint64_t word, enum json_digits digits);

/* An array of an id and a word. */
void json_pair(struct json *json, uint64_t id, uint64_t word, enum json_digits digits);

/* "name", "labels", "kind" as members of the object begun; id before them. */
void json_series(struct json *json, const struct series *series);

/* "sparse":true as a member, of a series of sparse histograms; nothing of others. */
void json_sparse(struct json *json, const struct series *series);

/* "flags":["late",…] of tick flags, as a member. */
void json_flags(struct json *json, uint32_t flags);

/* "marks":[…] of those of the ticks that have flags, as a member. */
void json_marks(struct json *json, const struct tick *ticks, size_t count);

/* The digits that a series' present value is shown with: derived ones are rounded. */
static inline enum json_digits json_digits_of(const struct series *series, enum json_digits derived)
{
    return series->flags & SERIES_DERIVED ? derived : JSON_DIGITS_ALL;
}

/* Bytes of the UTF-8 character at text (length bytes are left), or 0 if there is none. */
size_t utf8_length(const char *text, size_t length);

/* Appends text with U+FFFD in place of each byte that is not UTF-8, unescaped. */
void utf8_append_clean(struct buffer *out, const char *text);

#endif

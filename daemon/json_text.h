/*
 * JSON as people write it into a file: comments are blanked, so that any parser reads the same
 * bytes, and a strict walker finds where each value stands and where something is wrong. Pure and
 * bounded. Bytes beyond ASCII are taken as they are: a path need not be UTF-8.
 */
#ifndef TACHO_DAEMON_JSON_TEXT_H
#define TACHO_DAEMON_JSON_TEXT_H

#include <stddef.h>

#include "daemon/scope.h"

#define JSON_TEXT_MAX_DEPTH  16
#define JSON_TEXT_MAX_NUMBER 40 /* bytes of a number; cJSON takes 63 */

/* Where one value stands, as offsets. */
struct json_value {
    size_t key; /* of its key's quote in an object, else of the value itself */
    size_t at;
    size_t end; /* behind its last byte */
};

/* Every value in the document's order, an object or array before what it holds. */
struct json_text {
    struct json_value *values; /* owned */
    size_t count;              /* 0: there is nothing but blanks */
};

/* What keeps the text from being JSON. */
struct json_fault {
    size_t at;
    const char *wrong; /* constant */
};

/* From 1 on; a column is a byte, as compilers count. */
struct json_place {
    size_t line;
    size_t column;
};

/*
 * Line and block comments, and a byte-order mark, become blanks; lines stay. 0, or -EBADMSG for a
 * comment without end.
 */
int json_text_blank_comments(char *text, size_t length, struct json_fault *fault) MUST_CHECK;

/*
 * Walks over a text without comments. 0, -EBADMSG with the fault, or -ENOMEM; out has to be
 * finished only after 0. What it accepts cJSON accepts, with the same values in the same order.
 */
int json_text_walk(const char *text, size_t length, struct json_text *out,
                   struct json_fault *fault) MUST_CHECK;

void json_text_finish(struct json_text *text);

/* The place of an offset within the text, or of its end. */
struct json_place json_text_place(const char *text, size_t at);

#endif

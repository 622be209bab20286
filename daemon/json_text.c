#include "daemon/json_text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "collectors/parse.h"

/* --- comments --- */

/* The end of a string that begins here; one without an end ends with its line. */
static char *skip_string(char *at, const char *end)
{
    for (at++; at < end && *at != '"' && *at != '\n'; at++) {
        if (*at == '\\' && at + 1 < end && at[1] != '\n')
            at++;
    }
    return at < end ? at + 1 : at;
}

static char *blank(char *from, const char *to)
{
    for (; from < to; from++) {
        if (*from != '\n')
            *from = ' ';
    }
    return from;
}

/* The end of a comment that begins here; NULL where none begins, or one does not end. */
static const char *comment_end(const char *at, const char *end)
{
    size_t left = (size_t)(end - at);
    const char *stop;

    if (left < 2 || at[0] != '/')
        return NULL;
    if (at[1] == '/') {
        stop = memchr(at, '\n', left);
        return stop ? stop : end;
    }
    stop = at[1] == '*' ? memmem(at + 2, left - 2, "*/", 2) : NULL;
    return stop ? stop + 2 : NULL;
}

int json_text_blank_comments(char *text, size_t length, struct json_fault *fault)
{
    const char *end = text + length;
    char *at = text;

    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        at = blank(text, text + 3);
    while (at < end) {
        const char *stop = comment_end(at, end);

        if (stop) {
            at = blank(at, stop);
        } else if (end - at >= 2 && at[0] == '/' && at[1] == '*') {
            *fault = (struct json_fault){(size_t)(at - text), "this comment does not end"};
            return -EBADMSG;
        } else {
            at = *at == '"' ? skip_string(at, end) : at + 1;
        }
    }
    return 0;
}

/* --- the walker --- */

struct walk {
    const char *text;
    struct scanner scanner;
    struct json_text values;
    size_t capacity;
    struct json_fault *fault;
};

static size_t offset(const struct walk *walk)
{
    return (size_t)(walk->scanner.at - walk->text);
}

static int wrong(struct walk *walk, const char *what)
{
    *walk->fault = (struct json_fault){offset(walk), what};
    return -EBADMSG;
}

static void skip_blanks(struct walk *walk)
{
    while (scan_blanks(&walk->scanner) || scan_char(&walk->scanner, '\n') ||
           scan_char(&walk->scanner, '\r'))
        ;
}

/* What comes next, or 0 at the end. */
static char peek(const struct walk *walk)
{
    return scan_is_done(&walk->scanner) ? '\0' : *walk->scanner.at;
}

static bool scan_hex4(struct scanner *scanner, unsigned *out)
{
    unsigned value = 0;

    if (scanner->end - scanner->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = scanner->at[i];

        if (char_is_digit(c))
            value = value * 16 + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value * 16 + (unsigned)((c | 0x20) - 'a') + 10;
        else
            return false;
    }
    scanner->at += 4;
    *out = value;
    return true;
}

/* Behind "\u". A zero would cut the text short for whoever reads it; halves of a pair are none. */
static bool scan_code(struct scanner *scanner)
{
    unsigned code, low;

    if (!scan_hex4(scanner, &code) || code == 0 || (code >= 0xdc00 && code <= 0xdfff))
        return false;
    if (code < 0xd800 || code > 0xdfff)
        return true;
    return scan_literal(scanner, "\\u") && scan_hex4(scanner, &low) && low >= 0xdc00 &&
           low <= 0xdfff;
}

/* Behind the backslash. */
static bool scan_escape(struct scanner *scanner)
{
    static const char plain[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};

    if (scan_char(scanner, 'u'))
        return scan_code(scanner);
    return !scan_is_done(scanner) && memchr(plain, *scanner->at++, sizeof plain);
}

static int walk_escape(struct walk *walk)
{
    struct scanner rest = walk->scanner;

    rest.at++;
    if (!scan_escape(&rest))
        return wrong(walk, "this is no escape of JSON");
    walk->scanner = rest;
    return 0;
}

static int walk_string(struct walk *walk)
{
    size_t start = offset(walk);

    walk->scanner.at++;
    while (!scan_is_done(&walk->scanner) && (unsigned char)peek(walk) >= ' ') {
        if (scan_char(&walk->scanner, '"'))
            return 0;
        if (peek(walk) != '\\')
            walk->scanner.at++;
        else if (walk_escape(walk) < 0)
            return -EBADMSG;
    }
    if (scan_is_done(&walk->scanner) || peek(walk) == '\n')
        walk->scanner.at = walk->text + start;
    return wrong(walk, offset(walk) == start
                           ? "this text has no closing quote"
                           : "a control character has to be written as an escape");
}

static bool scan_digits(struct scanner *scanner)
{
    const char *start = scanner->at;

    while (!scan_is_done(scanner) && char_is_digit(*scanner->at))
        scanner->at++;
    return scanner->at > start;
}

static int walk_number(struct walk *walk)
{
    struct scanner rest = walk->scanner;
    bool good;

    scan_char(&rest, '-');
    good = scan_char(&rest, '0') || scan_digits(&rest);
    if (good && scan_char(&rest, '.'))
        good = scan_digits(&rest);
    if (good && (scan_char(&rest, 'e') || scan_char(&rest, 'E'))) {
        if (!scan_char(&rest, '-'))
            scan_char(&rest, '+');
        good = scan_digits(&rest);
    }
    if (!good || rest.at - walk->scanner.at > JSON_TEXT_MAX_NUMBER)
        return wrong(walk, "this is no number of JSON");
    walk->scanner = rest;
    return 0;
}

static int walk_value(struct walk *walk, size_t key, unsigned depth);

static int walk_member(struct walk *walk, unsigned depth)
{
    size_t key = offset(walk);

    if (peek(walk) != '"')
        return wrong(walk, "expected a key in double quotes");
    if (walk_string(walk) < 0)
        return -EBADMSG;
    skip_blanks(walk);
    if (!scan_char(&walk->scanner, ':'))
        return wrong(walk, "expected a colon behind the key");
    skip_blanks(walk);
    return walk_value(walk, key, depth);
}

/* An object up to '}' or an array up to ']'. */
static int walk_container(struct walk *walk, char close, unsigned depth)
{
    if (depth == JSON_TEXT_MAX_DEPTH)
        return wrong(walk, "nested too deeply");
    walk->scanner.at++;
    skip_blanks(walk);
    if (scan_char(&walk->scanner, close))
        return 0;
    for (;;) {
        int result =
            close == '}' ? walk_member(walk, depth + 1) : walk_value(walk, offset(walk), depth + 1);

        if (result < 0)
            return result;
        skip_blanks(walk);
        if (scan_char(&walk->scanner, close))
            return 0;
        if (!scan_char(&walk->scanner, ','))
            return wrong(walk, close == '}' ? "expected a comma or }" : "expected a comma or ]");
        skip_blanks(walk);
    }
}

static int add_value(struct walk *walk, size_t key)
{
    struct json_text *values = &walk->values;

    if (values->count == walk->capacity) {
        size_t capacity = walk->capacity * 2 + 64;
        struct json_value *grown = realloc(values->values, capacity * sizeof *grown);

        if (!grown)
            return -ENOMEM;
        values->values = grown;
        walk->capacity = capacity;
    }
    values->values[values->count++] = (struct json_value){.key = key, .at = offset(walk)};
    return 0;
}

static int walk_value(struct walk *walk, size_t key, unsigned depth)
{
    size_t index = walk->values.count;
    int result = add_value(walk, key);
    char c = peek(walk);

    if (result < 0)
        return result;
    if (c == '{' || c == '[')
        result = walk_container(walk, c == '{' ? '}' : ']', depth);
    else if (c == '"')
        result = walk_string(walk);
    else if (c == '-' || char_is_digit(c))
        result = walk_number(walk);
    else if (!scan_literal(&walk->scanner, "true") && !scan_literal(&walk->scanner, "false") &&
             !scan_literal(&walk->scanner, "null"))
        result = wrong(walk, "expected a value");
    walk->values.values[index].end = offset(walk);
    return result;
}

int json_text_walk(const char *text, size_t length, struct json_text *out, struct json_fault *fault)
{
    struct walk walk = {.text = text, .scanner = scanner_over(text, length), .fault = fault};
    int result = 0;

    skip_blanks(&walk);
    if (!scan_is_done(&walk.scanner))
        result = walk_value(&walk, offset(&walk), 0);
    skip_blanks(&walk);
    if (result == 0 && !scan_is_done(&walk.scanner))
        result = wrong(&walk, "expected nothing more");
    if (result < 0)
        free(walk.values.values);
    else
        *out = walk.values;
    return result;
}

void json_text_finish(struct json_text *text)
{
    free(text->values);
    *text = (struct json_text){0};
}

struct json_place json_text_place(const char *text, size_t at)
{
    struct json_place place = {1, 1};

    for (size_t i = 0; i < at; i++) {
        bool newline = text[i] == '\n';

        place.line += newline;
        place.column = newline ? 1 : place.column + 1;
    }
    return place;
}

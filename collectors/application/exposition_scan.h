/* The words of an exposition: names, labels, escaped text. For the parser's own files. */
#ifndef TACHO_COLLECTORS_APPLICATION_EXPOSITION_SCAN_H
#define TACHO_COLLECTORS_APPLICATION_EXPOSITION_SCAN_H

#include <errno.h>

#include "collectors/parse.h"

enum exposition_class {
    CLASS_LETTER = 1 << 0, /* and the underscore */
    CLASS_DIGIT = 1 << 1,
    CLASS_COLON = 1 << 2,
    CLASS_QUOTED_END = 1 << 3, /* what a quoted text's plain part ends at: a quote, \ and NUL */
};

extern const unsigned char exposition_classes[256];

static inline bool exposition_is(char c, unsigned classes)
{
    return (exposition_classes[(unsigned char)c] & classes) != 0;
}

static inline bool exposition_scan_word(struct scanner *scanner, unsigned first, unsigned others,
                                        struct span *out)
{
    const char *at = scanner->at;

    if (at == scanner->end || !exposition_is(*at, first))
        return false;
    do
        at++;
    while (at < scanner->end && exposition_is(*at, others));
    *out = (struct span){scanner->at, (size_t)(at - scanner->at)};
    scanner->at = at;
    return true;
}

static inline bool exposition_scan_name(struct scanner *scanner, struct span *out)
{
    return exposition_scan_word(scanner, CLASS_LETTER | CLASS_COLON,
                                CLASS_LETTER | CLASS_COLON | CLASS_DIGIT, out);
}

/* A text in quotes, which *out is without: still escaped, and without a NUL. */
static inline bool exposition_scan_quoted(struct scanner *scanner, struct span *out)
{
    const char *at = scanner->at + 1;

    if (scanner->at == scanner->end || *scanner->at != '"')
        return false;
    for (;;) {
        while (at < scanner->end && !exposition_is(*at, CLASS_QUOTED_END))
            at++;
        if (at == scanner->end || *at == '\0')
            return false;
        if (*at == '"')
            break;
        if (scanner->end - at < 2 || at[1] == '\0')
            return false;
        at += 2;
    }
    *out = (struct span){scanner->at + 1, (size_t)(at - scanner->at - 1)};
    scanner->at = at + 1;
    return true;
}

/*
 * The next label behind the opening brace or another label, with the comma behind it, which
 * may be there or not, as Prometheus has it. 1; 0 when the closing brace was taken instead; or
 * -EBADMSG.
 */
static inline int exposition_scan_label(struct scanner *scanner, struct span *key,
                                        struct span *value)
{
    scan_blanks(scanner);
    if (scan_char(scanner, '}'))
        return 0;
    if (!exposition_scan_word(scanner, CLASS_LETTER, CLASS_LETTER | CLASS_DIGIT, key))
        return -EBADMSG;
    scan_blanks(scanner);
    if (!scan_char(scanner, '='))
        return -EBADMSG;
    scan_blanks(scanner);
    if (!exposition_scan_quoted(scanner, value))
        return -EBADMSG;
    scan_blanks(scanner);
    scan_char(scanner, ',');
    return 1;
}

/*
 * Copies a text, replacing \\ and \n, and where `quotes` is set \" too; anything else behind a
 * backslash stays, with it. `out` has room for text.length bytes. Returns the end of what was
 * written; no NUL.
 */
char *exposition_unescape(struct span text, bool quotes, char *out);

#endif

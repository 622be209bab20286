#include "collectors/application/exposition_scan.h"

const unsigned char exposition_classes[256] = {
    8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* NUL */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* " */
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 4, 0, 0, 0, 0, 0, /* 0 to 9, : */
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* A to O */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 8, 0, 0, 1, /* P to Z, \, _ */
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* a to o */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, /* p to z */
};

static bool is_escape(char c, bool quotes)
{
    return c == '\\' || c == 'n' || (c == '"' && quotes);
}

char *exposition_unescape(struct span text, bool quotes, char *out)
{
    const char *at = text.at, *end = text.at + text.length;

    while (at < end) {
        size_t left = (size_t)(end - at);
        const char *slash = memchr(at, '\\', left);
        size_t plain = slash != NULL ? (size_t)(slash - at) : left;

        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (slash == NULL)
            break;
        if (left - plain >= 2 && is_escape(at[1], quotes)) {
            *out++ = at[1] == 'n' ? '\n' : at[1];
            at += 2;
        } else {
            *out++ = *at++;
        }
    }
    return out;
}

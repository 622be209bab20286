#include "collectors/system/udev.h"

#include <errno.h>

int udev_parse(const char *text, size_t length, udev_take *take, void *context)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    size_t count = 0;
    int result = 0;

    while (scan_line(&scanner, &line)) {
        struct span key;

        if (!scan_literal(&line, "E:"))
            continue;
        if (!scan_until(&line, '=', &key) || key.length == 0) {
            result = -EBADMSG;
            continue;
        }
        if (count++ >= UDEV_PROPERTIES_MAX)
            return -E2BIG;
        take(context, key, (struct span){line.at, (size_t)(line.end - line.at)});
    }
    return result;
}

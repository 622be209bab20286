#include "tests/unit/denied_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collectors/parse.h"

static const char *denied;
static int denied_error;

/* In place of the C library's. */
int openat(int folder, const char *path, int flags, ...)
{
    const struct span whole = {path, strlen(path)};
    unsigned mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list rest;

        va_start(rest, flags);
        mode = va_arg(rest, unsigned);
        va_end(rest);
    }
    if (denied != NULL && span_ends_with(whole, denied)) {
        errno = denied_error;
        return -1;
    }
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

void open_deny(const char *ending, int error)
{
    denied = ending;
    denied_error = error;
}

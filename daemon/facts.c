#include "daemon/facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "collectors/parse.h"
#include "daemon/scope.h"

/* os-release(5): NAME="value", with shell quotes, of which only the plain ones are in use. */
static bool find_pretty_name(const char *text, size_t length, char *out, size_t size)
{
    struct scanner scanner = scanner_over(text, length), line;

    while (scan_line(&scanner, &line)) {
        if (!scan_literal(&line, "PRETTY_NAME="))
            continue;
        if (line.end > line.at && (*line.at == '"' || *line.at == '\'') &&
            line.end[-1] == *line.at && line.end - line.at >= 2) {
            line.at++;
            line.end--;
        }
        snprintf(out, size, "%.*s", (int)(line.end - line.at), line.at);
        return true;
    }
    return false;
}

static bool read_os(const char *rootfs, const char *path, char *out, size_t size)
{
    char text[4096], full[4096];
    AUTO_CLOSE int fd = -1;
    ssize_t length;

    snprintf(full, sizeof full, "%s/%s", rootfs, path);
    fd = open(full, O_RDONLY | O_CLOEXEC);
    length = fd < 0 ? -1 : read(fd, text, sizeof text);
    return length > 0 && find_pretty_name(text, (size_t)length, out, size);
}

void facts_read(const struct collector_roots *roots, struct facts *out)
{
    struct utsname names;
    struct sysinfo memory;

    *out = (struct facts){.cpus = sysconf(_SC_NPROCESSORS_ONLN)};
    if (uname(&names) == 0) {
        snprintf(out->host, sizeof out->host, "%s", names.nodename);
        snprintf(out->os, sizeof out->os, "%s", names.sysname);
        snprintf(out->kernel, sizeof out->kernel, "%s", names.release);
    }
    if (sysinfo(&memory) == 0)
        out->memory_bytes = (uint64_t)memory.totalram * memory.mem_unit;
    if (!read_os(roots->rootfs, "etc/os-release", out->os, sizeof out->os))
        read_os(roots->rootfs, "usr/lib/os-release", out->os, sizeof out->os);
}

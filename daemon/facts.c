#include "daemon/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "collectors/system/os_release.h"
#include "daemon/log.h"
#include "daemon/scope.h"

/* What could not be understood in the file is other lines. */
static void read_os(const char *rootfs, char *out, size_t size)
{
    AUTO_FREE struct os_release *release = malloc(sizeof *release);
    int result = release ? os_release_read(rootfs, release) : -ENOMEM;

    if (result == 0 || result == -EBADMSG) {
        const char *name = release->values[OS_RELEASE_PRETTY_NAME];

        if (*name)
            snprintf(out, size, "%s", name);
    }
}

void facts_read(const struct collector_roots *roots, struct facts *out)
{
    struct utsname names;
    struct sysinfo memory;
    int result;

    *out = (struct facts){.cpus = sysconf(_SC_NPROCESSORS_ONLN)};
    if (uname(&names) == 0) {
        snprintf(out->host, sizeof out->host, "%s", names.nodename);
        snprintf(out->os, sizeof out->os, "%s", names.sysname);
        snprintf(out->kernel, sizeof out->kernel, "%s", names.release);
    }
    if (sysinfo(&memory) == 0)
        out->memory_bytes = (uint64_t)memory.totalram * memory.mem_unit;
    /* What could not be understood is other mounts. */
    result = container_view_read(roots->procfs, &out->container_view);
    if (result < 0 && result != -ENOENT)
        log_debug("%s/self/mountinfo: %s", roots->procfs, strerror(-result));
    read_os(roots->rootfs, out->os, sizeof out->os);
}

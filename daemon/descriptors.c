#include "daemon/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/log.h"

#define RESERVED_DESCRIPTORS 256

size_t descriptors_raise(size_t wanted)
{
    struct rlimit limit, raised;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    raised = limit;
    raised.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (raised.rlim_cur > limit.rlim_cur) {
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
        else
            log_warning("cannot raise the limit on open files to %llu: %s",
                        (unsigned long long)raised.rlim_cur, strerror(errno));
    }
    return limit.rlim_cur < wanted ? (size_t)limit.rlim_cur : wanted;
}

/* All may be needed at once; there are 256 even where that leaves nothing for the rest. */
size_t descriptors_for_connections(size_t configured, size_t most)
{
    size_t wanted = configured > 0 ? configured : most;
    size_t descriptors = descriptors_raise(wanted + RESERVED_DESCRIPTORS);
    size_t room = RESERVED_DESCRIPTORS;

    if (descriptors > 2 * RESERVED_DESCRIPTORS)
        room = descriptors - RESERVED_DESCRIPTORS;
    if (room >= wanted)
        return wanted;
    if (configured > 0)
        log_warning("http.max_connections is %zu, but there are descriptors for %zu alone", wanted,
                    room);
    return room;
}

#include "daemon/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/log.h"

#define RESERVED_DESCRIPTORS 256
#define PROCESS_DESCRIPTORS  1024 /* that the collector of processes keeps at most */
#define CONNECTIONS_AT_LEAST 256

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

/*
 * For what else needs some; with those that the collector of processes keeps, at most a quarter of
 * all.
 */
static size_t reserved(size_t descriptors)
{
    size_t kept = descriptors / 4;

    return RESERVED_DESCRIPTORS + (kept < PROCESS_DESCRIPTORS ? kept : PROCESS_DESCRIPTORS);
}

/* All may be needed at once; there are 256 even where that leaves nothing for the rest. */
size_t descriptors_for_connections(size_t configured, size_t most)
{
    size_t wanted = configured > 0 ? configured : most;
    size_t descriptors = descriptors_raise(wanted + RESERVED_DESCRIPTORS + PROCESS_DESCRIPTORS);
    size_t room = CONNECTIONS_AT_LEAST;

    if (descriptors > reserved(descriptors) + room)
        room = descriptors - reserved(descriptors);
    if (room >= wanted)
        return wanted;
    if (configured > 0)
        log_warning("http.max_connections is %zu, but there are descriptors for %zu alone", wanted,
                    room);
    return room;
}

#include "daemon/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/log.h"

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

/*
 * Scope-bound ownership: AUTO_FREE and AUTO_CLOSE give up what they hold when the scope ends;
 * TAKE() hands it to somebody else.
 */
#ifndef TACHO_DAEMON_SCOPE_H
#define TACHO_DAEMON_SCOPE_H

#include <stdlib.h>
#include <unistd.h>

static inline void scope_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void scope_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* The descriptor's number; the variable is -1 afterwards. */
static inline int scope_take_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

#define AUTO_FREE  __attribute__((cleanup(scope_free)))
#define AUTO_CLOSE __attribute__((cleanup(scope_close)))

/* The pointer's value; the variable is NULL afterwards. */
#define TAKE(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

#define MUST_CHECK __attribute__((warn_unused_result))

#endif

/*
 * A hang for tests of the watchdog. Only builds with -Dtest_hooks=true have it; in all others
 * nothing of it is in the program.
 */
#ifndef TACHO_DAEMON_HANG_H
#define TACHO_DAEMON_HANG_H

#include <stdint.h>

#ifdef TACHO_TEST_HOOKS
/*
 * The calling thread never goes on if $TACHO_TEST_HANG names it ("sampler", "history", or "http",
 * "http-2" and so on) and this is the third tick or a later one.
 */
void hang_if_asked(const char *name, uint64_t seq);
#else
static inline void hang_if_asked(const char *name, uint64_t seq)
{
    (void)name;
    (void)seq;
}
#endif

#endif

#include "daemon/thread.h"

#include <signal.h>
#include <time.h>

#include "daemon/clock.h"

#define PAUSE_NS 1000000

int thread_start(pthread_t *out, const char *name, void *(*run)(void *arg), void *arg)
{
    sigset_t all, former;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    result = -pthread_create(out, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    if (result == 0)
        pthread_setname_np(*out, name);
    return result;
}

/* By the clock that nobody sets, which pthread_timedjoin_np(3) does not know. */
bool thread_join(pthread_t thread)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    int64_t until_ns = clock_mono_ns() + THREAD_PARTING_MS * NS_PER_MS;

    while (pthread_tryjoin_np(thread, NULL) != 0) {
        if (clock_mono_ns() >= until_ns)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

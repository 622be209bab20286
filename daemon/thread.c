#include "daemon/thread.h"

#include <signal.h>
#include <time.h>

#include "daemon/clock.h"

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

bool thread_join(pthread_t thread)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += THREAD_PARTING_MS / 1000;
    return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

/* Threads that may be in a call which does not return. */
#ifndef TACHO_DAEMON_THREAD_H
#define TACHO_DAEMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* A disk that is only slow answers within this. */
#define THREAD_PARTING_MS 3000

/* Starts a thread with this name that gets no signals. 0 or -errno. */
int thread_start(pthread_t *out, const char *name, void *(*run)(void *arg), void *arg);

/* Joins the thread if it ends within THREAD_PARTING_MS; false if it goes on, and uses what it has.
 */
bool thread_join(pthread_t thread);

#endif

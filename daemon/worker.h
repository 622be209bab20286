/*
 * The workers: threads that make the calls which may block, so that no loop does. They come when
 * there is work and go when there was none for a while. A call that does not return keeps its
 * worker; another takes its place, up to WORKERS_MAX of them. Beyond that tasks wait. The order is
 * that of submission, but a task that must leave workers free (its busy_max) lets others go first.
 */
#ifndef TACHO_DAEMON_WORKER_H
#define TACHO_DAEMON_WORKER_H

#include "collectors/task.h"
#include "daemon/scope.h"

#define WORKERS_MAX TASK_WORKERS_MAX

struct workers;

/* No thread is started yet. 0 or -ENOMEM. */
int workers_new(struct workers **out) MUST_CHECK;

/*
 * Drops the tasks that wait and ends the threads that are idle. A call that does not return is not
 * waited for: its thread keeps what it needs until it ends, or the process does. False when such a
 * thread is left behind. NULL is a no-op.
 */
bool workers_free(struct workers *workers);

/* What collectors, a reload and HTTP loops hand their tasks to. Its submit: any thread. */
struct task_runner *workers_runner(struct workers *workers);

/* Replaces workers, when none has returned since the call before. At each tick. Main loop only. */
void workers_tend(struct workers *workers);

struct workers_counts {
    size_t threads; /* alive */
    size_t waiting; /* tasks that no worker has taken yet */
    size_t stuck;   /* calls that have not returned for TASK_DEADLINE_NS */
};

/* Any thread. */
struct workers_counts workers_count(struct workers *workers);

#endif

/*
 * A call that may block (statvfs(2) on a dead server, sysfs asking a device) and so is made by a
 * worker of the daemon, never on a loop. It belongs to two at once: the collector that wants the
 * answer and the worker that waits for it. Either may let go first, so its memory is counted.
 *
 *     task_init(&it->task, on_run, on_free);          fill in the question behind the task
 *     task_submit(sink->tasks, &it->task);            from then on hands off …
 *     if (task_is_done(&it->task)) …                  … until this: the answer is there
 *     task_abandon(&it->task);                        the collector's last word, at any time
 *
 * A task that was submitted is not submitted again before it is done: one call in flight for each
 * target. What never answers is shown as stuck by the collector, and its worker is lost to it.
 */
#ifndef TACHO_COLLECTORS_TASK_H
#define TACHO_COLLECTORS_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A call that has not returned after so long counts as stuck: node_exporter's mount-timeout. */
#define TASK_DEADLINE_NS INT64_C(5000000000)

enum task_state {
    TASK_IDLE,    /* new, or its answer was taken: the collector's */
    TASK_WAITING, /* submitted: the worker's */
    TASK_DONE,    /* answered: the collector's again */
};

struct task {
    void (*run)(struct task *task);  /* on a worker; touches nothing but what the task holds */
    void (*free)(struct task *task); /* whoever lets go last, on any thread */
    struct task *next;               /* the runner's, while it waits */
    _Atomic int state;               /* enum task_state */
    _Atomic int references;
};

/* Who runs tasks: the daemon's workers, or a test. */
struct task_runner {
    /* Never blocks. Sees to it that task_run() is called, some time, on another thread. */
    void (*submit)(struct task_runner *runner, struct task *task);
};

static inline void task_init(struct task *task, void (*run)(struct task *task),
                             void (*free)(struct task *task))
{
    task->run = run;
    task->free = free;
    task->next = NULL;
    atomic_init(&task->state, TASK_IDLE);
    atomic_init(&task->references, 1);
}

static inline void task_put(struct task *task)
{
    if (atomic_fetch_sub_explicit(&task->references, 1, memory_order_acq_rel) == 1)
        task->free(task);
}

static inline enum task_state task_state(const struct task *task)
{
    return (enum task_state)atomic_load_explicit(&task->state, memory_order_acquire);
}

static inline bool task_is_done(const struct task *task)
{
    return task_state(task) == TASK_DONE;
}

/* The task is not waiting. */
static inline void task_submit(struct task_runner *runner, struct task *task)
{
    atomic_fetch_add_explicit(&task->references, 1, memory_order_relaxed);
    atomic_store_explicit(&task->state, TASK_WAITING, memory_order_relaxed);
    runner->submit(runner, task);
}

/* The collector has taken the answer. */
static inline void task_reset(struct task *task)
{
    atomic_store_explicit(&task->state, TASK_IDLE, memory_order_relaxed);
}

/* The collector lets go, whether the task is waiting or not. */
static inline void task_abandon(struct task *task)
{
    task_put(task);
}

/* For runners: makes the call, hands the answer over and lets go. */
static inline void task_run(struct task *task)
{
    task->run(task);
    atomic_store_explicit(&task->state, TASK_DONE, memory_order_release);
    task_put(task);
}

/* For runners: lets go of a task that will not be run. */
static inline void task_drop(struct task *task)
{
    task_put(task);
}

#endif

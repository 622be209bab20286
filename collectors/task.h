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
 * target. What never answers is shown as stuck by the collector, and its worker is lost to it. So
 * who makes many calls of a kind leaves workers for the others, by busy_max.
 */
#ifndef TACHO_COLLECTORS_TASK_H
#define TACHO_COLLECTORS_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A call that has not returned so long after it began is stuck: node_exporter's mount-timeout. */
#define TASK_DEADLINE_NS INT64_C(5000000000)

/* So many calls can be out at once. */
#define TASK_WORKERS_MAX 32

enum task_state {
    TASK_IDLE,    /* new, or its answer was taken: the collector's */
    TASK_WAITING, /* submitted, and no worker has taken it: the runner's */
    TASK_RUNNING, /* the call has begun: the worker's */
    TASK_DONE,    /* answered: the collector's again */
};

struct task {
    void (*run)(struct task *task);  /* on a worker; touches nothing but what the task holds */
    void (*free)(struct task *task); /* whoever lets go last, on any thread */
    struct task *next;               /* the runner's, while it waits */
    unsigned busy_max;               /* it waits while so many workers are busy; before a submit */
    int64_t began_ns;                /* CLOCK_MONOTONIC, of the call that is running */
    _Atomic int state;               /* enum task_state */
    _Atomic int references;
};

/* Who runs tasks: the daemon's workers, or a test. */
struct task_runner {
    /*
     * Any thread. Never blocks. Sees to it that, some time, another thread begins the task and runs
     * it.
     */
    void (*submit)(struct task_runner *runner, struct task *task);
};

static inline void task_init(struct task *task, void (*run)(struct task *task),
                             void (*free)(struct task *task))
{
    task->run = run;
    task->free = free;
    task->next = NULL;
    task->busy_max = TASK_WORKERS_MAX;
    task->began_ns = 0;
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

/* Submitted, and not done. */
static inline bool task_is_out(const struct task *task)
{
    enum task_state state = task_state(task);

    return state == TASK_WAITING || state == TASK_RUNNING;
}

/* Whether the call has begun that long ago and not returned. The collector's question. */
static inline bool task_is_stuck(const struct task *task, int64_t mono_ns)
{
    return task_state(task) == TASK_RUNNING && mono_ns - task->began_ns >= TASK_DEADLINE_NS;
}

/* The task is not out. */
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

/* The collector lets go, whether the task is out or not. */
static inline void task_abandon(struct task *task)
{
    task_put(task);
}

/* For runners: a worker has taken the task and is about to run it. */
static inline void task_begin(struct task *task, int64_t mono_ns)
{
    task->began_ns = mono_ns;
    atomic_store_explicit(&task->state, TASK_RUNNING, memory_order_release);
}

/* For runners, of a task that has begun: makes the call, hands the answer over and lets go. */
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

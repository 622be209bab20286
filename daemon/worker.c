#include "daemon/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/clock.h"

/* So many at first; more only in place of those that do not return. */
#define WORKERS_AT_ONCE 2
#define IDLE_SECONDS    30
/* How long workers_free() gives calls that are about to return. */
#define PARTING_NS (50 * NS_PER_MS)
/* A worker calls into libc, or reads a configuration; the sanitizers take more than that. */
#define STACK_BYTES ((size_t)256 * 1024)

struct thread {
    struct workers *workers;
    bool present;
    int64_t busy_since_ns; /* of its call; 0: none */
};

struct workers {
    struct task_runner runner; /* the first member: submit() finds the rest by it */
    pthread_mutex_t lock;      /* guards all below */
    pthread_cond_t wake;       /* a task waits, or all is over */
    pthread_cond_t parted;     /* a thread has ended */
    struct task *first, *last; /* that wait */
    size_t waiting;
    struct thread threads[WORKERS_MAX];
    size_t thread_count, idle;
    size_t busy;       /* threads in a call */
    int64_t tended_ns; /* at the tick before */
    bool ending;
    bool orphaned; /* its owner has gone: the last thread frees it */
};

static void destroy(struct workers *workers)
{
    pthread_mutex_destroy(&workers->lock);
    pthread_cond_destroy(&workers->wake);
    pthread_cond_destroy(&workers->parted);
    free(workers);
}

/* The first that need not leave one more worker free. */
static struct task *take_first(struct workers *workers)
{
    struct task *before = NULL;
    struct task *task = workers->first;

    while (task && task->busy_max <= workers->busy) {
        before = task;
        task = task->next;
    }
    if (!task)
        return NULL;
    if (before)
        before->next = task->next;
    else
        workers->first = task->next;
    if (!task->next)
        workers->last = before;
    workers->waiting--;
    return task;
}

/*
 * The next task; NULL when there was none for long, or all is over. One that had to leave workers
 * free is found by the thread whose return made it one more. Locked.
 */
static struct task *wait_for_task(struct workers *workers)
{
    struct task *task = NULL;
    struct timespec until;
    int result = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    workers->idle++;
    while (!workers->ending && (task = take_first(workers)) == NULL && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&workers->wake, &workers->lock, &until);
    workers->idle--;
    return task;
}

static void *run(void *arg)
{
    struct thread *thread = arg;
    struct workers *workers = thread->workers;
    struct task *task;
    bool last;

    pthread_mutex_lock(&workers->lock);
    while ((task = wait_for_task(workers)) != NULL) {
        thread->busy_since_ns = clock_mono_ns();
        workers->busy++;
        task_begin(task, thread->busy_since_ns);
        pthread_mutex_unlock(&workers->lock);
        task_run(task);
        pthread_mutex_lock(&workers->lock);
        workers->busy--;
        thread->busy_since_ns = 0;
    }
    thread->present = false;
    workers->thread_count--;
    last = workers->thread_count == 0 && workers->orphaned;
    pthread_cond_signal(&workers->parted);
    pthread_mutex_unlock(&workers->lock);
    if (last)
        destroy(workers);
    return NULL;
}

/* Where none can be had, tasks wait until a later tick tries again. Locked. */
static void start_thread(struct workers *workers)
{
    struct thread *thread = workers->threads;
    pthread_attr_t attributes;
    sigset_t all;
    pthread_t id;

    if (workers->thread_count == WORKERS_MAX)
        return;
    while (thread->present)
        thread++;
    *thread = (struct thread){.workers = workers};
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_attr_setsigmask_np(&attributes, &all); /* signals are the main loop's */
    if (pthread_create(&id, &attributes, run, thread) == 0) {
        thread->present = true;
        workers->thread_count++;
        pthread_setname_np(id, "worker");
    }
    pthread_attr_destroy(&attributes);
}

static void submit(struct task_runner *runner, struct task *task)
{
    struct workers *workers = (struct workers *)(void *)runner;

    task->next = NULL;
    pthread_mutex_lock(&workers->lock);
    if (workers->ending) { /* and those that waited have been dropped */
        pthread_mutex_unlock(&workers->lock);
        task_drop(task);
        return;
    }
    if (workers->last)
        workers->last->next = task;
    else
        workers->first = task;
    workers->last = task;
    workers->waiting++;
    if (workers->idle < workers->waiting && workers->thread_count < WORKERS_AT_ONCE)
        start_thread(workers);
    pthread_cond_signal(&workers->wake);
    pthread_mutex_unlock(&workers->lock);
}

int workers_new(struct workers **out)
{
    struct workers *workers = calloc(1, sizeof *workers);
    pthread_condattr_t attributes;

    if (!workers)
        return -ENOMEM;
    workers->runner.submit = submit;
    pthread_mutex_init(&workers->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&workers->wake, &attributes);
    pthread_cond_init(&workers->parted, &attributes);
    pthread_condattr_destroy(&attributes);
    *out = workers;
    return 0;
}

static void wait_for_threads(struct workers *workers)
{
    struct timespec until;
    int result = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PARTING_NS;
    if (until.tv_nsec >= NS_PER_SECOND) {
        until.tv_nsec -= NS_PER_SECOND;
        until.tv_sec++;
    }
    while (workers->thread_count > 0 && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&workers->parted, &workers->lock, &until);
}

static void drop_waiting(struct workers *workers)
{
    struct task *next;

    for (struct task *task = workers->first; task; task = next) {
        next = task->next;
        task_drop(task);
    }
    workers->first = workers->last = NULL;
    workers->waiting = 0;
}

bool workers_free(struct workers *workers)
{
    bool last;

    if (!workers)
        return true;
    pthread_mutex_lock(&workers->lock);
    workers->ending = true;
    drop_waiting(workers);
    pthread_cond_broadcast(&workers->wake);
    wait_for_threads(workers);
    workers->orphaned = true;
    last = workers->thread_count == 0;
    pthread_mutex_unlock(&workers->lock);
    if (last)
        destroy(workers);
    return last;
}

struct task_runner *workers_runner(struct workers *workers)
{
    return &workers->runner;
}

/* Whether each is in a call that it was in at the tick before: nobody is coming back. Locked. */
static bool all_are_held_up(const struct workers *workers)
{
    size_t held_up = 0;

    for (size_t i = 0; i < WORKERS_MAX; i++) {
        const struct thread *thread = &workers->threads[i];

        held_up += thread->present && thread->busy_since_ns != 0 &&
                   thread->busy_since_ns <= workers->tended_ns;
    }
    return held_up == workers->thread_count;
}

/* How many of those that wait could begin, had each a thread. Locked. */
static size_t count_ready(const struct workers *workers)
{
    size_t count = 0;

    for (const struct task *task = workers->first; task; task = task->next)
        count += task->busy_max > workers->busy + count;
    return count;
}

void workers_tend(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    if (all_are_held_up(workers)) {
        for (size_t wanted = count_ready(workers); wanted > 0; wanted--)
            start_thread(workers);
    }
    workers->tended_ns = clock_mono_ns();
    pthread_mutex_unlock(&workers->lock);
}

struct workers_counts workers_count(struct workers *workers)
{
    struct workers_counts counts = {0};
    int64_t now_ns = clock_mono_ns();

    pthread_mutex_lock(&workers->lock);
    counts.threads = workers->thread_count;
    counts.waiting = workers->waiting;
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        int64_t since_ns = workers->threads[i].present ? workers->threads[i].busy_since_ns : 0;

        counts.stuck += since_ns != 0 && now_ns - since_ns >= TASK_DEADLINE_NS;
    }
    pthread_mutex_unlock(&workers->lock);
    return counts;
}

#include "daemon/worker.h"

#include <semaphore.h>
#include <time.h>

#include "tests/unit/support.h"

/* A call that returns when it is let go. */
struct call {
    struct task task;
    sem_t *begun, *let_go; /* optional */
    _Atomic int *made, *freed;
};

static void on_run(struct task *task)
{
    struct call *call = (struct call *)task;

    if (call->begun)
        sem_post(call->begun);
    if (call->let_go)
        sem_wait(call->let_go);
    atomic_fetch_add(call->made, 1);
}

static void on_free(struct task *task)
{
    struct call *call = (struct call *)task;

    atomic_fetch_add(call->freed, 1);
    free(call);
}

static struct call *new_call(_Atomic int *made, _Atomic int *freed)
{
    struct call *call = calloc(1, sizeof *call);

    ck_assert_ptr_nonnull(call);
    task_init(&call->task, on_run, on_free);
    call->made = made;
    call->freed = freed;
    return call;
}

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Waits until the number is reached, for ten seconds at most. */
static void until(_Atomic int *number, int wanted)
{
    for (int i = 0; i < 10000 && atomic_load(number) != wanted; i++)
        rest();
    ck_assert_int_eq(atomic_load(number), wanted);
}

static void until_done(const struct task *task)
{
    for (int i = 0; i < 10000 && !task_is_done(task); i++)
        rest();
    ck_assert(task_is_done(task));
}

START_TEST(a_pool_without_work_has_no_threads)
{
    struct workers *workers;

    ck_assert_int_eq(workers_new(&workers), 0);
    workers_tend(workers);
    ck_assert_uint_eq(workers_count(workers).threads, 0);
    ck_assert(workers_free(workers));
    ck_assert(workers_free(NULL));
}
END_TEST

START_TEST(makes_each_call_once)
{
    static _Atomic int made, freed;
    struct workers *workers;
    struct call *calls[100];

    ck_assert_int_eq(workers_new(&workers), 0);
    ck_assert_uint_eq(workers_count(workers).threads, 0);
    for (size_t i = 0; i < 100; i++) {
        calls[i] = new_call(&made, &freed);
        task_submit(workers_runner(workers), &calls[i]->task);
    }
    for (size_t i = 0; i < 100; i++)
        until_done(&calls[i]->task);
    ck_assert_int_eq(atomic_load(&made), 100);
    ck_assert_uint_le(workers_count(workers).threads, 2);

    task_reset(&calls[0]->task);
    task_submit(workers_runner(workers), &calls[0]->task);
    until(&made, 101);
    until_done(&calls[0]->task);
    for (size_t i = 0; i < 100; i++)
        task_abandon(&calls[i]->task);
    until(&freed, 100);
    workers_free(workers);
}
END_TEST

START_TEST(what_does_not_return_is_worked_around)
{
    static _Atomic int made, freed;
    struct workers *workers;
    struct call *stuck[5], *other = new_call(&made, &freed);
    static sem_t begun, let_go; /* calls may outlive the test */

    sem_init(&begun, 0, 0);
    sem_init(&let_go, 0, 0);
    ck_assert_int_eq(workers_new(&workers), 0);
    for (size_t i = 0; i < 5; i++) {
        stuck[i] = new_call(&made, &freed);
        stuck[i]->begun = &begun;
        stuck[i]->let_go = &let_go;
        task_submit(workers_runner(workers), &stuck[i]->task);
    }
    task_submit(workers_runner(workers), &other->task);
    sem_wait(&begun);
    sem_wait(&begun);
    ck_assert_uint_eq(workers_count(workers).waiting, 4);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(task_state(&stuck[i]->task), i < 2 ? TASK_RUNNING : TASK_WAITING);
    /* One tick finds them in their calls, the next in the same ones. */
    workers_tend(workers);
    ck_assert_uint_eq(workers_count(workers).threads, 2);
    workers_tend(workers);
    ck_assert_uint_eq(workers_count(workers).threads, 6);
    until_done(&other->task);
    ck_assert_int_eq(atomic_load(&made), 1);
    for (size_t i = 0; i < 5; i++)
        ck_assert(!task_is_done(&stuck[i]->task));
    for (size_t i = 0; i < 5; i++)
        sem_post(&let_go);
    for (size_t i = 0; i < 5; i++) {
        until_done(&stuck[i]->task);
        task_abandon(&stuck[i]->task);
    }
    task_abandon(&other->task);
    workers_free(workers);
    until(&freed, 6);
    sem_destroy(&begun);
    sem_destroy(&let_go);
}
END_TEST

START_TEST(threads_are_bounded)
{
    static _Atomic int made, freed;
    struct workers *workers;
    struct call *calls[WORKERS_MAX + 3];
    static sem_t let_go; /* calls may outlive the test */

    sem_init(&let_go, 0, 0);
    ck_assert_int_eq(workers_new(&workers), 0);
    for (size_t i = 0; i < WORKERS_MAX + 3; i++) {
        calls[i] = new_call(&made, &freed);
        calls[i]->let_go = &let_go;
        task_submit(workers_runner(workers), &calls[i]->task);
    }
    for (int i = 0; i < 10 * WORKERS_MAX; i++) {
        workers_tend(workers);
        rest();
    }
    ck_assert_uint_eq(workers_count(workers).threads, WORKERS_MAX);
    ck_assert_uint_eq(workers_count(workers).waiting, 3);
    for (size_t i = 0; i < WORKERS_MAX + 3; i++)
        sem_post(&let_go);
    for (size_t i = 0; i < WORKERS_MAX + 3; i++) {
        until_done(&calls[i]->task);
        task_abandon(&calls[i]->task);
    }
    workers_free(workers);
    until(&freed, WORKERS_MAX + 3);
    sem_destroy(&let_go);
}
END_TEST

/* So that a kind of call that comes in numbers leaves workers for the others. */
START_TEST(a_task_may_leave_workers_free)
{
    static _Atomic int made, freed;
    struct workers *workers;
    struct call *many[8], *other = new_call(&made, &freed);
    static sem_t begun, let_go; /* calls may outlive the test */

    sem_init(&begun, 0, 0);
    sem_init(&let_go, 0, 0);
    ck_assert_int_eq(workers_new(&workers), 0);
    for (size_t i = 0; i < 8; i++) {
        many[i] = new_call(&made, &freed);
        many[i]->task.busy_max = 5;
        many[i]->begun = &begun;
        many[i]->let_go = &let_go;
        task_submit(workers_runner(workers), &many[i]->task);
    }
    sem_wait(&begun);
    sem_wait(&begun);
    for (int tick = 0; tick < 2; tick++)
        workers_tend(workers);
    for (int i = 0; i < 3; i++)
        sem_wait(&begun);
    for (int tick = 0; tick < 10; tick++)
        workers_tend(workers);
    ck_assert_uint_eq(workers_count(workers).threads, 5);
    ck_assert_uint_eq(workers_count(workers).waiting, 3);

    /* Behind those three in the queue, and yet done. */
    task_submit(workers_runner(workers), &other->task);
    workers_tend(workers);
    until_done(&other->task);
    ck_assert_uint_eq(workers_count(workers).threads, 6);
    ck_assert_uint_eq(workers_count(workers).waiting, 3);

    /* One that returns makes room for one. */
    sem_post(&let_go);
    sem_wait(&begun);
    ck_assert_uint_eq(workers_count(workers).waiting, 2);
    ck_assert_int_ne(sem_trywait(&begun), 0);
    for (size_t i = 0; i < 8; i++)
        sem_post(&let_go);
    for (size_t i = 0; i < 8; i++) {
        until_done(&many[i]->task);
        task_abandon(&many[i]->task);
    }
    task_abandon(&other->task);
    ck_assert(workers_free(workers));
    until(&freed, 9);
    sem_destroy(&begun);
    sem_destroy(&let_go);
}
END_TEST

/* The owner and the collector go first; the call returns long after, into memory that is its own.
 */
START_TEST(an_end_does_not_wait_for_what_is_stuck)
{
    static _Atomic int made, freed;
    struct workers *workers;
    struct call *stuck = new_call(&made, &freed), *waiting[3];
    static sem_t begun, let_go; /* calls may outlive the test */

    sem_init(&begun, 0, 0);
    sem_init(&let_go, 0, 0);
    ck_assert_int_eq(workers_new(&workers), 0);
    stuck->begun = &begun;
    stuck->let_go = &let_go;
    task_submit(workers_runner(workers), &stuck->task);
    sem_wait(&begun);
    for (size_t i = 0; i < 3; i++) {
        waiting[i] = new_call(&made, &freed);
        waiting[i]->let_go = &let_go;
        task_submit(workers_runner(workers), &waiting[i]->task);
    }
    task_abandon(&stuck->task);
    for (size_t i = 0; i < 3; i++)
        task_abandon(&waiting[i]->task);
    ck_assert(!workers_free(workers));
    ck_assert_int_le(atomic_load(&made), 0);
    ck_assert_int_ge(atomic_load(&freed), 2); /* those that nobody had taken */
    for (size_t i = 0; i < 4; i++)
        sem_post(&let_go);
    until(&freed, 4);
}
END_TEST

/* A call that makes another, after the pool began to end. */
struct late {
    struct task task;
    struct task_runner *runner;
    struct call *other;
    sem_t begun;
};

static void on_late_run(struct task *task)
{
    struct late *late = (struct late *)task;

    sem_post(&late->begun);
    for (int i = 0; i < 20; i++)
        rest();
    task_submit(late->runner, &late->other->task);
    task_abandon(&late->other->task);
}

static void on_late_free(struct task *task)
{
    (void)task;
}

START_TEST(what_comes_while_it_ends_is_dropped)
{
    _Atomic int made = 0, freed = 0;
    struct late late = {.other = new_call(&made, &freed)};
    struct workers *workers;

    ck_assert_int_eq(workers_new(&workers), 0);
    late.runner = workers_runner(workers);
    sem_init(&late.begun, 0, 0);
    task_init(&late.task, on_late_run, on_late_free);
    task_submit(late.runner, &late.task);
    sem_wait(&late.begun);
    (void)!workers_free(workers);
    until_done(&late.task);
    until(&freed, 1);
    ck_assert_int_eq(made, 0);
    sem_destroy(&late.begun);
}
END_TEST

int main(void)
{
    return RUN_TESTS("worker", a_pool_without_work_has_no_threads, makes_each_call_once,
                     what_does_not_return_is_worked_around, threads_are_bounded,
                     a_task_may_leave_workers_free, an_end_does_not_wait_for_what_is_stuck,
                     what_comes_while_it_ends_is_dropped);
}

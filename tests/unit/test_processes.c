#include "collectors/system/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collectors/process_list.h"
#include "tests/unit/machine.h"

#define STAT  "%u (sh) S 1 1 1 0 -1 0 0 0 0 0 %u 0 0 0 20 0 3 0 %u 999 10 1 1\n"
#define HANGS 64

/* A board that keeps what it is given. */
struct fake_board {
    struct process_board board;
    struct process_list *list; /* the newest */
    unsigned lists;
    bool watched;
};

static bool is_watched(struct process_board *board, int64_t mono_ns)
{
    (void)mono_ns;
    return ((struct fake_board *)(void *)board)->watched;
}

static void publish(struct process_board *board, struct process_list *list)
{
    struct fake_board *fake = (struct fake_board *)(void *)board;

    process_list_put(fake->list);
    fake->list = list;
    fake->lists++;
}

static struct fake_board board;

/* Opening the command of a process that hangs waits until it is let go. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char hanging[HANGS][16];
static unsigned waiting;
static _Atomic unsigned opens;

int openat(int folder, const char *path, int flags, ...)
{
    unsigned mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list rest;

        va_start(rest, flags);
        mode = va_arg(rest, unsigned);
        va_end(rest);
    }
    pthread_mutex_lock(&lock);
    for (size_t index = 0; index < HANGS; index++) {
        if (strcmp(hanging[index], path) != 0)
            continue;
        opens++;
        waiting++;
        pthread_cond_broadcast(&changed);
        while (*hanging[index] != '\0')
            pthread_cond_wait(&changed, &lock);
        waiting--;
    }
    pthread_mutex_unlock(&lock);
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* A runner with a thread for each task. */
static pthread_t threads[HANGS];
static unsigned thread_count;

static void *run(void *arg)
{
    task_run(arg);
    return NULL;
}

static void submit(struct task_runner *runner, struct task *task)
{
    ck_assert_uint_lt(thread_count, HANGS);
    task_begin(task, ((struct fake_runner *)(void *)runner)->mono_ns);
    ck_assert_int_eq(pthread_create(&threads[thread_count++], NULL, run, task), 0);
}

static void join_all(void)
{
    while (thread_count > 0)
        pthread_join(threads[--thread_count], NULL);
}

static void put(struct machine *machine, unsigned pid, unsigned ticks, unsigned start)
{
    char path[32], text[160];

    snprintf(path, sizeof path, "proc/%u/stat", pid);
    snprintf(text, sizeof text, STAT, pid, ticks, start);
    folder_write(&machine->folder, path, text);
}

static void start(struct machine *machine)
{
    board = (struct fake_board){.board = {.is_watched = is_watched, .publish = publish}};
    machine_make(machine, &processes_collector);
    folder_write(&machine->folder, "proc/loadavg", "0.21 0.37 0.39 1/719 19737\n");
    put(machine, 1, 0, 1);
    put(machine, 5, 0, 1);
    ck_assert_int_eq(machine_open(machine), 0);
    machine->sink.sink.processes = &board.board;
    machine->sink.sink.seq = 40;
}

static void stop(struct machine *machine)
{
    machine_remove(machine);
    process_list_put(board.list);
}

static void tick(struct machine *machine)
{
    machine->sink.sink.seq++;
    machine_expect_tick(machine);
}

START_TEST(totals_come_a_tick_later)
{
    struct machine machine;

    start(&machine);
    machine.sink.sink.processes = NULL;
    tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), PROCESS_STATE_COUNT + 1);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "tacho_processes{state=\"S\"}"), 2);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "tacho_processes{state=\"D\"}"), 0);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "tacho_threads"), 719);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "tacho_threads")->interval_ms,
                      PROCESSES_RESTING_MS);
    ck_assert_uint_eq(machine.sink.sink.interval_ms, 1000);
    tick(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 0);
    stop(&machine);
}
END_TEST

START_TEST(lists_are_of_the_tick_that_asked)
{
    struct machine machine;

    start(&machine);
    tick(&machine);
    ck_assert_uint_eq(board.lists, 1);
    ck_assert_uint_eq(board.list->seq, 41);
    ck_assert_int_eq(board.list->time_ms, machine.sink.sink.real_ns / 1000000);
    ck_assert_int_eq(board.list->mono_ns, machine.sink.sink.mono_ns);
    ck_assert_uint_eq(board.list->visible, 2);
    ck_assert_int_eq(board.list->span_ms, 0);
    stop(&machine);
}
END_TEST

START_TEST(every_five_seconds_unless_watched)
{
    struct machine machine;

    start(&machine);
    for (unsigned second = 0; second < 20; second++)
        tick(&machine);
    ck_assert_uint_ge(board.lists, 4);
    ck_assert_uint_le(board.lists, 5);
    ck_assert_int_eq(board.list->span_ms, 5000);
    board.watched = true;
    board.lists = 0;
    for (unsigned second = 0; second < 20; second++)
        tick(&machine);
    ck_assert_uint_eq(board.lists, 20);
    ck_assert_int_eq(board.list->span_ms, 1000);
    stop(&machine);
}
END_TEST

START_TEST(no_more_often_than_ticks)
{
    struct machine machine;

    start(&machine);
    machine.sink.sink.interval_ms = 10000;
    board.watched = true;
    for (unsigned second = 0; second < 20; second++)
        tick(&machine);
    ck_assert_uint_ge(board.lists, 2);
    ck_assert_uint_le(board.lists, 3);
    ck_assert_uint_eq(fake_sink_find(&machine.sink, "tacho_threads")->interval_ms, 10000);
    stop(&machine);
}
END_TEST

START_TEST(a_scan_that_takes_its_time_is_waited_for)
{
    struct machine machine;

    start(&machine);
    board.watched = true;
    machine.sink.runner.held = true;
    for (unsigned second = 0; second < 4; second++)
        tick(&machine);
    ck_assert_uint_eq(machine.sink.runner.submitted, 1);
    fake_runner_let_go(&machine.sink.runner);
    ck_assert_uint_eq(board.lists, 1);
    ck_assert_uint_eq(board.list->seq, 41);
    tick(&machine);
    ck_assert_uint_eq(board.lists, 2);
    ck_assert_uint_eq(board.list->seq, 45);
    stop(&machine);
}
END_TEST

START_TEST(what_is_not_understood_is_told)
{
    struct machine machine;

    start(&machine);
    folder_write(&machine.folder, "proc/7/stat", "7 (what\n");
    tick(&machine);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_double_eq(fake_sink_value(&machine.sink, "tacho_processes{state=\"S\"}"), 2);
    ck_assert_uint_eq(board.list->unread, 1);
    stop(&machine);
}
END_TEST

START_TEST(a_machine_without_procfs)
{
    struct machine machine;

    machine_make(&machine, &processes_collector);
    ck_assert_int_eq(machine_open(&machine), -ENOENT);
    folder_write(&machine.folder, "proc", "no folder");
    ck_assert_int_eq(machine_open(&machine), -ENOTDIR);
    ck_assert_ptr_null(machine.state);
    machine_remove(&machine);
}
END_TEST

/* --- processes that keep a scan from returning --- */

static void hang(unsigned index, const char *path)
{
    pthread_mutex_lock(&lock);
    snprintf(hanging[index], sizeof hanging[index], "%s", path);
    pthread_mutex_unlock(&lock);
}

static void let_go(void)
{
    pthread_mutex_lock(&lock);
    memset(hanging, 0, sizeof hanging);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    join_all();
}

static void await_waiting(unsigned count)
{
    pthread_mutex_lock(&lock);
    while (waiting < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void start_threaded(struct machine *machine)
{
    start(machine);
    board.watched = true;
    opens = 0;
    machine->sink.runner.runner.submit = submit;
}

START_TEST(a_process_that_cannot_be_asked)
{
    struct machine machine;

    start_threaded(&machine);
    hang(0, "5/cmdline");
    tick(&machine);
    await_waiting(1);
    for (unsigned second = 0; second < 5; second++) {
        tick(&machine);
        ck_assert_uint_eq(thread_count, 1);
    }
    /* Given up; another scanner does not ask that process. */
    tick(&machine);
    ck_assert_uint_eq(thread_count, 2);
    pthread_join(threads[--thread_count], NULL);
    ck_assert_uint_eq(board.lists, 1);
    ck_assert_uint_eq(board.list->visible, 2);
    ck_assert_int_eq(board.list->span_ms, 0);
    tick(&machine);
    pthread_join(threads[--thread_count], NULL);
    ck_assert_uint_eq(board.lists, 2);
    ck_assert_uint_eq(opens, 1);
    /* What it found in the end is old. */
    let_go();
    ck_assert_uint_eq(board.lists, 2);
    tick(&machine);
    join_all();
    ck_assert_uint_eq(board.lists, 3);
    stop(&machine);
}
END_TEST

/* Else one that has too many to look at would be given up, again and again, before its end. */
START_TEST(a_slow_scan_that_comes_on)
{
    struct machine machine;

    start_threaded(&machine);
    hang(0, "1/cmdline");
    tick(&machine);
    await_waiting(1);
    usleep(1100000);
    hang(1, "5/cmdline");
    hang(0, "");
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    while (opens < 2)
        usleep(1000);
    for (unsigned second = 0; second < 5; second++) {
        tick(&machine);
        ck_assert_uint_eq(thread_count, 1);
    }
    let_go();
    ck_assert_uint_eq(board.lists, 1);
    stop(&machine);
}
END_TEST

START_TEST(too_many_that_cannot_be_asked)
{
    struct machine machine;
    unsigned seconds = 0;
    int result = 0;

    start_threaded(&machine);
    for (unsigned index = 0; index <= PROCESSES_STUCK_MAX; index++) {
        char path[16];

        put(&machine, 10 + index, 0, 1);
        snprintf(path, sizeof path, "%u/cmdline", 10 + index);
        hang(index, path);
    }
    while (result == 0 && seconds++ < 100) {
        result = machine_tick(&machine);
        await_waiting(thread_count);
    }
    ck_assert_int_eq(result, -ETIMEDOUT);
    ck_assert_uint_eq(thread_count, PROCESSES_STUCK_MAX + 1);
    ck_assert_uint_eq(board.lists, 0);
    let_go();
    tick(&machine);
    join_all();
    ck_assert_uint_ge(board.lists, 1);
    ck_assert_uint_eq(board.list->visible, 2 + PROCESSES_STUCK_MAX + 1);
    stop(&machine);
}
END_TEST

START_TEST(it_may_end_while_a_scan_goes_on)
{
    struct machine machine;

    start_threaded(&machine);
    hang(0, "5/cmdline");
    tick(&machine);
    await_waiting(1);
    for (unsigned second = 0; second < 6; second++)
        tick(&machine);
    hang(1, "1/status");
    put(&machine, 1, 0, 2);
    tick(&machine);
    stop(&machine);
    let_go();
}
END_TEST

int main(void)
{
    return RUN_TESTS("processes", totals_come_a_tick_later, lists_are_of_the_tick_that_asked,
                     every_five_seconds_unless_watched, no_more_often_than_ticks,
                     a_scan_that_takes_its_time_is_waited_for, what_is_not_understood_is_told,
                     a_machine_without_procfs, a_process_that_cannot_be_asked,
                     a_slow_scan_that_comes_on, too_many_that_cannot_be_asked,
                     it_may_end_while_a_scan_goes_on);
}

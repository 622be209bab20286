/*
 * Who did that: the newest list of processes, its past, and who watches. The collector of processes
 * gives lists to its board; a list is kept in the past and written, then published. One whose
 * writing takes long is published from memory by processes_tend().
 */
#ifndef TACHO_DAEMON_PROCESSES_H
#define TACHO_DAEMON_PROCESSES_H

#include "collectors/task.h"
#include "daemon/process_past.h"

/* For so long after the last request somebody watches. */
#define PROCESSES_WATCHED_NS INT64_C(5000000000)
/* A list is the present for so many times 5 s, or intervals where these are longer. */
#define PROCESSES_PRESENT_PERIODS 3

struct processes;

struct processes_options {
    struct process_past *past; /* outlives it; NULL: nothing is kept */
    struct task_runner *tasks; /* for writing */
    int64_t interval_ns;
};

/* 0 or -ENOMEM. */
int processes_new(const struct processes_options *options, struct processes **out) MUST_CHECK;

/*
 * When neither collector nor readers are left. False if a write does not return: what it uses, the
 * past too, is left behind. NULL is a no-op.
 */
bool processes_free(struct processes *processes) MUST_CHECK;

/* What the sampler gives its collectors. */
struct process_board *processes_board(struct processes *processes);

/*
 * From now on fn(arg) is called when the version has grown, on any thread; it only wakes others.
 * NULL: nobody is told any more, nor being told when this returns. Main loop.
 */
void processes_tell(struct processes *processes, void (*fn)(void *arg), void *arg);

/*
 * Whether command lines are shown whole, as they are at first, or the program alone: what is hidden
 * is not kept either. Any thread.
 */
void processes_show_arguments(struct processes *processes, bool shown);
bool processes_shows_arguments(const struct processes *processes);

/* Publishes what has waited for its write for half a second. At each tick, main loop. */
void processes_tend(struct processes *processes, int64_t mono_ns);

/*
 * Somebody looks at the processes now. Any thread: a time that is stored, which many may do at once
 * and nothing can fill.
 */
void processes_watch(struct processes *processes, int64_t mono_ns);

/*
 * The newest list, held; NULL before the first, and if it is too old to be the present, as when the
 * collector no longer runs. Any thread.
 */
struct process_list *processes_latest(struct processes *processes, int64_t mono_ns);

/* Grows with each list that is published, and when more or less of one is shown. Any thread. */
uint64_t processes_version(const struct processes *processes);

/* Lists that were published before they were written. Any thread. */
uint64_t processes_unwritten(const struct processes *processes);

/* NULL: nothing is kept. */
struct process_past *processes_past(const struct processes *processes);

#endif

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

struct processes;

struct processes_options {
    struct process_past *past; /* outlives it; NULL: nothing is kept */
    struct task_runner *tasks; /* for writing */
    /* Optional. A newer list is there. Any thread; only wakes others. */
    void (*on_published)(void *arg);
    void *arg;
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

/* Publishes what waits for its write too long. At each tick, main loop. */
void processes_tend(struct processes *processes, int64_t mono_ns);

/* Somebody looks at the processes now. Any thread. */
void processes_watch(struct processes *processes, int64_t mono_ns);

/* The newest list, held; NULL before the first. Any thread. */
struct process_list *processes_latest(struct processes *processes);

/* Grows with each list that is published. Any thread. */
uint64_t processes_version(const struct processes *processes);

/* NULL: nothing is kept. */
struct process_past *processes_past(const struct processes *processes);

#endif

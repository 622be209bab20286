/*
 * A runner of tasks for tests. It answers at once, or, while it is held, only when it is let go:
 * what was handed to it until then is as stuck as a call that does not return.
 */
#ifndef TACHO_TESTS_UNIT_FAKE_RUNNER_H
#define TACHO_TESTS_UNIT_FAKE_RUNNER_H

#include <stddef.h>

#include "collectors/task.h"

struct fake_runner {
    struct task_runner runner; /* what the collector gets */
    bool held;
    bool queued;     /* while held, tasks do not even begin, as where all workers are busy */
    int64_t mono_ns; /* when a task that is submitted now begins: fake_sink.h keeps it */
    struct task *waiting;
    size_t waiting_count;
    size_t submitted; /* in all */
};

void fake_runner_init(struct fake_runner *fake);

/* Begins what was queued, as workers do that have come. */
void fake_runner_begin(struct fake_runner *fake);

/* Runs what waits, the last that came first; from now on tasks are answered at once. */
void fake_runner_let_go(struct fake_runner *fake);

/* Answers one call, the one that was submitted last. */
void fake_runner_answer_last(struct fake_runner *fake);

/* Drops what waits, as workers do when the daemon ends. */
void fake_runner_finish(struct fake_runner *fake);

#endif

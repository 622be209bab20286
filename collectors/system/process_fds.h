/*
 * How many descriptors this process has open. Linux says it at once since 6.2, by stat(2) on
 * /proc/self/fd; before, that folder has to be listed, which takes ten milliseconds and more for
 * as many thousands of connections, and so is a task.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_FDS_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_FDS_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/task.h"

struct fds_listing;

/* Caller's memory; the members are process_fds.c's. All zero is a finished one. */
struct process_fds {
    struct fds_listing *listing; /* NULL where Linux says the number */
    uint64_t count;
    bool known; /* count was not taken yet */
};

/* Whether Linux says the number. */
bool process_fds_are_counted(void);

/* listed: to list the folder all the same. 0 or -ENOMEM; then too process_fds_finish() is right. */
__attribute__((warn_unused_result)) int process_fds_init(struct process_fds *fds, bool listed);

/* Asks for the number, unless the answer is still waited for. Never blocks. */
void process_fds_ask(struct process_fds *fds, struct task_runner *tasks);

/* Whether there is an answer that was not taken yet. */
bool process_fds_take(struct process_fds *fds, uint64_t *out);

void process_fds_finish(struct process_fds *fds);

#endif

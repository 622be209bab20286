/*
 * Reading the configuration again, as SIGHUP asks. A worker does it, since the file may be on a
 * file system that does not answer; what it says is put in force whole, or refused whole with one
 * line in the log. Main loop only.
 */
#ifndef TACHO_DAEMON_RELOAD_H
#define TACHO_DAEMON_RELOAD_H

#include <ev.h>
#include <stdbool.h>

#include "collectors/task.h"
#include "daemon/config.h"

/* Reading that takes longer is given up. */
#define RELOAD_DEADLINE_SECONDS 5.0

struct reload_options {
    struct ev_loop *ev;
    struct task_runner *tasks;
    const struct config *started; /* what was in force first: it has the command line */
    /* Optional: each reload begins and ends, whatever comes of it. */
    void (*began)(void *arg);
    void (*ended)(void *arg);
    /* Puts what a reload may change in force; the configuration lives until the next one does. */
    void (*apply)(void *arg, const struct config *config);
    void *arg;
};

struct reload_job;

struct reload {
    struct reload_options options;
    struct reload_job *job; /* a reading that has not answered, be it under way or given up */
    bool under_way;
    bool again; /* asked for once more meanwhile: the file may have changed since it was read */
    struct config *config; /* that was put in force last; NULL: the one of the start */
    ev_async answered;
    ev_timer deadline;
};

/* The options' pointers outlive it. */
void reload_init(struct reload *reload, const struct reload_options *options);

/* Never blocks. One that is asked for while another is under way follows it. */
void reload_ask(struct reload *reload);

/* What is under way is not waited for. The configuration put in force last is given up. */
void reload_finish(struct reload *reload);

#endif

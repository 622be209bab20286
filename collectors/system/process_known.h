/*
 * The processes that a scanner knows, by pid, from one scan to the next: who they are, what they
 * had done when they were last looked at, and their open descriptors. One thread at a time.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_KNOWN_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_KNOWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/system/pid_files.h"

/* A longer text of /proc/PID/stat than any seen is parsed at each scan. */
#define PROCESS_KNOWN_TEXT 400

struct process_known {
    uint32_t pid;
    int fd;          /* of its stat; -1: opened at each scan */
    bool identified; /* its stat was read: what is behind is of the process that began then */
    unsigned looks;  /* scans that have read it */
    int64_t read_ns; /* CLOCK_MONOTONIC of its last stat */
    struct pid_stat stat;
    uint32_t text_length; /* of the last stat; 0: not kept */
    char text[PROCESS_KNOWN_TEXT];
    double cpu_cores; /* the rates of this scan; NaN: not known */
    double read_rate;
    double write_rate;
    uint64_t shared_pages;
    struct pid_io io;         /* as last read */
    int64_t io_ns;            /* CLOCK_MONOTONIC of that; 0: never */
    uint64_t io_child_faults; /* stat.children_faults then */
    struct pid_io reaped;     /* since then: what children that it may have reaped had */
    bool io_hidden;           /* its io cannot be read */
    bool settled;             /* its stat is as it was when the command was read */
    uint32_t uid;
    struct process_text *user;
    struct process_text *command;
};

/* Caller's memory; all zero is an empty one. */
struct process_table {
    struct process_known **items; /* by pid */
    size_t count;
    size_t capacity;
    struct process_known **gone; /* of the last update, by pid */
    size_t gone_count;
    size_t gone_capacity;
    struct process_known **former; /* memory of the update */
    size_t former_capacity;
};

/*
 * Makes the table that of these pids, which ascend. What children that went had read and written
 * is given to whoever may have reaped them. Closes descriptors, of which *kept is the number. 0 or
 * -ENOMEM, with some of the new ones missing.
 */
__attribute__((warn_unused_result)) int process_table_update(struct process_table *table,
                                                             const uint32_t *pids, size_t count,
                                                             _Atomic unsigned *kept);

/* Another process has this one's pid: all but the pid and the descriptor is forgotten. */
void process_table_renew(struct process_table *table, struct process_known *known);

void process_table_finish(struct process_table *table);

#endif

/*
 * Looks at one process after the other: what changed since it was last looked at is read, and no
 * more. A process that sleeps costs one pread(2) of a descriptor that stays open.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_READER_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_READER_H

#include <stdatomic.h>

#include "collectors/system/process_known.h"
#include "collectors/system/users.h"

/* Whatever its stat says, each process's io is read once in so many scans. */
#define PROCESS_IO_SCANS 10
/* And who it is, its command, and whether its io can be read now. */
#define PROCESS_RARE_SCANS 60
/* So many processes are remembered to have kept a scan from ending. */
#define PROCESS_QUARANTINE_MAX 16

/* All zero is none. */
struct process_id {
    uint32_t pid;
    uint64_t start_ticks;
};

/* Caller's memory; set by who owns it. */
struct process_reader {
    int folder;            /* the procfs */
    bool keeps;            /* descriptors stay good: it is the kernel's */
    unsigned kept_max;     /* of them */
    _Atomic unsigned kept; /* descriptors that are open between scans */
    const struct users *users;
    /* Only their stat and statm are read: what else is read of a process may wait for it. */
    struct process_id quarantine[PROCESS_QUARANTINE_MAX];
    /* The process that is being read and may be waited for; any thread may look. */
    _Atomic uint32_t at_pid;
    _Atomic uint64_t at_start_ticks;
    _Atomic int64_t moved_ns; /* since the scan's begin, when it last came to another process */
    int64_t began_ns;         /* CLOCK_MONOTONIC of that begin */
    uint64_t scan;            /* its number */
    unsigned cpus;            /* of the machine */
    double ticks_hz;          /* USER_HZ */
    int64_t since_ns;     /* CLOCK_MONOTONIC of the begin of the scan before; 0: there was none */
    uint64_t since_ticks; /* the same, as starts are told */
};

/*
 * Fills the process in, rates included. 0; -EACCES if its stat may not be read; -ENOENT if it has
 * gone; -EBADMSG if its stat is not understood; -ENOMEM, -EMFILE, -ENFILE.
 */
__attribute__((warn_unused_result)) int process_read(struct process_reader *reader,
                                                     struct process_table *table,
                                                     struct process_known *known);

#endif

/*
 * The texts below /proc/PID: pure, bounded parsers. Names and arguments in them are what the
 * process likes, any bytes.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PID_FILES_H
#define TACHO_COLLECTORS_SYSTEM_PID_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/process_list.h"

/* In pid_stat.flags: a thread of the kernel (PF_KTHREAD of its sched.h). */
#define PID_STAT_KERNEL_THREAD 0x00200000U

/* Of /proc/PID/stat: proc_pid_stat(5). */
struct pid_stat {
    char name[PROCESS_NAME_BYTES]; /* cut to it; zeros behind its end */
    char state;                    /* as it is there */
    uint32_t parent_pid;
    uint32_t flags;
    uint32_t threads;
    uint64_t faults;          /* minor and major */
    uint64_t children_faults; /* the same of the children that it waited for */
    uint64_t cpu_ticks;       /* user and system, of USER_HZ; none of its children */
    uint64_t start_ticks;     /* since boot, of USER_HZ */
    uint64_t resident_pages;
};

/* Of /proc/PID/statm: proc_pid_statm(5). */
struct pid_statm {
    uint64_t virtual_pages;
    uint64_t resident_pages;
    uint64_t shared_pages;
};

/*
 * Of /proc/PID/io: proc_pid_io(5), and of children that the process waited for, which the kernel
 * adds. What was cancelled may have been another's, so that it can be more than what was written.
 */
struct pid_io {
    uint64_t read_bytes;
    uint64_t write_bytes;
    uint64_t cancelled_bytes;
};

/* Each: 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int pid_stat_parse(const char *text, size_t length,
                                                       struct pid_stat *out);
__attribute__((warn_unused_result)) int pid_statm_parse(const char *text, size_t length,
                                                        struct pid_statm *out);
__attribute__((warn_unused_result)) int pid_io_parse(const char *text, size_t length,
                                                     struct pid_io *out);
/* The effective one, of /proc/PID/status. */
__attribute__((warn_unused_result)) int pid_uid_parse(const char *text, size_t length,
                                                      uint32_t *out);

/*
 * Makes /proc/PID/cmdline a line for people, where it is: spaces between arguments, none at its
 * end. Returns the new length, at most PROCESS_COMMAND_MAX.
 */
size_t pid_command_clean(char *text, size_t length);

#endif

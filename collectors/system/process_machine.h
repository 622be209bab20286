/* What all processes together did: the sum of the CPUs in /proc/stat, and the threads of loadavg.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_PROCESS_MACHINE_H
#define TACHO_COLLECTORS_SYSTEM_PROCESS_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/procfs.h"

/* User, nice, system, irq, softirq: what somebody made a CPU do. Of USER_HZ, since boot. */
#define PROCESS_MACHINE_TIMES 5

struct process_machine_cpus {
    uint64_t ticks[PROCESS_MACHINE_TIMES];
    unsigned count; /* of CPUs, at least 1 */
    uint64_t forks; /* since boot, threads too; 0: not known */
};

/* /proc/stat, proc_stat(5). 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int process_machine_parse(const char *text, size_t length,
                                                              struct process_machine_cpus *out);

/* Caller's memory; all zero is a finished one. */
struct process_machine {
    struct procfs_file stat;
    struct procfs_file loadavg;
    struct process_machine_cpus cpus;
    int64_t read_ns; /* CLOCK_MONOTONIC of the last good stat; 0: none */
};

/* Neither file need be there. 0 or -ENOMEM; then too process_machine_finish() is right. */
__attribute__((warn_unused_result)) int process_machine_init(struct process_machine *machine,
                                                             const char *procfs);
void process_machine_finish(struct process_machine *machine);

/* CPUs that were busy since the call before, on average; NaN: not known. */
double process_machine_busy(struct process_machine *machine, int64_t mono_ns);

/* Threads of the machine; 0: not known. */
uint32_t process_machine_threads(struct process_machine *machine);

#endif

/* The folders of CPUs below sysfs's devices/system/cpu, and lists of CPUs as the kernel has them.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_FOLDER_H
#define TACHO_COLLECTORS_SYSTEM_CPU_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/collector.h"

#define CPU_FOLDER     "devices/system/cpu"
#define CPU_NUMBER_MAX 8191

/* "cpu12", as the kernel writes it. */
bool cpu_folder_is_cpu(const char *name);

/* 0, or -ENOENT where the machine's first CPU has no such folder. */
__attribute__((warn_unused_result)) int cpu_folder_check(const struct collector_roots *roots,
                                                         const char *name);

struct cpu_set {
    bool has[CPU_NUMBER_MAX + 1];
};

/* The CPUs that there are in the folder (O_PATH will do). 0, or -errno with *out untouched. */
__attribute__((warn_unused_result)) int cpu_folder_list(int folder, struct cpu_set *out);

/*
 * "1,3-5,9", or nothing. 0; -EBADMSG, or -E2BIG above CPU_NUMBER_MAX, with *out untouched.
 */
__attribute__((warn_unused_result)) int cpu_set_parse(const char *text, size_t length,
                                                      struct cpu_set *out);

#endif

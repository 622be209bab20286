/*
 * What the CPUs are: /proc/cpuinfo, whose keys each architecture has its own of. Known are those of
 * x86, arm, s390, powerpc and riscv.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_INFO_H
#define TACHO_COLLECTORS_SYSTEM_CPU_INFO_H

#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

enum cpu_info_field {
    CPU_INFO_NUMBER,
    CPU_INFO_PACKAGE,
    CPU_INFO_CORE,
    CPU_INFO_VENDOR,
    CPU_INFO_FAMILY,
    CPU_INFO_MODEL,
    CPU_INFO_MODEL_NAME,
    CPU_INFO_MICROCODE,
    CPU_INFO_STEPPING,
    CPU_INFO_CACHE_SIZE,
    CPU_INFO_MHZ,
    CPU_INFO_FIELDS,
};

#define CPU_INFO_VALUE_MAX 127
#define CPU_INFO_CPUS_MAX  8192

/* Spans into the text; an empty one is unknown. */
struct cpu_info {
    struct span fields[CPU_INFO_FIELDS];
};

/* Zero-initialised by the caller, freed by cpu_info_finish(). */
struct cpu_info_list {
    struct cpu_info *cpus;
    size_t count;
    size_t capacity;
    struct span flags, bugs; /* words, of the first CPU */
};

/*
 * 0; -EBADMSG without a CPU or with a value above CPU_INFO_VALUE_MAX, -E2BIG above
 * CPU_INFO_CPUS_MAX, or -ENOMEM: the list then has none.
 */
__attribute__((warn_unused_result)) int cpu_info_parse(const char *text, size_t length,
                                                       struct cpu_info_list *list);

void cpu_info_finish(struct cpu_info_list *list);

extern const struct collector cpu_info_collector;

#endif

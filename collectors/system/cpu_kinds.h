/*
 * The series of a file of counts by kind and CPU, cpu_counts.h. They can be thousands, so that each
 * keeps its slot, and what names it is looked at only where it is new or has changed.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_KINDS_H
#define TACHO_COLLECTORS_SYSTEM_CPU_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/collector.h"
#include "collectors/procfs.h"
#include "collectors/roster.h"
#include "collectors/system/cpu_counts.h"

/* Room for a CPU's number with NUL. */
#define CPU_LABEL_BYTES 11

/* Constant data of the collector. */
struct cpu_kinds_form {
    struct metric metric; /* its labels are cpu and type … */
    /*
     * … and, made of what stands behind a line's counts, info and devices: of a type that is a
     * number the first word and the others, of any other all words and none. A line without any is
     * left out.
     */
    bool detailed;
};

/* Caller's memory; the members are cpu_kinds.c's. */
struct cpu_kinds {
    const struct cpu_kinds_form *form;
    struct roster kinds;
    uint32_t *cpus;                  /* those that each kind has a series for, in order */
    char (*labels)[CPU_LABEL_BYTES]; /* the same as text */
    size_t cpu_count;
};

void cpu_kinds_init(struct cpu_kinds *kinds, const struct cpu_kinds_form *form);

/* The series end with the collector's state. */
void cpu_kinds_finish(struct cpu_kinds *kinds);

/*
 * Writes the counts of this tick; the series of kinds and of CPUs that are there no more end. 0, or
 * -ENOMEM.
 */
__attribute__((warn_unused_result)) int
cpu_kinds_write(struct cpu_kinds *kinds, const struct cpu_counts *counts, struct sink *sink);

/*
 * Reads such a file and writes its counts. 0 or -errno, of what was not understood too: where
 * nothing was, the series stay as they are. *counts is the caller's room for them.
 */
__attribute__((warn_unused_result)) int cpu_kinds_sample(struct cpu_kinds *kinds,
                                                         struct procfs_file *file,
                                                         struct cpu_counts *counts,
                                                         struct sink *sink);

#endif

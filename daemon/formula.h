/*
 * The formulas of the derived series, one table, and what they read. derive.h has the doing.
 */
#ifndef TACHO_DAEMON_FORMULA_H
#define TACHO_DAEMON_FORMULA_H

#include "daemon/present.h"

/* What the formulas read: all series of a name, narrowed by the label "mode" where one is set. */
enum input {
    CPU_USER,
    CPU_NICE,
    CPU_SYSTEM,
    CPU_IDLE,
    CPU_IOWAIT,
    CPU_IRQ,
    CPU_SOFTIRQ,
    CPU_STEAL,
    GUEST_USER,
    GUEST_NICE,
    MEM_TOTAL,
    MEM_FREE,
    MEM_AVAILABLE,
    MEM_BUFFERS,
    MEM_CACHED,
    MEM_SHMEM,
    MEM_RECLAIMABLE,
    SWAP_TOTAL,
    SWAP_FREE,
    ARC_SIZE,
    ARC_MIN,
    LOAD1,
    DISK_READ_BYTES,
    DISK_WRITTEN_BYTES,
    DISK_IO_TIME,
    DISK_READ_TIME,
    DISK_READS,
    DISK_WRITE_TIME,
    DISK_WRITES,
    INPUT_COUNT,
};

struct input_key {
    const char *name;
    const char *mode; /* NULL: any */
};

extern const struct input_key formula_inputs[INPUT_COUNT];

/* The modes of tacho_cpu_mode_ratio: those of /proc/stat, and guest taken out of user and nice. */
#define FORMULA_CPU_MODES     9
#define FORMULA_MAX_ARGUMENTS 2

extern const char *const formula_cpu_modes[FORMULA_CPU_MODES];

struct series_list {
    const struct series **series;
    size_t count;
};

/* The inputs as they were found, and what several formulas share. */
struct inputs {
    struct series_list lists[INPUT_COUNT];
    double cpu_share[FORMULA_CPU_MODES]; /* of this tick; NaN when there is none */
};

/* What one derived series reads beside the lists. */
struct formula_arguments {
    size_t mode;                                        /* of formula_cpu_modes */
    const struct series *series[FORMULA_MAX_ARGUMENTS]; /* of one device; NULL: it has none */
};

/* How many series a formula makes: one, or one for each of these. */
enum formula_per { PER_MACHINE, PER_CPU_MODE, PER_DEVICE };

struct formula {
    struct metric metric; /* the help is the formula */
    /* NaN for "no value". */
    double (*compute)(const struct inputs *inputs, const struct present *present,
                      const struct formula_arguments *arguments);
    enum formula_per per;
    enum input first;                            /* it exists when this input does */
    enum input arguments[FORMULA_MAX_ARGUMENTS]; /* PER_DEVICE: its series; INPUT_COUNT: none */
    const char *op;                              /* PER_DEVICE: the label "op", or NULL */
};

extern const struct formula formulas[];
extern const size_t formula_count;

/* Computes what several formulas share. Once per tick, before them. */
void formula_prepare(struct inputs *inputs, const struct present *present);

#endif

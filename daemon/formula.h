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
    NET_RECEIVE_BYTES,
    NET_TRANSMIT_BYTES,
    FS_SIZE,
    FS_FREE,
    FS_AVAILABLE,
    FS_INODES,
    FS_INODES_FREE,
    CPU_WAITING,
    IO_WAITING,
    MEMORY_WAITING,
    INPUT_COUNT,
};

struct input_key {
    const char *name;
    const char *mode; /* NULL: any */
};

extern const struct input_key formula_inputs[INPUT_COUNT];

/* The modes of tacho_cpu_mode_ratio: those of /proc/stat, and guest taken out of user and nice. */
#define FORMULA_CPU_MODES     9
#define FORMULA_MAX_ARGUMENTS 3

extern const char *const formula_cpu_modes[FORMULA_CPU_MODES];

struct series_list {
    const struct series **series;
    size_t count, capacity;
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

/* NaN for "no value". */
typedef double formula_fn(const struct inputs *inputs, const struct present *present,
                          const struct formula_arguments *arguments);

/* How many series a formula makes: one, one for each mode, one for each series of its input. */
enum formula_per { PER_MACHINE, PER_CPU_MODE, PER_SERIES };

struct formula {
    struct metric metric; /* the help is the formula */
    formula_fn *compute;
    enum formula_per per;
    enum input first; /* it exists when this input does, and has a value when this one has one */
    enum input
        arguments[FORMULA_MAX_ARGUMENTS]; /* PER_SERIES: of the same labels; INPUT_COUNT: none */
    unsigned flags;                       /* PER_SERIES: those that the input has to have */
    struct label label; /* PER_SERIES: beside the labels of the input; NULL key: none */
};

extern const struct formula formulas[];
extern const size_t formula_count;

/* Computes what several formulas share. Once per tick, before them. */
void formula_prepare(struct inputs *inputs, const struct present *present);

#endif

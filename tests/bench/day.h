/*
 * A day of recorded series, put into a data directory by what does it in the daemon: each tick's
 * row into the head, then by the recorder into a row file; each block of them by the sealer, whose
 * task is run at once, into segments, and by the archive into files. The clocks are those of the
 * ticks, so that a day takes seconds. Errors end the program.
 */
#ifndef TACHO_BENCH_DAY_H
#define TACHO_BENCH_DAY_H

#include "daemon/recover.h"
#include "daemon/sealer.h"
#include "tests/bench/recording.h"

#define DAY_TICKS       86400
#define DAY_SERIES      1000
#define DAY_INTERVAL_MS 1000
#define DAY_BLOCKS      (DAY_TICKS / HISTORY_BLOCK_TICKS + 1)
/* So often a row's floor is measured: a bare pwrite of as many bytes into another file. */
#define DAY_FLOOR_TICKS 16

/* Durations in nanoseconds, in the order in which they were measured. */
struct durations {
    int64_t *ns;
    size_t count, room;
};

enum day_cost {
    DAY_STORE_CPU,
    DAY_STORE_WALL,
    DAY_FLOOR_CPU,
    DAY_FLOOR_WALL,
    DAY_SEAL_CPU, /* of a block: its segment, and the minutes of it */
    DAY_JOIN_CPU, /* of a block at which minutes of many segments were joined too */
    DAY_FILE_CPU, /* the segments' files */
    DAY_FILE_WALL,
    DAY_COSTS,
};

struct day {
    struct task_runner runner; /* first */
    const struct recording *recording;
    struct data_folder folder;
    struct archive *archive;
    struct history *history;
    struct series_table *table;
    struct recorder *recorder;
    struct sealer *sealer;
    int64_t *rows;    /* the recorded integers, a row of DAY_SERIES for each of its ticks */
    int64_t *growths; /* what each series grows by from one round of the recording to the next */
    uint32_t *slots;  /* of each series */
    struct tick tick; /* the last one */
    int64_t task_ns;  /* CPU of the last task that the sealer gave out; 0: none since */
    int floor_fd;
    uint64_t floor_bytes; /* that were written into it in all */
    size_t floor_rows;    /* in it */
    struct durations costs[DAY_COSTS];
};

/*
 * A new history in the folder, with series "recorded_0" … of the recording, which has DAY_SERIES at
 * least. The memory of measuring is there when this returns.
 */
void day_begin(struct day *day, const struct recording *recording, const char *path);

/* The day's ticks, which end about now. */
void day_replay(struct day *day);

/* Lets go of the folder, for a daemon to go on there. */
void day_end(struct day *day);

#endif

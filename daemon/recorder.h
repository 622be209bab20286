/*
 * Writes each tick to the data directory before it is published: its row to a row file of its
 * block, and before that what is new of the series to the series log. Thus nothing that was
 * published is lost with the process. Rows that could not be written are written when they can be,
 * as long as the head has them.
 *
 * recorder_store is the ring thread's. What may happen meanwhile on the archive's thread: syncing,
 * and removing row files whose ticks are in segments.
 */
#ifndef TACHO_DAEMON_RECORDER_H
#define TACHO_DAEMON_RECORDER_H

#include "daemon/archive.h"
#include "daemon/history.h"
#include "daemon/row_file.h"
#include "daemon/series_log.h"

/* Row files of ticks that are in no segment yet: of a start, and of blocks that wait. */
#define RECORDER_MAX_FILES 64

/* A row file that a start has found, with ticks that no file of a segment has. */
struct recovered_file {
    uint64_t first_seq, last_seq;
    uint64_t tick_count;
    uint64_t bytes;
};

struct recorder_options {
    const struct data_folder *folder; /* as all pointers here it outlives the recorder */
    struct archive *archive;          /* whose budget row files and log are charged to */
    struct history *history;
    struct series_table *table;
    uint32_t max_series;
    struct series_log log; /* open; the recorder's from then on, also on failure */
    size_t log_records;    /* how many it has */
    uint8_t boot_id[ROW_BOOT_ID_BYTES];
};

struct recorder;

/* Goes on behind the last tick that the history has now. 0 or -ENOMEM. */
int recorder_new(const struct recorder_options *options, struct recorder **out) MUST_CHECK;
void recorder_free(struct recorder *recorder); /* NULL is a no-op */

/* A row file that a start has found; by ascending ticks. Before the ring thread starts. */
void recorder_adopt(struct recorder *recorder, const struct recovered_file *file);

/* ring.h's store: writes all ticks up to seq that are not written. Errors are told and counted. */
void recorder_store(void *recorder, uint64_t seq);

/*
 * Wait until the log, or the rows, that were written are on the disk. The log comes before anything
 * that has its ids. Archive's thread. 0 or -errno.
 */
int recorder_sync_log(struct recorder *recorder) MUST_CHECK;
int recorder_sync_rows(struct recorder *recorder) MUST_CHECK;

/* Removes row files whose ticks are in files of segments. Archive's thread. */
void recorder_remove(struct recorder *recorder);

/* Writes that failed since the start. Any thread. */
uint64_t recorder_failures(const struct recorder *recorder);

#endif

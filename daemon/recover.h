/*
 * What a start finds in the data directory: the series, and rows that were written and not sealed.
 * They become segments at once, and the newest of them rows of the head, so that the ring goes on
 * where it was: with its epoch, its numbers, its ids. No segment is read.
 */
#ifndef TACHO_DAEMON_RECOVER_H
#define TACHO_DAEMON_RECOVER_H

#include "daemon/recorder.h"

struct recovery_options {
    const struct data_folder *folder;
    struct archive *archive;
    struct history *history;            /* new */
    struct series_table *table;         /* new */
    uint8_t boot_id[ROW_BOOT_ID_BYTES]; /* of the kernel that runs */
};

struct recovery {
    struct series_log log; /* open, and the caller's */
    size_t log_records;
    struct recovered_file files[RECORDER_MAX_FILES]; /* whose rows are in no file of a segment */
    size_t file_count;
    size_t damaged_files; /* the log among them */
    struct tick last;     /* of the head; seq 0: there is none */
};

/*
 * Tells what is damaged, and goes on without it. 0, or -errno where the directory cannot be used;
 * the history and the table are then as they were.
 */
int recover(const struct recovery_options *options, struct recovery *out) MUST_CHECK;

#endif

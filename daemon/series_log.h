/*
 * The series log: what the ids in the other files stand for, and the ring's epoch. A series is in
 * it before the first row that uses its id. It is appended to, and rewritten when much of it is no
 * longer needed.
 *
 * One thread at a time.
 */
#ifndef TACHO_DAEMON_SERIES_LOG_H
#define TACHO_DAEMON_SERIES_LOG_H

#include "daemon/data_folder.h"
#include "daemon/record.h"
#include "daemon/series.h"

#define SERIES_LOG_NAME  "series"
#define SERIES_LOG_MAGIC "tachoser" /* of its header, without the NUL */

struct series_log {
    const struct data_folder *folder; /* the caller's, open as long as the log is */
    struct record_file file;
    char epoch[RECORD_EPOCH_CHARS + 1];
};

/*
 * Gets each series of the log in the order of the file. Its slot is SERIES_NO_SLOT and its hash 0;
 * its texts are the log's until the return: series_table_restore() copies them. An id may come
 * again: the later one counts. Other than 0 ends the reading and is its answer.
 */
struct series_visitor {
    void *arg;
    int (*on_series)(void *arg, const struct series *series);
};

/* What opening found. */
struct series_log_state {
    uint64_t damaged;          /* bytes that were skipped */
    char aside[DATA_NAME_MAX]; /* where a log without a right header has been moved; "": nowhere */
};

/*
 * Reads the log and leaves it open behind its last whole record. -ENOENT if there is none, or none
 * any more since its header was damaged or of another version, and it was renamed; -errno, or what
 * the visitor gave, with out untouched.
 */
int series_log_open(const struct data_folder *folder, const struct series_visitor *visitor,
                    struct series_log *out, struct series_log_state *state) MUST_CHECK;

/* Makes an empty one of this epoch (RECORD_EPOCH_CHARS characters), durably. 0 or -errno. */
int series_log_create(const struct data_folder *folder, const char *epoch,
                      struct series_log *out) MUST_CHECK;

/*
 * Appends the series by one pwritev(2). 0; -E2BIG if one of them has more text than
 * SERIES_TEXTS_MAX (series_record.h), -ENOMEM; -errno, with the file as it was.
 */
int series_log_append(struct series_log *log, struct series *const *series,
                      size_t count) MUST_CHECK;

/*
 * Replaces all by these series, durably. 0; or -errno: the log has then either its former content
 * or the new one, and is usable all the same.
 */
int series_log_rewrite(struct series_log *log, struct series *const *series,
                       size_t count) MUST_CHECK;

/* fdatasync(2). */
int series_log_sync(const struct series_log *log) MUST_CHECK;

uint64_t series_log_bytes(const struct series_log *log);

void series_log_close(struct series_log *log);

/*
 * Reads a log that is given as input, which stays the caller's: 0 with epoch (RECORD_EPOCH_CHARS
 * and a NUL) and the bytes up to the end of the last whole record; -errno as record_input_head() or
 * as the visitor.
 */
int series_log_read_input(struct record_input *input, const struct series_visitor *visitor,
                          char *epoch, uint64_t *good_bytes) MUST_CHECK;

#endif

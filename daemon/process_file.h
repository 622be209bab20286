/*
 * The files of the processes' past: each has the records of a block (process_record.h), in the
 * format of record.h, numbered from 0 on. A name says when its block begins and when the one before
 * it ended, so that nothing has to be read to find a moment.
 *
 * No locks. Every call that takes a folder may block for as long as the disk does.
 */
#ifndef TACHO_DAEMON_PROCESS_FILE_H
#define TACHO_DAEMON_PROCESS_FILE_H

#include "daemon/data_folder.h"
#include "daemon/process_record.h"
#include "daemon/record.h"

#define PROCESS_FILE_NAME_SIZE 64
#define PROCESS_FILE_RECORDS   512
/* With heads. A block that is as large takes no more, so that none is larger by over a record. */
#define PROCESS_FILE_BYTES (256 * 1024)

struct process_file_name {
    uint64_t number;   /* of its first list among all that were ever kept here, from 1 on */
    int64_t first_ms;  /* wall time of its first list */
    int64_t before_ms; /* and of the last one before it; 0: there is none */
};

/* "processes-", then number, first_ms and before_ms as 16 hex digits each, with "-" between. */
void process_file_name(const struct process_file_name *what, char out[PROCESS_FILE_NAME_SIZE]);

/* Whether it is one of these, and what it says. */
bool process_file_parse_name(const char *name, struct process_file_name *out);

/* Makes the file, of this epoch (RECORD_EPOCH_CHARS). 0 or -errno, and then there is none. */
int process_file_create(const struct data_folder *folder, const char *epoch,
                        const struct process_file_name *what, struct record_file *out) MUST_CHECK;

/*
 * Appends a list to a buffer as the record of this place in its block. As process_record_encode();
 * but for 0 the buffer is as it was.
 */
int process_file_frame(struct process_record *block, const struct process_list *list,
                       const uint32_t *indices, size_t count, uint32_t place,
                       struct buffer *out) MUST_CHECK;

/* The whole file; its memory is the caller's. 0 or -errno. */
int process_file_load(const struct data_folder *folder, const struct process_file_name *what,
                      struct buffer *out) MUST_CHECK;

/*
 * Whether what was loaded begins as a file of this epoch and number does: 0; -EBADMSG,
 * -EPROTONOSUPPORT for another version, -ESTALE for another epoch.
 */
int process_file_judge(const struct buffer *file, const char *epoch, uint64_t number) MUST_CHECK;

/* Reads the records of a file behind its header, or of a block in memory. */
struct process_reading {
    struct record_input input;
    struct process_record *block; /* after process_reading_next(): with that record's list */
    uint32_t place;               /* records that were read */
    bool is_damaged;              /* and cannot be read any further */
};

/* data is aligned to 8 and stays the caller's. 0 or -ENOMEM. */
int process_reading_start(struct process_reading *reading, uint8_t *data, size_t size) MUST_CHECK;
void process_reading_finish(struct process_reading *reading);

/* Goes on in other bytes, which begin with the same ones and may have more. Aligned as above. */
void process_reading_extend(struct process_reading *reading, uint8_t *data, size_t size);

/* 1 with the next record, 0 at the end or before damage, -ENOMEM. */
int process_reading_next(struct process_reading *reading) MUST_CHECK;

#endif

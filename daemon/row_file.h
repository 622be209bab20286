/*
 * A row file has the rows of (a part of) one block of 256 ticks, whose first is a multiple of 256,
 * as they were published: what a restart makes a segment of. A list of the ids in the slots comes
 * before the rows that it is for, and a row is never read with another list than its own.
 *
 * Written by one thread; row_file_sync() may be another's meanwhile.
 */
#ifndef TACHO_DAEMON_ROW_FILE_H
#define TACHO_DAEMON_ROW_FILE_H

#include "daemon/data_folder.h"
#include "daemon/record.h"
#include "daemon/tick.h"

#define ROW_FILE_TICKS     256
#define ROW_SLOTS_MAX      65536
#define ROW_PAIRS_MAX      8192
#define ROW_BOOT_ID_BYTES  16
#define ROW_FILE_PREFIX    "rows-"
#define ROW_FILE_NAME_SIZE (sizeof ROW_FILE_PREFIX + 16)

/* A row as it is stored. What it points to is the writer's, or the reader's until it returns. */
struct stored_row {
    struct tick tick; /* but for catalog_version, which is 0 when read */
    uint8_t boot_id[ROW_BOOT_ID_BYTES];
    const uint64_t *words; /* slot_count, at most ROW_SLOTS_MAX */
    uint32_t slot_count;
    const uint64_t *pairs; /* pair_count, at most ROW_PAIRS_MAX: the tail, see history.h */
    uint32_t pair_count;
};

struct row_file {
    struct record_file file;
    uint64_t first_seq;
    uint32_t slots_crc; /* of the list of ids that the rows are for */
};

/* "rows-" and the seq as 16 hex digits, with a NUL. */
void row_file_name(uint64_t first_seq, char out[ROW_FILE_NAME_SIZE]);

/* Whether that is a row file's name, and whose. */
bool row_file_parse_name(const char *name, uint64_t *first_seq);

/*
 * Makes a file for first_seq and what follows in its block; one of the same name is lost. The epoch
 * (RECORD_EPOCH_CHARS) is the ring's, whose ids are meant. 0 or -errno, and then there is no file.
 */
int row_file_create(const struct data_folder *folder, const char *epoch, uint64_t first_seq,
                    struct row_file *out) MUST_CHECK;

/*
 * From here on slot i is the series ids[i], 0 for none; count is at most ROW_SLOTS_MAX. On failure
 * (-errno) the rows that follow are still for the list before: do not write any.
 */
int row_file_write_slots(struct row_file *file, const uint32_t *ids, uint32_t count) MUST_CHECK;

/*
 * Appends a row by one pwritev(2); allocates and reads nothing. Rows come in order, of this file's
 * block. 0; -E2BIG or -EINVAL for what no reader would take; -errno, with the file as it was.
 */
int row_file_write_row(struct row_file *file, const struct stored_row *row) MUST_CHECK;

/* fdatasync(2). Any thread. */
int row_file_sync(const struct row_file *file) MUST_CHECK;

void row_file_close(struct row_file *file);

/* --- reading --- */

/* Other than 0 ends the reading and is its answer. */
struct row_visitor {
    void *arg;
    int (*on_slots)(void *arg, const uint32_t *ids, uint32_t count);
    int (*on_row)(void *arg, const struct stored_row *row);
};

/*
 * Calls back with each list of ids and each row, in order. Damage is skipped: *damaged is how many
 * bytes were, those of rows whose list of ids is damaged included. A file without a whole header
 * has no rows. 0; -EBADMSG if its header is not that of this name's file, -EPROTONOSUPPORT for
 * another version, -ESTALE for another epoch's; -errno; or what the visitor gave. A row's words are
 * any bits: a histogram's may point to pairs that the tail has not.
 */
int row_file_read(const struct data_folder *folder, const char *name, const char *epoch,
                  const struct row_visitor *visitor, uint64_t *damaged) MUST_CHECK;

/* The same of a file of first_seq that is given as input, which stays the caller's. */
int row_file_read_input(struct record_input *input, uint64_t first_seq, const char *epoch,
                        const struct row_visitor *visitor) MUST_CHECK;

#endif

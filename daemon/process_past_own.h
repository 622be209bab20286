/* What process_past.c, process_past_write.c and process_past_read.c share. */
#ifndef TACHO_DAEMON_PROCESS_PAST_OWN_H
#define TACHO_DAEMON_PROCESS_PAST_OWN_H

#include <pthread.h>

#include "daemon/process_file.h"
#include "daemon/process_past.h"
#include "daemon/process_unrolled.h"

/* Lists come at least so often, or as often as their spans say. */
#define PROCESS_PAST_EVERY_MS 5000
/* And are so much late, and spans are rounded by so much. */
#define PROCESS_PAST_LATE_MS 1000
#define PROCESS_PAST_NEAR_MS 100

struct process_block {
    struct process_file_name name;
    int64_t last_ms;        /* of its last list; of one that was not read: at most that */
    uint32_t records;       /* of one that was not read: 0 */
    uint32_t written_lists; /* of these: they are in the file */
    struct buffer bytes;    /* its records; none when they are all in the file and it is closed */
    size_t written;         /* of the bytes: they are in the file */
    uint64_t file_bytes;    /* 0: there is no file */
    bool is_closed;         /* takes no more lists */
    bool is_told;           /* that it cannot be read */
};

struct process_past {
    const struct data_folder *folder;
    char epoch[RECORD_EPOCH_CHARS];

    /* Who writes. */
    const struct process_block *open; /* whose file is open; NULL: none is */
    struct record_file file;
    int64_t synced_ns;                 /* CLOCK_MONOTONIC */
    bool is_unsynced, is_new_unsynced; /* records; the names of files */
    int told;                          /* the error that the log has told of; 0: all is well */
    int64_t silent_until_ns;

    pthread_mutex_t lock;           /* guards what follows; never held while a disk is waited for */
    struct process_record *encoder; /* of the newest block */
    struct buffer frame;
    struct process_block **blocks; /* by age */
    size_t count, capacity;
    const struct process_block *writing; /* not to be freed, cut or lost */
    uint64_t budget_bytes;
    uint64_t next_number;
    int64_t newest_ms, newest_span_ms; /* of the newest list; 0: there is none */
    uint64_t failures, damaged, lost;
    bool is_loss_told;
    struct process_unrolled *unrolled; /* of the last question; NULL: none, or somebody has it */
};

/* All of these locked. */

uint64_t process_past_used(const struct process_past *past);
/* What is not in a file, of all blocks. */
uint64_t process_past_unwritten(const struct process_past *past);
/* Takes the block out of the list; it is the caller's then. */
void process_past_take(struct process_past *past, size_t index);
void process_block_free(struct process_block *block);

/* Appends a block, which it takes if that is 0; or -ENOMEM. */
int process_past_append(struct process_past *past, struct process_block *block) MUST_CHECK;

/* What the directory has: names, and the newest block. 0 or -errno. Before others know the past. */
int process_past_scan(struct process_past *past) MUST_CHECK;

#endif

/*
 * The past of the processes: of each list the union of the first PROCESS_PAST_TOP by CPU, by
 * memory, by reading and writing, in a ring of bytes of its own. A list is one record, coded as its
 * difference from the one before; records are in blocks, each of which can be read by itself. The
 * oldest block goes first.
 *
 * With a data directory a block is a file, to which a record is appended by one pwrite(2); only the
 * block that is being filled is in memory as well, and what could not be written. Without, all are
 * in memory. What is damaged is told, counted, and a gap.
 */
#ifndef TACHO_DAEMON_PROCESS_PAST_H
#define TACHO_DAEMON_PROCESS_PAST_H

#include "collectors/process_list.h"
#include "daemon/data_folder.h"
#include "daemon/scope.h"

/* Of each order. */
#define PROCESS_PAST_TOP 20

#define PROCESS_PAST_READ_NS INT64_C(10000000000)

struct process_past_options {
    const struct data_folder *folder; /* NULL: memory alone; outlives the past */
    const char *epoch;                /* the ring's, RECORD_EPOCH_CHARS; copied */
    uint64_t budget_bytes;            /* never exceeded but by a single block */
};

struct process_past_counts {
    uint64_t budget_bytes, used_bytes;
    uint64_t records;
    int64_t first_ms, last_ms; /* wall times of the oldest and of the newest; 0: there is none */
    uint64_t failures;         /* writes that failed, since the start */
    uint64_t damaged;          /* records that were found damaged, since the start */
    uint64_t lost;             /* that could not be written for too long, since the start */
};

struct process_past;

/*
 * Goes on behind what the directory has, of which it reads the newest block alone. 0 or -errno.
 * Main loop.
 */
int process_past_new(const struct process_past_options *options,
                     struct process_past **out) MUST_CHECK;

/* When nobody writes or reads any more; what is not written is lost. NULL is a no-op. */
void process_past_free(struct process_past *past);

/*
 * Keeps a list, in memory; one without a span, which has no rates, is kept as well. Any one thread
 * at a time; never waits for a disk. 0 or -ENOMEM, and then that list is a gap.
 */
int process_past_add(struct process_past *past, const struct process_list *list) MUST_CHECK;

/*
 * Writes what is not written, syncs every 10 s, removes files beyond the budget. A no-op without a
 * directory. One thread at a time; may block for as long as the disk does, and others meanwhile
 * still add and read. 0, or -errno, told once, which the next call tries anew.
 */
int process_past_write(struct process_past *past) MUST_CHECK;

/*
 * The list whose span a moment of wall time is in: the first one kept at or after it, but for one
 * that began later than it; with rates to four places of a core and to a byte. Where the clock was
 * set back, the newest of several. Behind the newest it is that one, until another should have been
 * there. A worker: may block. 0 with the list held; -ENODATA if none was kept then; -ENOMEM;
 * -errno of a file that cannot be read, which was told.
 *
 * The block that was read last stays in memory for PROCESS_PAST_READ_NS, with the lists that it had
 * up to the moment (at most 4 MB), so that another question of it takes microseconds.
 */
int process_past_read(struct process_past *past, int64_t at_ms,
                      struct process_list **out) MUST_CHECK;

/* Any thread. */
struct process_past_counts process_past_count(struct process_past *past);

#endif

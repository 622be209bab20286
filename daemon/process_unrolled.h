/*
 * The lists of a block, by age, each made once. Records can only be decoded in the order in which
 * they were written, which takes milliseconds; who moves over the past asks of the same block ten
 * times a second. Of a block that is asked once, as by who moves over days, only the answer is
 * made, since making all takes as long again. One thread at a time.
 */
#ifndef TACHO_DAEMON_PROCESS_UNROLLED_H
#define TACHO_DAEMON_PROCESS_UNROLLED_H

#include "daemon/process_file.h"

/* The bytes of a block, as they were taken. */
struct process_block_bytes {
    struct buffer bytes; /* a file's with its header */
    size_t start;        /* where the records begin */
    uint32_t records;    /* that it is known to have; 0: not known */
};

struct process_unrolled {
    uint64_t number; /* the block's */
    int64_t used_ns; /* CLOCK_MONOTONIC; who keeps it sets it */
    struct process_block_bytes from;
    struct process_reading reading;
    bool was_asked;
    int64_t skipped_ms; /* time of the last record before those of the lists; 0: there is none */
    size_t count;
    struct process_list *lists[PROCESS_FILE_RECORDS];
};

/* Takes the bytes, also on failure. 0 or -ENOMEM. */
int process_unrolled_new(uint64_t number, const struct process_block_bytes *from,
                         struct process_unrolled **out) MUST_CHECK;
void process_unrolled_free(struct process_unrolled *unrolled); /* NULL is a no-op */

/* The block's bytes are more by now: these, which it takes, begin with those that it has. */
void process_unrolled_extend(struct process_unrolled *unrolled,
                             const struct process_block_bytes *from);

/*
 * The first list at the moment or after it, held. 0; -ENODATA at the end or before damage, of which
 * the reading tells; -ENOMEM, and then it is of no use any more.
 */
int process_unrolled_find(struct process_unrolled *unrolled, int64_t at_ms,
                          struct process_list **out) MUST_CHECK;

#endif

/*
 * A list of processes as the bytes of a record, coded as its difference from the records before it
 * in the same block: processes are told once a block, with their texts, and then only which of them
 * are there and what changed. Records of a block are read in the order in which they were written,
 * from the first on. Pure.
 *
 * What comes back: rates to a 1/10000 of a core and to a byte; user names up to
 * PROCESS_RECORD_USER_MAX; start times to a second if they move (start_ticks are exact).
 */
#ifndef TACHO_DAEMON_PROCESS_RECORD_H
#define TACHO_DAEMON_PROCESS_RECORD_H

#include "collectors/process_list.h"
#include "daemon/buffer.h"
#include "daemon/scope.h"

#define PROCESS_RECORD_ENTRIES  64   /* in a record */
#define PROCESS_RECORD_KNOWN    4096 /* processes in a block */
#define PROCESS_RECORD_USER_MAX 255  /* bytes of a user's name that are kept */

/* A block that is being written, or read. */
struct process_record;

/* 0 or -ENOMEM. */
int process_record_new(struct process_record **out) MUST_CHECK;
void process_record_free(struct process_record *block); /* NULL is a no-op */

/*
 * Appends the bytes of a record with those entries of the list whose ascending indices are given,
 * at most PROCESS_RECORD_ENTRIES. 0; -ENOSPC if the block has too many processes, with nothing
 * changed; -ENOMEM, and then the block is of no use any more.
 */
int process_record_encode(struct process_record *block, const struct process_list *list,
                          const uint32_t *indices, size_t count, struct buffer *out) MUST_CHECK;

/*
 * Reads the next record of the block; bytes behind it do not matter if they are zeros. 0; -EBADMSG
 * or -ENOMEM, and then the block is of no use any more.
 */
int process_record_decode(struct process_record *block, const uint8_t *data,
                          size_t size) MUST_CHECK;

/* The time and the span of the record that was read last. */
int64_t process_record_time_ms(const struct process_record *block);
int64_t process_record_span_ms(const struct process_record *block);

/* The list of that record, with one reference. 0 or -ENOMEM. */
int process_record_list(const struct process_record *block, struct process_list **out) MUST_CHECK;

#endif

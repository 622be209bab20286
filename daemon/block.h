/*
 * A block of the head as a segment: up to HISTORY_BLOCK_TICKS aligned ticks of all series, column
 * by column. For a worker; the ticks are still in the head, or are missing from the segment.
 */
#ifndef TACHO_DAEMON_BLOCK_H
#define TACHO_DAEMON_BLOCK_H

#include "daemon/archive.h"
#include "daemon/history.h"
#include "daemon/series.h"

/* The last tick of the block that this one is of. */
static inline uint64_t block_last_seq(uint64_t seq)
{
    return seq | (HISTORY_BLOCK_TICKS - 1);
}

/* Rows of one block, transposed. */
struct block {
    size_t tick_count;
    struct tick ticks[HISTORY_BLOCK_TICKS];
    uint64_t *words; /* [slot][HISTORY_BLOCK_TICKS] */
    uint32_t slot_count;
    uint64_t *pairs; /* of all rows' tails */
    size_t pair_count, pair_capacity;
    size_t pairs_at[HISTORY_BLOCK_TICKS]; /* where each row's begin */
};

int block_init(struct block *block, uint32_t slot_count) MUST_CHECK;
void block_finish(struct block *block);

/* Makes it at least so many slots wide; the new words are absent. 0 or -ENOMEM. */
int block_widen(struct block *block, uint32_t slot_count) MUST_CHECK;

/* Adds a row, in order; slots beyond slot_count are left out. 0, -ENOSPC (full) or -ENOMEM. */
int block_add(struct block *block, const struct history_row *row) MUST_CHECK;

/*
 * Encodes it. by_slot: the series of each slot, or NULL; the words of others are left out. Fills
 * what. 0, -ENODATA (no tick) or -ENOMEM.
 */
int block_encode(const struct block *block, const struct series *const *by_slot,
                 struct segment_writer *writer, struct archive_entry *what,
                 struct buffer *out) MUST_CHECK;

#endif

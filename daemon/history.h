/*
 * The history of all series. Today that is the head: two blocks of HISTORY_BLOCK_TICKS rows in
 * private memory, of which one is being filled. The interface speaks of ticks by sequence number
 * and of series, never of rows, so that older blocks can come from files.
 *
 * One writer (the main loop) makes a row, commits it, and it is published when it is safe.
 * Readers, on any thread, copy and then check: each row has a generation that is 0 while it is
 * being made, and what was copied counts only if the generation was the same before and after.
 * The writer never waits. Words are stored with release and loaded with acquire order (plain moves
 * on x86), which orders them after the generation's change without fences; ThreadSanitizer does
 * not know fences.
 */
#ifndef TACHO_DAEMON_HISTORY_H
#define TACHO_DAEMON_HISTORY_H

#include "daemon/histogram.h"
#include "daemon/sample.h"
#include "daemon/scope.h"
#include "daemon/series.h"
#include "daemon/tick.h"

#define HISTORY_BLOCK_TICKS 256
#define HISTORY_BLOCKS      2
#define HISTORY_HEAD_TICKS  (HISTORY_BLOCK_TICKS * HISTORY_BLOCKS)
#define HISTORY_EPOCH_CHARS 16
/* Bytes of a row's tail; pairs beyond it are dropped and counted. */
#define HISTORY_TAIL_BYTES (64 * 1024)
#define HISTORY_TAIL_PAIRS (HISTORY_TAIL_BYTES / sizeof(uint64_t))

struct history;

int history_new(uint32_t max_series, struct history **out) MUST_CHECK;
void history_free(struct history *history);

/* 16 lower-case hex digits, made at random with the ring. */
const char *history_epoch(const struct history *history);

/*
 * Goes on with the epoch and behind the last tick of a ring of before, whose rows are the
 * archive's. Before the first tick.
 */
void history_continue(struct history *history, const char *epoch, uint64_t last_seq);

/* --- the writer: main loop only --- */

/* Begins the next tick's row, all absent. tick->seq is set here, the rest by history_commit. */
uint64_t history_begin(struct history *history);

/* Makes the row begun at least slot_count words long; the new ones are absent. */
void history_extend(struct history *history, uint32_t slot_count);

/* The words of the row begun, max_series of them. */
_Atomic uint64_t *history_words(struct history *history);

/*
 * Puts a histogram's value into the row begun. Pairs that the tail has no room for are dropped:
 * the answer is how many were.
 */
size_t history_set_histogram(struct history *history, uint32_t slot,
                             const struct histogram_pair *pairs, size_t count);

/* Ends the row begun. tick->seq is that of history_begin. It is not yet visible to readers. */
void history_commit(struct history *history, const struct tick *tick);

/* --- publishing: any thread --- */

/*
 * Makes all ticks up to seq visible; ticks are committed in order. True if this call did it, false
 * if they were visible before.
 */
bool history_publish(struct history *history, uint64_t seq);

/* A pair as it is a word of the tail: the increment, and the bucket above it. */
static inline struct histogram_pair history_pair(uint64_t word)
{
    return (struct histogram_pair){.bucket = (int16_t)(word >> 32), .increment = (uint32_t)word};
}

/* A row, in memory that is somebody else's. */
struct history_row {
    struct tick tick;
    const uint64_t *words;
    uint32_t slot_count;
    const uint64_t *pairs; /* words of the tail */
    uint32_t pair_count;
};

/*
 * A committed row, visible or not, for who stores it before that, copied to words (room for
 * max_series) and pairs (for HISTORY_TAIL_PAIRS). -ENODATA if it was overwritten; what they hold
 * is then undefined.
 */
int history_copy_row(const struct history *history, uint64_t seq, uint64_t *words, uint64_t *pairs,
                     struct history_row *row) MUST_CHECK;

/* --- readers: any thread --- */

/* The newest visible tick; 0 if there is none. */
uint64_t history_last(const struct history *history);

/* The oldest tick that can be read now; 1 if there is none. */
uint64_t history_first(const struct history *history);

/* -ENODATA if the tick is not (or no longer, or not yet) there. */
int history_read_tick(const struct history *history, uint64_t seq, struct tick *out) MUST_CHECK;

/*
 * A whole row: its words into words, which has room for max_series of
 * them, and how many there are. -ENODATA as above; words is then undefined.
 */
int history_read_row(const struct history *history, uint64_t seq, struct tick *tick,
                     uint64_t *words, uint32_t *slot_count) MUST_CHECK;

/*
 * The words of one series at count ticks from seq on; absent where it had no value (SAMPLE_GONE
 * where it ended) or the tick is not there. The catalog that the series comes from was got after
 * history_last() said that the last of these ticks is visible.
 */
void history_read_column(const struct history *history, const struct series *series, uint64_t seq,
                         size_t count, uint64_t *words);

/*
 * A histogram's pairs at a tick: their number (at most capacity are copied), or -ENODATA if the
 * tick is not there or has no value.
 */
int history_read_histogram(const struct history *history, const struct series *series, uint64_t seq,
                           struct histogram_pair *pairs, size_t capacity) MUST_CHECK;

/* Bytes of memory that rows have taken so far. */
size_t history_used_bytes(const struct history *history);

#endif

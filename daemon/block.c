#include "daemon/block.h"

#include <errno.h>
#include <stdlib.h>

int block_init(struct block *block, uint32_t slot_count)
{
    *block = (struct block){0};
    return block_widen(block, slot_count);
}

int block_widen(struct block *block, uint32_t slot_count)
{
    const size_t former = (size_t)block->slot_count * HISTORY_BLOCK_TICKS;
    const size_t count = (size_t)slot_count * HISTORY_BLOCK_TICKS;
    uint64_t *larger;

    if (block->words && count <= former)
        return 0;
    larger = reallocarray(block->words, count + 1, sizeof *larger);
    if (!larger)
        return -ENOMEM;
    for (size_t i = former; i < count; i++)
        larger[i] = SAMPLE_ABSENT;
    block->words = larger;
    block->slot_count = slot_count;
    return 0;
}

void block_finish(struct block *block)
{
    free(block->words);
    free(block->pairs);
    block->words = block->pairs = NULL;
}

static int add_pairs(struct block *block, const struct history_row *row)
{
    size_t needed = block->pair_count + row->pair_count;

    block->pairs_at[block->tick_count] = block->pair_count;
    if (needed > block->pair_capacity) {
        size_t capacity = needed * 2;
        uint64_t *larger = reallocarray(block->pairs, capacity, sizeof *larger);

        if (!larger)
            return -ENOMEM;
        block->pairs = larger;
        block->pair_capacity = capacity;
    }
    if (row->pair_count > 0)
        memcpy(block->pairs + block->pair_count, row->pairs, row->pair_count * sizeof *row->pairs);
    block->pair_count = needed;
    return 0;
}

int block_add(struct block *block, const struct history_row *row)
{
    uint64_t *column = block->words + block->tick_count;
    uint32_t count = row->slot_count < block->slot_count ? row->slot_count : block->slot_count;

    if (block->tick_count == HISTORY_BLOCK_TICKS)
        return -ENOSPC;
    if (add_pairs(block, row) < 0)
        return -ENOMEM;
    for (uint32_t slot = 0; slot < count; slot++, column += HISTORY_BLOCK_TICKS)
        *column = row->words[slot];
    block->ticks[block->tick_count++] = row->tick;
    return 0;
}

/* --- encoding --- */

struct numbered {
    uint32_t id, slot;
    enum sample_type type;
};

static int compare_ids(const void *a, const void *b)
{
    const struct numbered *left = a, *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static const uint64_t *column_of(const struct block *block, uint32_t slot)
{
    return block->words + (size_t)slot * HISTORY_BLOCK_TICKS;
}

static bool is_empty(const struct block *block, uint32_t slot)
{
    const uint64_t *column = column_of(block, slot);

    for (size_t i = 0; i < block->tick_count; i++) {
        if (column[i] != SAMPLE_ABSENT)
            return false;
    }
    return true;
}

static size_t sort_series(const struct block *block, const struct series *const *by_slot,
                          struct numbered *out)
{
    size_t count = 0;

    for (uint32_t slot = 0; slot < block->slot_count; slot++) {
        const struct series *series = by_slot[slot];

        if (series && !is_empty(block, slot))
            out[count++] =
                (struct numbered){.id = series->stored_id, .slot = slot, .type = series->type};
    }
    qsort(out, count, sizeof *out, compare_ids);
    return count;
}

/* The place and number of a tick's pairs; a word that says anything else is none. */
static bool find_pairs(const struct block *block, size_t tick, uint64_t word, const uint64_t **out,
                       uint32_t *count)
{
    const size_t end = tick + 1 < block->tick_count ? block->pairs_at[tick + 1] : block->pair_count;
    const size_t room = end - block->pairs_at[tick];
    const uint32_t offset = (uint32_t)word;

    *count = (uint32_t)(word >> 32);
    if (sample_is_absent(word) || offset > room || *count > room - offset)
        return false;
    *out = block->pairs + block->pairs_at[tick] + offset;
    return true;
}

static int add_histogram(const struct block *block, const struct numbered *series,
                         struct segment_writer *writer)
{
    const uint64_t *column = column_of(block, series->slot), *words[HISTORY_BLOCK_TICKS];
    struct histogram_pair *pairs;
    uint32_t counts[HISTORY_BLOCK_TICKS];
    size_t total = 0, at = 0;
    int result;

    for (size_t i = 0; i < block->tick_count; i++) {
        if (find_pairs(block, i, column[i], &words[i], &counts[i]))
            total += counts[i];
        else
            counts[i] = SEGMENT_NO_PAIRS;
    }
    /* Room for its own: the block may have thousands of series, and two million pairs in all. */
    pairs = malloc((total + 1) * sizeof *pairs);
    if (!pairs)
        return -ENOMEM;
    for (size_t i = 0; i < block->tick_count; i++) {
        if (counts[i] == SEGMENT_NO_PAIRS)
            continue;
        for (uint32_t k = 0; k < counts[i]; k++)
            pairs[at + k] = history_pair(words[i][k]);
        at += counts[i];
    }
    result = segment_add_histogram(writer, series->id, counts, pairs);
    free(pairs);
    return result;
}

static int add_series(const struct block *block, const struct numbered *series,
                      struct segment_writer *writer)
{
    const uint64_t *column = column_of(block, series->slot);

    if (series->type == SAMPLE_HISTOGRAM)
        return add_histogram(block, series, writer);
    return segment_add(writer, series->id, &column);
}

static void begin(const struct block *block, struct segment_writer *writer)
{
    int64_t seqs[HISTORY_BLOCK_TICKS], times_ms[HISTORY_BLOCK_TICKS], monos_ns[HISTORY_BLOCK_TICKS],
        flags[HISTORY_BLOCK_TICKS];
    const int64_t *const heads[] = {seqs, times_ms, monos_ns, flags};

    for (size_t i = 0; i < block->tick_count; i++) {
        seqs[i] = (int64_t)block->ticks[i].seq;
        times_ms[i] = block->ticks[i].time_ms;
        monos_ns[i] = block->ticks[i].mono_ns;
        flags[i] = block->ticks[i].flags;
    }
    segment_begin(writer, SEGMENT_TICKS, block->tick_count, heads, sizeof heads / sizeof *heads, 1);
}

static void describe(const struct block *block, struct archive_entry *what)
{
    const struct tick *first = block->ticks, *last = block->ticks + block->tick_count - 1;

    *what = (struct archive_entry){.part = ARCHIVE_SECONDS,
                                   .first_seq = first->seq,
                                   .last_seq = last->seq,
                                   .first_ms = first->time_ms,
                                   .last_ms = first->time_ms};
    for (size_t i = 1; i < block->tick_count; i++) {
        int64_t time_ms = block->ticks[i].time_ms;

        what->first_ms = time_ms < what->first_ms ? time_ms : what->first_ms;
        what->last_ms = time_ms > what->last_ms ? time_ms : what->last_ms;
    }
}

int block_encode(const struct block *block, const struct series *const *by_slot,
                 struct segment_writer *writer, struct archive_entry *what, struct buffer *out)
{
    AUTO_FREE struct numbered *sorted = NULL;
    size_t count;
    int result = 0;

    if (block->tick_count == 0)
        return -ENODATA;
    sorted = calloc(block->slot_count + 1, sizeof *sorted);
    if (!sorted)
        return -ENOMEM;
    count = sort_series(block, by_slot, sorted);
    begin(block, writer);
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_series(block, &sorted[i], writer);
    if (result == 0)
        result = segment_end(writer, out);
    if (result == 0)
        describe(block, what);
    return result;
}

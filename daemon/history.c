#include "daemon/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

/*
 * A row is an array of words: a header, one word per slot, and at a fixed place the tail. Rows are
 * spaced for max_series and a full tail, but only pages that are written take memory.
 */
enum header_word {
    ROW_GENERATION, /* the tick's seq; 0 while the row is being made */
    ROW_TIME_MS,
    ROW_MONO_NS,
    ROW_FLAGS,      /* and, in the upper half, the catalog's version */
    ROW_SLOT_COUNT, /* and, in the upper half, how many pairs the tail has */
    ROW_HEADER_WORDS,
};

/* The smallest page of any machine. */
#define PAGE_WORDS (4096 / (uint32_t)sizeof(uint64_t))

struct history {
    uint32_t max_series;
    size_t row_words;             /* distance of two rows */
    void *blocks[HISTORY_BLOCKS]; /* mapped, HISTORY_BLOCK_TICKS rows each */
    _Atomic uint64_t published;
    uint64_t former_seq; /* of the last tick before the first one here */
    _Atomic size_t used_bytes;
    uint32_t touched_words[HISTORY_HEAD_TICKS]; /* writer only, as the rest: most a row has had */
    uint64_t committed;
    _Atomic uint64_t *row;
    uint32_t slot_count;
    uint32_t pair_count;
    char epoch[HISTORY_EPOCH_CHARS + 1];
};

static uint64_t load(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static void store(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_release);
}

static uint64_t join(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

static size_t block_bytes(const struct history *history)
{
    return history->row_words * HISTORY_BLOCK_TICKS * sizeof(uint64_t);
}

static _Atomic uint64_t *row_of(const struct history *history, uint64_t seq)
{
    _Atomic uint64_t *block = history->blocks[seq / HISTORY_BLOCK_TICKS % HISTORY_BLOCKS];

    return block + seq % HISTORY_BLOCK_TICKS * history->row_words;
}

static int make_epoch(char *out)
{
    uint64_t random;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return -EIO;
    snprintf(out, HISTORY_EPOCH_CHARS + 1, "%016llx", (unsigned long long)random);
    return 0;
}

int history_new(uint32_t max_series, struct history **out)
{
    struct history *history = calloc(1, sizeof *history);
    int result;

    if (!history)
        return -ENOMEM;
    history->max_series = max_series;
    history->row_words = (ROW_HEADER_WORDS + max_series + HISTORY_TAIL_PAIRS + PAGE_WORDS - 1) /
                         PAGE_WORDS * PAGE_WORDS;
    result = make_epoch(history->epoch);
    for (size_t i = 0; i < HISTORY_BLOCKS && result == 0; i++) {
        void *block = mmap(NULL, block_bytes(history), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (block == MAP_FAILED) {
            result = -errno;
            break;
        }
        /* Rows lie far apart: a huge page under each would take all of what is only reserved. */
        madvise(block, block_bytes(history), MADV_NOHUGEPAGE);
        history->blocks[i] = block;
    }
    if (result < 0) {
        history_free(history);
        return result;
    }
    *out = history;
    return 0;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < HISTORY_BLOCKS; i++) {
        if (history->blocks[i])
            munmap(history->blocks[i], block_bytes(history));
    }
    free(history);
}

const char *history_epoch(const struct history *history)
{
    return history->epoch;
}

void history_continue(struct history *history, const char *epoch, uint64_t last_seq)
{
    snprintf(history->epoch, sizeof history->epoch, "%s", epoch);
    history->former_seq = history->committed = last_seq;
    atomic_store(&history->published, last_seq);
}

uint64_t history_begin(struct history *history)
{
    uint64_t seq = history->committed + 1;

    history->row = row_of(history, seq);
    history->slot_count = 0;
    history->pair_count = 0;
    store(&history->row[ROW_GENERATION], 0);
    return seq;
}

void history_extend(struct history *history, uint32_t slot_count)
{
    for (; history->slot_count < slot_count && history->slot_count < history->max_series;
         history->slot_count++)
        store(&history->row[ROW_HEADER_WORDS + history->slot_count], SAMPLE_ABSENT);
}

_Atomic uint64_t *history_words(struct history *history)
{
    return history->row + ROW_HEADER_WORDS;
}

static _Atomic uint64_t *row_tail(const struct history *history, _Atomic uint64_t *row)
{
    return row + ROW_HEADER_WORDS + history->max_series;
}

size_t history_set_histogram(struct history *history, uint32_t slot,
                             const struct histogram_pair *pairs, size_t count)
{
    _Atomic uint64_t *tail = row_tail(history, history->row) + history->pair_count;
    size_t room = HISTORY_TAIL_PAIRS - history->pair_count;
    size_t kept = count < room ? count : room;

    if (slot >= history->slot_count)
        return count;
    for (size_t i = 0; i < kept; i++)
        store(&tail[i], join(pairs[i].increment, (uint16_t)pairs[i].bucket));
    store(&history_words(history)[slot], join(history->pair_count, (uint32_t)kept));
    history->pair_count += (uint32_t)kept;
    return count - kept;
}

static uint32_t whole_pages(uint32_t words)
{
    return (words + PAGE_WORDS - 1) / PAGE_WORDS * PAGE_WORDS;
}

/* Rows take whole pages, the tail some of its own, and keep what they once took. */
static void count_used(struct history *history)
{
    uint32_t words =
        whole_pages(ROW_HEADER_WORDS + history->slot_count) + whole_pages(history->pair_count);
    uint32_t *touched = &history->touched_words[history->committed % HISTORY_HEAD_TICKS];

    if (words <= *touched)
        return;
    atomic_fetch_add_explicit(&history->used_bytes, (words - *touched) * sizeof(uint64_t),
                              memory_order_relaxed);
    *touched = words;
}

void history_commit(struct history *history, const struct tick *tick)
{
    _Atomic uint64_t *row = history->row;

    store(&row[ROW_TIME_MS], (uint64_t)tick->time_ms);
    store(&row[ROW_MONO_NS], (uint64_t)tick->mono_ns);
    store(&row[ROW_FLAGS], join(tick->flags, tick->catalog_version));
    store(&row[ROW_SLOT_COUNT], join(history->slot_count, history->pair_count));
    store(&row[ROW_GENERATION], tick->seq);
    history->committed = tick->seq;
    count_used(history);
}

bool history_publish(struct history *history, uint64_t seq)
{
    uint64_t published = atomic_load(&history->published);

    while (published < seq) {
        if (atomic_compare_exchange_weak(&history->published, &published, seq))
            return true;
    }
    return false;
}

uint64_t history_last(const struct history *history)
{
    return atomic_load(&history->published);
}

uint64_t history_first(const struct history *history)
{
    uint64_t last = history_last(history), first = history->former_seq + 1;

    /* The row after the last one is being made in the place of the oldest. */
    return last < first + HISTORY_HEAD_TICKS - 1 ? first : last - HISTORY_HEAD_TICKS + 2;
}

/* True if the row holds this tick; ask again after copying, the answer must still be the same. */
static bool row_holds(const struct history *history, const _Atomic uint64_t *row, uint64_t seq)
{
    return seq != 0 && seq <= history_last(history) && load(&row[ROW_GENERATION]) == seq;
}

static void copy_tick(const _Atomic uint64_t *row, uint64_t seq, struct tick *out)
{
    uint64_t flags = load(&row[ROW_FLAGS]);

    *out = (struct tick){
        .seq = seq,
        .time_ms = (int64_t)load(&row[ROW_TIME_MS]),
        .mono_ns = (int64_t)load(&row[ROW_MONO_NS]),
        .flags = (uint32_t)flags,
        .catalog_version = (uint32_t)(flags >> 32),
    };
}

int history_copy_row(const struct history *history, uint64_t seq, uint64_t *words, uint64_t *pairs,
                     struct history_row *row)
{
    _Atomic uint64_t *from = row_of(history, seq);
    uint64_t counts;

    if (load(&from[ROW_GENERATION]) != seq)
        return -ENODATA;
    copy_tick(from, seq, &row->tick);
    counts = load(&from[ROW_SLOT_COUNT]);
    row->slot_count = (uint32_t)counts;
    row->pair_count = (uint32_t)(counts >> 32);
    row->words = words;
    row->pairs = pairs;
    for (uint32_t slot = 0; slot < row->slot_count; slot++)
        words[slot] = load(&from[ROW_HEADER_WORDS + slot]);
    for (uint32_t i = 0; i < row->pair_count; i++)
        pairs[i] = load(&row_tail(history, from)[i]);
    return load(&from[ROW_GENERATION]) == seq ? 0 : -ENODATA;
}

int history_read_tick(const struct history *history, uint64_t seq, struct tick *out)
{
    const _Atomic uint64_t *row = row_of(history, seq);
    struct tick tick;

    if (!row_holds(history, row, seq))
        return -ENODATA;
    copy_tick(row, seq, &tick);
    if (!row_holds(history, row, seq))
        return -ENODATA;
    *out = tick;
    return 0;
}

int history_read_row(const struct history *history, uint64_t seq, struct tick *tick,
                     uint64_t *words, uint32_t *slot_count)
{
    const _Atomic uint64_t *row = row_of(history, seq);
    struct tick copy;
    uint32_t count;

    if (!row_holds(history, row, seq))
        return -ENODATA;
    copy_tick(row, seq, &copy);
    count = (uint32_t)load(&row[ROW_SLOT_COUNT]);
    for (uint32_t slot = 0; slot < count; slot++)
        words[slot] = load(&row[ROW_HEADER_WORDS + slot]);
    if (!row_holds(history, row, seq))
        return -ENODATA;
    *tick = copy;
    *slot_count = count;
    return 0;
}

static uint64_t read_word(const struct history *history, const _Atomic uint64_t *row, uint64_t seq,
                          uint32_t slot)
{
    uint64_t word;

    if (!row_holds(history, row, seq) || slot >= (uint32_t)load(&row[ROW_SLOT_COUNT]))
        return SAMPLE_ABSENT;
    word = load(&row[ROW_HEADER_WORDS + slot]);
    return row_holds(history, row, seq) ? word : SAMPLE_ABSENT;
}

void history_read_column(const struct history *history, const struct series *series, uint64_t seq,
                         size_t count, uint64_t *words)
{
    for (size_t i = 0; i < count; i++)
        words[i] = read_word(history, row_of(history, seq + i), seq + i, series->slot);
}

int history_read_histogram(const struct history *history, const struct series *series, uint64_t seq,
                           struct histogram_pair *pairs, size_t capacity)
{
    _Atomic uint64_t *row = row_of(history, seq);
    uint64_t word = read_word(history, row, seq, series->slot);
    uint32_t offset = (uint32_t)word, count = (uint32_t)(word >> 32);

    /* A word from a row that was just overwritten may say anything: stay inside the tail. */
    if (sample_is_absent(word) || offset > HISTORY_TAIL_PAIRS ||
        count > HISTORY_TAIL_PAIRS - offset)
        return -ENODATA;
    for (size_t i = 0; i < count && i < capacity; i++) {
        uint64_t pair = load(&row_tail(history, row)[offset + i]);

        pairs[i] = history_pair(pair);
    }
    return row_holds(history, row, seq) ? (int)count : -ENODATA;
}

size_t history_used_bytes(const struct history *history)
{
    return atomic_load_explicit(&history->used_bytes, memory_order_relaxed);
}

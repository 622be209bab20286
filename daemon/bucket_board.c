#include "daemon/bucket_board.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>

#include "daemon/histogram.h"
#include "daemon/sample.h"

enum { WORD_COUNT = BUCKET_BOUNDS, WORD_SUM, WORDS };

/* Odd generations are being written; 0: there is no series. */
struct entry {
    _Atomic uint32_t generation;
    _Atomic uint32_t is_there;
    _Atomic uint64_t words[WORDS];
};

struct bucket_board {
    uint32_t max_slots;
    int16_t last[2][BUCKET_BOUNDS]; /* of each scale: the bucket that has the bound */
    struct entry *entries;          /* by slot */
};

static const struct {
    double value;
    const char *text;
} bounds[2][BUCKET_BOUNDS] = {
    [BUCKETS_SECONDS] = {{0.0005, "0.0005"},
                         {0.001, "0.001"},
                         {0.0025, "0.0025"},
                         {0.005, "0.005"},
                         {0.01, "0.01"},
                         {0.025, "0.025"},
                         {0.05, "0.05"},
                         {0.1, "0.1"},
                         {0.25, "0.25"},
                         {0.5, "0.5"},
                         {1, "1.0"},
                         {2.5, "2.5"},
                         {5, "5.0"},
                         {10, "10.0"},
                         {30, "30.0"},
                         {60, "60.0"}},
    [BUCKETS_DECADES] = {{1e-3, "0.001"},
                         {1e-2, "0.01"},
                         {1e-1, "0.1"},
                         {1e0, "1.0"},
                         {1e1, "10.0"},
                         {1e2, "100.0"},
                         {1e3, "1000.0"},
                         {1e4, "10000.0"},
                         {1e5, "100000.0"},
                         {1e6, "1e+06"},
                         {1e7, "1e+07"},
                         {1e8, "1e+08"},
                         {1e9, "1e+09"},
                         {1e10, "1e+10"},
                         {1e11, "1e+11"},
                         {1e12, "1e+12"}},
};

enum bucket_scale bucket_scale_of(const char *unit)
{
    return strcmp(unit, "seconds") == 0 ? BUCKETS_SECONDS : BUCKETS_DECADES;
}

const char *bucket_bound(enum bucket_scale scale, size_t index)
{
    return bounds[scale][index].text;
}

int bucket_board_new(uint32_t max_slots, struct bucket_board **out)
{
    struct bucket_board *board = calloc(1, sizeof *board);

    if (!board)
        return -ENOMEM;
    board->max_slots = max_slots;
    board->entries = calloc(max_slots, sizeof *board->entries);
    if (!board->entries) {
        free(board);
        return -ENOMEM;
    }
    for (size_t scale = 0; scale < 2; scale++) {
        for (size_t i = 0; i < BUCKET_BOUNDS; i++)
            board->last[scale][i] = histogram_bucket(bounds[scale][i].value);
    }
    *out = board;
    return 0;
}

void bucket_board_free(struct bucket_board *board)
{
    if (!board)
        return;
    free(board->entries);
    free(board);
}

/* Only the writer, which knows that nobody else writes. */
static uint64_t own_word(const struct entry *entry, size_t index)
{
    return atomic_load_explicit(&entry->words[index], memory_order_relaxed);
}

static void set_word(struct entry *entry, size_t index, uint64_t word)
{
    atomic_store_explicit(&entry->words[index], word, memory_order_release);
}

/*
 * A reader that sees a word of a write sees the odd generation too, since each word is released
 * behind it; so it tells that what it copied is of two moments.
 */
static void begin_write(struct entry *entry)
{
    uint32_t generation = atomic_load_explicit(&entry->generation, memory_order_relaxed);

    atomic_store_explicit(&entry->generation, generation + 1, memory_order_relaxed);
}

static void end_write(struct entry *entry)
{
    uint32_t generation = atomic_load_explicit(&entry->generation, memory_order_relaxed);

    atomic_store_explicit(&entry->generation, generation + 1, memory_order_release);
}

void bucket_board_add(struct bucket_board *board, uint32_t slot, enum bucket_scale scale,
                      const struct histogram_pair *pairs, size_t pair_count, uint64_t count,
                      double sum)
{
    struct entry *entry = slot < board->max_slots ? &board->entries[slot] : NULL;
    uint64_t grown = 0;
    bool begins;
    size_t at = 0;

    if (!entry)
        return;
    begins = atomic_load_explicit(&entry->is_there, memory_order_relaxed) == 0;
    if (!begins && pair_count == 0 && own_word(entry, WORD_COUNT) == count)
        return;
    begin_write(entry);
    for (size_t i = 0; i < BUCKET_BOUNDS; i++) {
        for (; at < pair_count && pairs[at].bucket <= board->last[scale][i]; at++)
            grown += pairs[at].increment;
        set_word(entry, i, (begins ? 0 : own_word(entry, i)) + grown);
    }
    set_word(entry, WORD_COUNT, count);
    set_word(entry, WORD_SUM, sample_word(sum));
    atomic_store_explicit(&entry->is_there, 1, memory_order_release);
    end_write(entry);
}

void bucket_board_end(struct bucket_board *board, uint32_t slot)
{
    if (slot < board->max_slots)
        atomic_store_explicit(&board->entries[slot].is_there, 0, memory_order_release);
}

static bool copy(const struct entry *entry, struct bucket_totals *out)
{
    uint32_t generation = atomic_load_explicit(&entry->generation, memory_order_acquire);

    for (size_t i = 0; i < BUCKET_BOUNDS; i++)
        out->counts[i] = atomic_load_explicit(&entry->words[i], memory_order_acquire);
    out->count = atomic_load_explicit(&entry->words[WORD_COUNT], memory_order_acquire);
    out->sum = sample_value(atomic_load_explicit(&entry->words[WORD_SUM], memory_order_acquire));
    return generation % 2 == 0 &&
           atomic_load_explicit(&entry->generation, memory_order_relaxed) == generation;
}

/* A write takes a fraction of a microsecond, once a tick. */
bool bucket_board_read(const struct bucket_board *board, uint32_t slot, struct bucket_totals *out)
{
    const struct entry *entry = slot < board->max_slots ? &board->entries[slot] : NULL;
    struct bucket_totals totals;

    if (!entry || atomic_load_explicit(&entry->is_there, memory_order_acquire) == 0)
        return false;
    while (!copy(entry, &totals))
        sched_yield();
    *out = totals;
    return true;
}

#include "daemon/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/model.h"

#define MAX_SERIES 64
#define TAIL_PAIRS (HISTORY_TAIL_BYTES / 8)

static struct history *make_history(void)
{
    struct history *history;

    ck_assert_int_eq(history_new(MAX_SERIES, &history), 0);
    return history;
}

static void set(struct history *history, uint32_t slot, double value)
{
    atomic_store_explicit(&history_words(history)[slot], sample_word(value), memory_order_release);
}

static struct tick tick_of(uint64_t seq)
{
    return (struct tick){.seq = seq,
                         .time_ms = 1000000 + (int64_t)seq * 1000,
                         .mono_ns = (int64_t)seq * NS_PER_SECOND + 17,
                         .flags = (uint32_t)seq % 63,
                         .catalog_version = (uint32_t)seq + 7};
}

/* Commits a tick whose first slots hold seq, seq + 0.5 and so on, and publishes it. */
static uint64_t add_tick(struct history *history, uint32_t slots)
{
    uint64_t seq = history_begin(history);
    const struct tick tick = tick_of(seq);

    history_extend(history, slots);
    for (uint32_t slot = 0; slot < slots; slot++)
        set(history, slot, (double)seq + slot / 2.0);
    history_commit(history, &tick);
    ck_assert(history_publish(history, seq));
    return seq;
}

static void expect_tick(const struct history *history, uint64_t seq)
{
    const struct tick wanted = tick_of(seq);
    struct tick tick;

    ck_assert_int_eq(history_read_tick(history, seq, &tick), 0);
    ck_assert_uint_eq(tick.seq, wanted.seq);
    ck_assert_int_eq(tick.time_ms, wanted.time_ms);
    ck_assert_int_eq(tick.mono_ns, wanted.mono_ns);
    ck_assert_uint_eq(tick.flags, wanted.flags);
    ck_assert_uint_eq(tick.catalog_version, wanted.catalog_version);
}

static void expect_no_tick(const struct history *history, uint64_t seq)
{
    struct tick tick = {.seq = 99};
    uint64_t words[MAX_SERIES];
    uint32_t slots = 98;

    ck_assert_int_eq(history_read_tick(history, seq, &tick), -ENODATA);
    ck_assert_int_eq(history_read_row(history, seq, &tick, words, &slots), -ENODATA);
    ck_assert_uint_eq(tick.seq, 99);
    ck_assert_uint_eq(slots, 98);
}

START_TEST(an_empty_history_has_nothing)
{
    struct history *history = make_history();

    ck_assert_uint_eq(history_last(history), 0);
    ck_assert_uint_eq(history_first(history), 1);
    ck_assert_uint_eq(history_used_bytes(history), 0);
    expect_no_tick(history, 0);
    expect_no_tick(history, 1);
    expect_no_tick(history, HISTORY_HEAD_TICKS);
    expect_no_tick(history, UINT64_MAX);
    history_free(history);
    history_free(NULL);
}
END_TEST

START_TEST(the_epoch_is_sixteen_digits_made_at_random)
{
    struct history *one = make_history(), *other = make_history();

    ck_assert_uint_eq(strlen(history_epoch(one)), HISTORY_EPOCH_CHARS);
    ck_assert_uint_eq(strspn(history_epoch(one), "0123456789abcdef"), HISTORY_EPOCH_CHARS);
    ck_assert_str_ne(history_epoch(one), history_epoch(other));
    history_free(one);
    history_free(other);
}
END_TEST

START_TEST(a_tick_is_visible_when_it_is_published)
{
    struct history *history = make_history();
    uint64_t seq = history_begin(history);
    struct tick tick = tick_of(seq);

    ck_assert_uint_eq(seq, 1);
    expect_no_tick(history, 1);
    history_commit(history, &tick);
    expect_no_tick(history, 1);
    ck_assert_uint_eq(history_last(history), 0);
    /* A second one is committed before the first is safe. */
    ck_assert_uint_eq(history_begin(history), 2);
    tick = tick_of(2);
    history_commit(history, &tick);
    ck_assert(history_publish(history, 1));
    ck_assert(!history_publish(history, 1));
    expect_tick(history, 1);
    expect_no_tick(history, 2);
    ck_assert(history_publish(history, 2));
    ck_assert(!history_publish(history, 1));
    ck_assert_uint_eq(history_last(history), 2);
    expect_tick(history, 2);
    history_free(history);
}
END_TEST

START_TEST(a_row_has_the_words_that_were_set)
{
    struct history *history = make_history();
    uint64_t words[MAX_SERIES], seq = history_begin(history);
    struct tick tick = tick_of(seq);
    uint32_t slots;

    history_extend(history, 5);
    set(history, 1, 1.25);
    set(history, 4, NAN);
    history_extend(history, 3); /* never shorter */
    history_extend(history, 7); /* nor are former words lost */
    set(history, 6, -3);
    history_commit(history, &tick);
    history_publish(history, seq);
    ck_assert_int_eq(history_read_row(history, seq, &tick, words, &slots), 0);
    ck_assert_uint_eq(slots, 7);
    expect_absent(words[0]);
    expect_number(words[1], 1.25);
    expect_absent(words[2]);
    expect_absent(words[3]);
    ck_assert_uint_eq(words[4], SAMPLE_NAN);
    expect_absent(words[5]);
    expect_number(words[6], -3);
    history_free(history);
}
END_TEST

START_TEST(rows_are_bounded_by_the_limit_on_series)
{
    struct history *history = make_history();
    uint64_t words[MAX_SERIES], seq = history_begin(history);
    struct tick tick = tick_of(seq);
    uint32_t slots;

    history_extend(history, MAX_SERIES + 1000);
    history_commit(history, &tick);
    history_publish(history, seq);
    ck_assert_int_eq(history_read_row(history, seq, &tick, words, &slots), 0);
    ck_assert_uint_eq(slots, MAX_SERIES);
    expect_absent(words[MAX_SERIES - 1]);
    history_free(history);
}
END_TEST

/* A row takes the place of the one 512 ticks before it; nothing of that one may show through. */
START_TEST(the_place_of_an_old_row_is_absent_again)
{
    struct history *history = make_history();
    uint64_t words[MAX_SERIES], seq;
    struct tick tick;
    uint32_t slots;

    for (int i = 0; i < HISTORY_HEAD_TICKS; i++)
        add_tick(history, 20);
    seq = history_begin(history);
    tick = tick_of(seq);
    history_extend(history, 10);
    set(history, 3, 1);
    history_commit(history, &tick);
    history_publish(history, seq);
    ck_assert_int_eq(history_read_row(history, seq, &tick, words, &slots), 0);
    ck_assert_uint_eq(slots, 10);
    for (uint32_t slot = 0; slot < slots; slot++) {
        if (slot == 3)
            expect_number(words[slot], 1);
        else
            expect_absent(words[slot]);
    }
    /* The next one is longer than the one before, and than the one in whose place it is. */
    ck_assert_uint_eq(add_tick(history, 40), seq + 1);
    ck_assert_int_eq(history_read_row(history, seq + 1, &tick, words, &slots), 0);
    ck_assert_uint_eq(slots, 40);
    expect_number(words[39], (double)seq + 1 + 19.5);
    history_free(history);
}
END_TEST

START_TEST(first_and_last_go_on_over_the_wrap)
{
    struct history *history = make_history();

    for (uint64_t n = 1; n <= 1700; n++) {
        /* The place of the oldest of 512 rows is that of the row to come. */
        uint64_t first = n < HISTORY_HEAD_TICKS ? 1 : n - HISTORY_HEAD_TICKS + 2;

        ck_assert_uint_eq(add_tick(history, 2), n);
        ck_assert_uint_eq(history_last(history), n);
        ck_assert_uint_eq(history_first(history), first);
        expect_tick(history, first);
        expect_tick(history, n);
        if (n > HISTORY_HEAD_TICKS)
            expect_no_tick(history, n - HISTORY_HEAD_TICKS);
        expect_no_tick(history, n + 1);
    }
    /* While the next is being made, the first is still there and the one before is not. */
    ck_assert_uint_eq(history_begin(history), 1701);
    expect_tick(history, history_first(history));
    expect_no_tick(history, history_first(history) - 1);
    history_free(history);
}
END_TEST

START_TEST(a_column_is_one_series_over_ticks)
{
    struct history *history = make_history();
    const struct series third = {.id = 3, .slot = 2}, far = {.id = 4, .slot = 63};
    uint64_t words[8];

    for (uint32_t slots = 1; slots <= 6; slots++)
        add_tick(history, slots);
    history_read_column(history, &third, 0, 8, words);
    expect_absent(words[0]); /* there is no tick 0 */
    expect_absent(words[1]); /* rows of one and two slots */
    expect_absent(words[2]);
    for (uint64_t seq = 3; seq <= 6; seq++)
        expect_number(words[seq], (double)seq + 1);
    expect_absent(words[7]); /* not yet there */
    history_read_column(history, &far, 1, 6, words);
    for (size_t i = 0; i < 6; i++)
        expect_absent(words[i]);
    history_read_column(history, &far, 1, 0, NULL);
    history_free(history);
}
END_TEST

START_TEST(a_column_ends_where_rows_were_overwritten)
{
    struct history *history = make_history();
    const struct series series = {.id = 1, .slot = 0};
    uint64_t words[4];

    for (int i = 0; i < HISTORY_HEAD_TICKS + 2; i++)
        add_tick(history, 1);
    history_read_column(history, &series, 1, 4, words);
    expect_absent(words[0]);
    expect_absent(words[1]);
    expect_number(words[2], 3);
    expect_number(words[3], 4);
    history_free(history);
}
END_TEST

START_TEST(memory_is_counted_until_all_rows_were_used)
{
    struct history *history = make_history();
    const size_t row = 4096; /* five words of header and ten slots begin a page */

    add_tick(history, 10);
    ck_assert_uint_eq(history_used_bytes(history), row);
    for (int i = 1; i < HISTORY_HEAD_TICKS + 50; i++)
        add_tick(history, 10);
    ck_assert_uint_eq(history_used_bytes(history), HISTORY_HEAD_TICKS * row);
    history_free(history);
}
END_TEST

/*
 * Rows lie far apart, so that under transparent huge pages each would take 2 MiB: in smaps
 * (proc(5)) the flag "nh" says that the mapping has none. Kernels without them do not know the
 * flag.
 */
START_TEST(rows_take_no_huge_pages)
{
    struct history *history = make_history();
    /* In KiB: each row, with five words of header, takes whole pages. */
    unsigned long row = ((5 + MAX_SERIES) * 8 + HISTORY_TAIL_BYTES + 4095) / 4096 * 4;
    unsigned long block = row * HISTORY_BLOCK_TICKS, size = 0;
    FILE *smaps = fopen("/proc/self/smaps", "r");
    char line[512];
    size_t found = 0;

    ck_assert_ptr_nonnull(smaps);
    while (fgets(line, sizeof line, smaps)) {
        if (strncmp(line, "Size:", 5) == 0)
            size = strtoul(line + 5, NULL, 10);
        /* Two blocks beside each other are one mapping. */
        if (strncmp(line, "VmFlags:", 8) == 0 && (size == block || size == 2 * block) &&
            strstr(line, " nh"))
            found += size / block;
    }
    fclose(smaps);
    if (access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0)
        ck_assert_uint_ge(found, HISTORY_BLOCKS);
    history_free(history);
}
END_TEST

/* --- histograms --- */

static void expect_pair(struct histogram_pair pair, int16_t bucket, uint32_t increment)
{
    ck_assert_int_eq(pair.bucket, bucket);
    ck_assert_uint_eq(pair.increment, increment);
}

START_TEST(histograms_are_pairs_in_the_tail)
{
    static const struct histogram_pair one[] = {{INT16_MIN, 1}, {0, UINT32_MAX}, {INT16_MAX, 2}};
    static const struct histogram_pair other[] = {{-1, 5}};
    const struct series a = {.slot = 0}, b = {.slot = 1}, none = {.slot = 2}, empty = {.slot = 3};
    struct history *history = make_history();
    uint64_t seq = history_begin(history);
    struct tick tick = tick_of(seq);
    struct histogram_pair pairs[4] = {{7, 7}, {7, 7}, {7, 7}, {7, 7}};

    history_extend(history, 4);
    ck_assert_uint_eq(history_set_histogram(history, 0, one, 3), 0);
    ck_assert_uint_eq(history_set_histogram(history, 1, other, 1), 0);
    ck_assert_uint_eq(history_set_histogram(history, 3, NULL, 0), 0);
    /* Behind the row's words: nothing is kept. */
    ck_assert_uint_eq(history_set_histogram(history, 4, one, 3), 3);
    ck_assert_int_eq(history_read_histogram(history, &a, seq, pairs, 4), -ENODATA);
    history_commit(history, &tick);
    history_publish(history, seq);
    ck_assert_int_eq(history_read_histogram(history, &a, seq, pairs, 4), 3);
    expect_pair(pairs[0], INT16_MIN, 1);
    expect_pair(pairs[1], 0, UINT32_MAX);
    expect_pair(pairs[2], INT16_MAX, 2);
    expect_pair(pairs[3], 7, 7);
    ck_assert_int_eq(history_read_histogram(history, &b, seq, pairs, 4), 1);
    expect_pair(pairs[0], -1, 5);
    expect_pair(pairs[1], 0, UINT32_MAX);
    ck_assert_int_eq(history_read_histogram(history, &none, seq, pairs, 4), -ENODATA);
    ck_assert_int_eq(history_read_histogram(history, &empty, seq, pairs, 4), 0);
    ck_assert_int_eq(history_read_histogram(history, &a, seq + 1, pairs, 4), -ENODATA);
    /* Told how many there are even where there is no room for all. */
    ck_assert_int_eq(history_read_histogram(history, &a, seq, pairs, 1), 3);
    expect_pair(pairs[0], INT16_MIN, 1);
    expect_pair(pairs[1], 0, UINT32_MAX);
    history_free(history);
}
END_TEST

START_TEST(a_full_tail_drops_and_counts)
{
    enum { BATCH = 1000 };
    static struct histogram_pair batch[BATCH], pairs[BATCH];
    struct history *history = make_history();
    uint64_t seq = history_begin(history);
    struct tick tick = tick_of(seq);
    size_t dropped = 0;

    history_extend(history, 12);
    for (uint32_t slot = 0; slot < 10; slot++) {
        for (int i = 0; i < BATCH; i++)
            batch[i] = (struct histogram_pair){(int16_t)i, slot + 1};
        dropped += history_set_histogram(history, slot, batch, BATCH);
    }
    /* 65,536 bytes are 8,192 pairs of eight; the rest of 10,000 was dropped. */
    ck_assert_uint_eq(dropped, 10 * BATCH - TAIL_PAIRS);
    ck_assert_uint_eq(history_set_histogram(history, 10, batch, 2), 2);
    history_commit(history, &tick);
    history_publish(history, seq);
    ck_assert_int_eq(
        history_read_histogram(history, &(struct series){.slot = 7}, seq, pairs, BATCH), BATCH);
    expect_pair(pairs[BATCH - 1], BATCH - 1, 8);
    ck_assert_int_eq(
        history_read_histogram(history, &(struct series){.slot = 8}, seq, pairs, BATCH),
        TAIL_PAIRS - 8 * BATCH);
    expect_pair(pairs[191], 191, 9);
    ck_assert_int_eq(
        history_read_histogram(history, &(struct series){.slot = 9}, seq, pairs, BATCH), 0);
    ck_assert_int_eq(
        history_read_histogram(history, &(struct series){.slot = 10}, seq, pairs, BATCH), 0);
    /* The next row has a tail of its own. */
    seq = history_begin(history);
    tick = tick_of(seq);
    history_extend(history, 1);
    ck_assert_uint_eq(history_set_histogram(history, 0, batch, 2), 0);
    history_commit(history, &tick);
    history_publish(history, seq);
    ck_assert_int_eq(history_read_histogram(history, &(struct series){.slot = 0}, seq, pairs, 2),
                     2);
    expect_pair(pairs[0], 0, 10);
    history_free(history);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "history", an_empty_history_has_nothing, the_epoch_is_sixteen_digits_made_at_random,
        a_tick_is_visible_when_it_is_published, a_row_has_the_words_that_were_set,
        rows_are_bounded_by_the_limit_on_series, the_place_of_an_old_row_is_absent_again,
        first_and_last_go_on_over_the_wrap, a_column_is_one_series_over_ticks,
        a_column_ends_where_rows_were_overwritten, memory_is_counted_until_all_rows_were_used,
        rows_take_no_huge_pages, histograms_are_pairs_in_the_tail, a_full_tail_drops_and_counts);
}

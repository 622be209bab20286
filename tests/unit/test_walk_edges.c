#include "daemon/walk.h"

#include <errno.h>

#include "tests/unit/plain_walk.h"

static struct chronicle chronicle;

static int read_walk(const struct walk_query *query, struct walk *walk)
{
    return walk_read(chronicle.archive, chronicle.model.history, query, walk);
}

START_TEST(what_one_walk_gives_is_bounded)
{
    _Atomic bool cancelled = true;
    struct walk_query query;
    struct walk walk;

    chronicle_make(&chronicle, 1, false, 0);
    chronicle_go_on(&chronicle, 1000, 0);
    query = walk_query_of(&chronicle, chronicle.ticks[0].time_ms, INT64_MAX, 10000);
    query.wanted[AGGREGATE_MIN] = query.wanted[AGGREGATE_MAX] = false;
    ck_assert_int_eq(read_walk(&query, &walk), 0);
    query.value_max =
        walk.bucket_count * (CHRONICLE_SERIES * 2 + CHRONICLE_HISTOGRAMS * PLAIN_WALK_QUANTILES);
    walk_finish(&walk);
    ck_assert_int_eq(read_walk(&query, &walk), 0);
    walk_finish(&walk);
    query.value_max--;
    ck_assert_int_eq(read_walk(&query, &walk), -E2BIG);
    query.value_max = 1000000;
    /* Histograms are wide alike, but for one whose values may be anything. */
    query.width_max = 1000;
    ck_assert_int_eq(read_walk(&query, &walk), -EFBIG);
    query.step_ms = MINUTE_MS;
    ck_assert_int_eq(read_walk(&query, &walk), -EFBIG);
    query.every_tick = true;
    ck_assert_int_eq(read_walk(&query, &walk), -EFBIG);
    query.every_tick = false;
    query.quantile_count = 0;
    ck_assert_int_eq(read_walk(&query, &walk), 0);
    walk_finish(&walk);
    query.quantile_count = PLAIN_WALK_QUANTILES;
    query.width_max = CHRONICLE_HISTOGRAMS * (UINT16_MAX + 100);
    query.step_ms = 10000;
    query.cancelled = &cancelled;
    ck_assert_int_eq(read_walk(&query, &walk), -ECANCELED);
    query.step_ms = MINUTE_MS;
    ck_assert_int_eq(read_walk(&query, &walk), -ECANCELED);
    cancelled = false;
    ck_assert_int_eq(read_walk(&query, &walk), 0);
    ck_assert_uint_ge(walk.bucket_count, 16);
    walk_finish(&walk);
    chronicle_remove(&chronicle);
}
END_TEST

START_TEST(without_ticks_there_is_nothing)
{
    struct walk_query query;
    struct walk walk;

    chronicle_make(&chronicle, 1, false, 0);
    query = walk_query_of(&chronicle, 0, INT64_MAX, 1000);
    for (int i = 0; i < 2; i++, query.step_ms = MINUTE_MS, query.series_count = 0) {
        ck_assert_int_eq(read_walk(&query, &walk), 0);
        ck_assert_uint_eq(walk.bucket_count, 0);
        ck_assert_uint_eq(walk.last_seq, 0);
        walk_finish(&walk);
    }
    ck_assert_int_eq(walk_finest_step(chronicle.archive, chronicle.model.history, 0), 0);
    chronicle_remove(&chronicle);
}
END_TEST

/* Damages the bytes of the segment with this tick: all of them, or one of this series. */
static void damage(enum archive_part part, uint64_t seq, const struct series *series)
{
    struct archive_list list;

    ck_assert_int_eq(archive_list(chronicle.archive, part, &list), 0);
    for (size_t i = 0; i < list.count; i++) {
        const struct segment *segment;
        struct archived archived;
        char *data;

        if (list.entries[i]->first_seq > seq || seq > list.entries[i]->last_seq)
            continue;
        ck_assert_int_eq(archive_open(chronicle.archive, list.entries[i], &archived), 0);
        segment = &archived.segment;
        data = (char *)(uintptr_t)segment->source.data;
        if (series)
            data[segment->offsets[segment_find(segment, series->stored_id)]] ^= 1;
        else
            memset(data, 0xee, list.entries[i]->size);
        archived_finish(&archived);
    }
    archive_list_finish(&list);
}

START_TEST(a_damaged_segment_is_a_gap)
{
    struct walk_query query;

    chronicle_make(&chronicle, 3, false, 0);
    chronicle_go_on(&chronicle, 2000, 0);
    damage(ARCHIVE_SECONDS, 600, NULL);
    for (size_t i = 0; i < chronicle.count; i++)
        chronicle.lost[i] = chronicle.ticks[i].seq / HISTORY_BLOCK_TICKS == 2;
    query = walk_query_of(&chronicle, 0, INT64_MAX, 10000);
    check_walk(&chronicle, &query, 0, false);
    chronicle_remove(&chronicle);
}
END_TEST

static void lose(enum chronicle_series series, size_t tick)
{
    if (series < CHRONICLE_NUMBERS)
        chronicle.words[series][tick] = SAMPLE_ABSENT;
    else
        chronicle.histograms[series - CHRONICLE_NUMBERS][tick].count = SEGMENT_NO_PAIRS;
}

/* The archive may take it for a gap as a whole, from then on. */
START_TEST(a_damaged_series_is_a_gap_of_its_own)
{
    static const enum chronicle_series damaged[] = {SLOW_GAUGE, STEADY_TIMER, ODD_TIMER};

    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct walk_query query;

        chronicle_make(&chronicle, 3, false, 0);
        chronicle_go_on(&chronicle, 2000, 0);
        damage(ARCHIVE_SECONDS, 600, chronicle.series[damaged[i]]);
        for (size_t k = 0; k < chronicle.count; k++) {
            if (chronicle.ticks[k].seq / HISTORY_BLOCK_TICKS == 2)
                lose(damaged[i], k);
        }
        query = walk_query_of(&chronicle, 0, INT64_MAX, 10000);
        check_walk(&chronicle, &query, 0, false);
        ck_assert_uint_eq(archive_damaged(chronicle.archive), 1);
        chronicle_remove(&chronicle);
    }
}
END_TEST

/* The other of ticks and minutes is there, and as good. */
START_TEST(damaged_minutes_are_made_of_ticks)
{
    struct walk_query query;

    chronicle_make(&chronicle, 4, true, 0);
    chronicle_go_on(&chronicle, 2000, 0);
    damage(ARCHIVE_MINUTES, 600, NULL);
    damage(ARCHIVE_MINUTES, 1600, NULL);
    damage(ARCHIVE_SECONDS, 1000, NULL);
    query = walk_query_of(&chronicle, 0, INT64_MAX, MINUTE_MS);
    check_walk(&chronicle, &query, 0, true);
    chronicle_remove(&chronicle);
}
END_TEST

static double mean_rate(const struct walk *ticks, size_t series)
{
    double sum = 0;

    for (size_t i = 0; i < ticks->bucket_count; i++)
        sum += sample_value(walk_word(ticks, series, i, AGGREGATE_AVG));
    return sum / (double)ticks->bucket_count;
}

START_TEST(minutes_know_less_of_the_last)
{
    struct walk_query query;
    struct walk ticks, minutes;
    int64_t from_ms;

    chronicle_make(&chronicle, 5, false, 0);
    chronicle_go_on(&chronicle, 3000, 0);
    from_ms = chronicle.ticks[1000].time_ms;
    from_ms -= from_ms % (10 * MINUTE_MS);
    query = walk_query_of(&chronicle, from_ms, from_ms + 10 * MINUTE_MS, 10 * MINUTE_MS);
    ck_assert_int_eq(read_walk(&query, &minutes), 0);
    ck_assert_uint_eq(minutes.bucket_count, 1);
    /* The mean of its last minute, nearly: each tick covers a second, not to the millisecond. */
    query.from_ms = query.to_ms - MINUTE_MS;
    query.step_ms = 1000;
    ck_assert_int_eq(read_walk(&query, &ticks), 0);
    ck_assert_double_eq_tol(sample_value(walk_word(&minutes, STEADY_TOTAL, 0, AGGREGATE_LAST)),
                            mean_rate(&ticks, STEADY_TOTAL), 30);
    expect_close(walk_word(&minutes, STEADY_GAUGE, 0, AGGREGATE_LAST),
                 walk_word(&ticks, STEADY_GAUGE, ticks.bucket_count - 1, AGGREGATE_LAST), 0, "last",
                 0, 0);
    walk_finish(&minutes);
    walk_finish(&ticks);
    chronicle_remove(&chronicle);
}
END_TEST

START_TEST(of_raw_counters_minutes_have_the_last)
{
    struct walk_query query;
    struct walk walk;
    chronicle_make(&chronicle, 6, false, 2);
    chronicle_go_on(&chronicle, 3000, 0);
    query = walk_query_of(&chronicle, 0, INT64_MAX, 5 * MINUTE_MS);
    query.raw = true;
    /* Ticks have all of it. */
    check_walk(&chronicle, &query, 0, false);
    chronicle_drop(&chronicle, 8 * HISTORY_BLOCK_TICKS);
    ck_assert_int_eq(read_walk(&query, &walk), 0);
    for (size_t i = chronicle.count; i-- > 0;) {
        /* The last tick of the second bucket. */
        if (chronicle.ticks[i].time_ms >= walk.time_ms[2])
            continue;
        expect_absent(walk_word(&walk, STEADY_TOTAL, 1, AGGREGATE_AVG));
        expect_absent(walk_word(&walk, STEADY_TOTAL, 1, AGGREGATE_MAX));
        ck_assert_uint_eq(walk_word(&walk, STEADY_TOTAL, 1, AGGREGATE_LAST),
                          chronicle.words[STEADY_TOTAL][i]);
        break;
    }
    ck_assert_uint_ne(walk_word(&walk, STEADY_GAUGE, 1, AGGREGATE_AVG), SAMPLE_ABSENT);
    walk_finish(&walk);
    chronicle_remove(&chronicle);
}
END_TEST

START_TEST(the_finest_step_is_that_of_what_is_left)
{
    const struct history *history;
    int64_t oldest_ms;

    chronicle_make(&chronicle, 8, false, 0);
    chronicle_go_on(&chronicle, 3000, 0);
    history = chronicle.model.history;
    ck_assert_int_eq(walk_finest_step(chronicle.archive, history, 0), 0);
    chronicle_drop(&chronicle, 4 * HISTORY_BLOCK_TICKS);
    oldest_ms = chronicle.ticks[4 * HISTORY_BLOCK_TICKS - 1].time_ms;
    ck_assert_int_eq(walk_finest_step(chronicle.archive, history, oldest_ms), 0);
    ck_assert_int_eq(walk_finest_step(chronicle.archive, history, oldest_ms - 1), MINUTE_MS);
    chronicle_remove(&chronicle);
}
END_TEST

START_TEST(minutes_are_marked_at_their_start)
{
    struct walk_query query;
    struct walk ticks, minutes;
    size_t at = 0;

    chronicle_make(&chronicle, 9, true, 0);
    chronicle_go_on(&chronicle, 2048, 0);
    query = walk_query_of(&chronicle, 0, INT64_MAX, 1000);
    ck_assert_int_eq(read_walk(&query, &ticks), 0);
    query.step_ms = MINUTE_MS;
    ck_assert_int_eq(read_walk(&query, &minutes), 0);
    ck_assert_uint_gt(minutes.mark_count, 5);
    /* Each flag of a tick is one of the mark before the tick that is nearest to it. */
    for (size_t i = 0; i < ticks.mark_count; i++) {
        while (at + 1 < minutes.mark_count && minutes.marks[at + 1].seq <= ticks.marks[i].seq)
            at++;
        ck_assert_uint_eq(ticks.marks[i].flags & ~minutes.marks[at].flags, 0);
        ck_assert_uint_eq(minutes.marks[at].flags & MINUTE_SET_BACK, 0);
    }
    walk_finish(&minutes);
    walk_finish(&ticks);
    chronicle_remove(&chronicle);
}
END_TEST

int main(void)
{
    return RUN_TESTS("walk_edges", what_one_walk_gives_is_bounded, without_ticks_there_is_nothing,
                     a_damaged_segment_is_a_gap, a_damaged_series_is_a_gap_of_its_own,
                     damaged_minutes_are_made_of_ticks, minutes_know_less_of_the_last,
                     of_raw_counters_minutes_have_the_last, the_finest_step_is_that_of_what_is_left,
                     minutes_are_marked_at_their_start);
}

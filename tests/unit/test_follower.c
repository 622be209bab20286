#include "daemon/follower.h"

#include "tests/unit/model.h"

struct bench {
    struct model model;
    struct follower follower;
    double total; /* of count_total, which grows by 3 a tick */
};

static void bench_make(struct bench *bench)
{
    bench->total = 1000;
    model_make(&bench->model, 8);
    ck_assert_int_eq(follower_init(&bench->follower, bench->model.history, bench->model.table, 8,
                                   MODEL_INTERVAL_MS),
                     0);
}

static void bench_remove(struct bench *bench)
{
    follower_finish(&bench->follower);
    model_remove(&bench->model);
}

static void add_tick(struct bench *bench)
{
    bench->total += 3;
    model_begin(&bench->model, MODEL_INTERVAL_MS, 0);
    model_put(&bench->model, "count_total", "", bench->total);
    model_end(&bench->model);
}

static const struct present_value *value_of(const struct bench *bench)
{
    const struct series *series = find_series(bench->follower.catalog, "count_total", "");

    ck_assert_ptr_nonnull(series);
    return present_of(&bench->follower.present, series);
}

START_TEST(without_ticks_there_is_nothing_to_follow)
{
    struct bench bench;

    bench_make(&bench);
    ck_assert(!follower_advance(&bench.follower));
    ck_assert_uint_eq(bench.follower.present.tick.seq, 0);
    ck_assert_uint_eq(bench.follower.catalog->count, 0);
    bench_remove(&bench);
}
END_TEST

START_TEST(each_tick_is_taken_once_in_order)
{
    struct bench bench;

    bench_make(&bench);
    for (int i = 0; i < 5; i++)
        add_tick(&bench);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        ck_assert(follower_advance(&bench.follower));
        ck_assert_uint_eq(bench.follower.present.tick.seq, seq);
        expect_number(value_of(&bench)->word, 1000 + 3.0 * (double)seq);
        if (seq > 1)
            expect_number(value_of(&bench)->rate, 3);
    }
    ck_assert(!follower_advance(&bench.follower));
    add_tick(&bench);
    ck_assert(follower_advance(&bench.follower));
    ck_assert(!follower_advance(&bench.follower));
    bench_remove(&bench);
}
END_TEST

START_TEST(ticks_committed_but_not_published_wait)
{
    struct bench bench;
    uint64_t seq;

    bench_make(&bench);
    add_tick(&bench);
    ck_assert(follower_advance(&bench.follower));
    seq = history_begin(bench.model.history);
    history_commit(bench.model.history, &(struct tick){.seq = seq, .mono_ns = 1});
    ck_assert(!follower_advance(&bench.follower));
    history_publish(bench.model.history, seq);
    ck_assert(follower_advance(&bench.follower));
    ck_assert_uint_eq(bench.follower.present.tick.seq, 2);
    bench_remove(&bench);
}
END_TEST

START_TEST(the_catalog_is_taken_when_a_tick_needs_it)
{
    struct bench bench;
    struct catalog *first;

    bench_make(&bench);
    add_tick(&bench);
    ck_assert(follower_advance(&bench.follower));
    first = bench.follower.catalog;
    ck_assert_uint_eq(first->count, 1);
    add_tick(&bench);
    ck_assert(follower_advance(&bench.follower));
    ck_assert_ptr_eq(bench.follower.catalog, first);
    model_begin(&bench.model, MODEL_INTERVAL_MS, 0);
    model_put(&bench.model, "new", "", 5);
    model_end(&bench.model);
    ck_assert(follower_advance(&bench.follower));
    ck_assert_uint_eq(bench.follower.catalog->count, 2);
    expect_number(
        present_shown(&bench.follower.present, find_series(bench.follower.catalog, "new", "")), 5);
    bench_remove(&bench);
}
END_TEST

START_TEST(who_starts_late_begins_with_the_oldest)
{
    struct bench bench;

    bench_make(&bench);
    for (int i = 0; i < 1000; i++)
        add_tick(&bench);
    ck_assert(follower_advance(&bench.follower));
    ck_assert_uint_eq(bench.follower.present.tick.seq, 1000 - HISTORY_HEAD_TICKS + 2);
    ck_assert(follower_advance(&bench.follower));
    expect_number(value_of(&bench)->rate, 3);
    while (follower_advance(&bench.follower))
        ;
    ck_assert_uint_eq(bench.follower.present.tick.seq, 1000);
    bench_remove(&bench);
}
END_TEST

START_TEST(who_slept_jumps_over_what_was_lost)
{
    struct bench bench;

    bench_make(&bench);
    add_tick(&bench);
    add_tick(&bench);
    follower_advance(&bench.follower);
    follower_advance(&bench.follower);
    expect_number(value_of(&bench)->rate, 3);
    for (int i = 0; i < 700; i++)
        add_tick(&bench);
    ck_assert(follower_advance(&bench.follower));
    ck_assert_uint_eq(bench.follower.present.tick.seq, 702 - HISTORY_HEAD_TICKS + 2);
    /* What happened meanwhile is not known: the source may have begun anew. */
    expect_absent(value_of(&bench)->rate);
    ck_assert(follower_advance(&bench.follower));
    expect_number(value_of(&bench)->rate, 3);
    bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("follower", without_ticks_there_is_nothing_to_follow,
                     each_tick_is_taken_once_in_order, ticks_committed_but_not_published_wait,
                     the_catalog_is_taken_when_a_tick_needs_it,
                     who_starts_late_begins_with_the_oldest, who_slept_jumps_over_what_was_lost);
}
